import type { KillValues } from '../../src/admin/killSwitch.js'
import { deviceText, placeText } from '../../src/devices/words.js'
import type { KillPreview } from '../../src/sessions/killSwitch.js'
import { MOST_COUNTED, type Session } from '../../src/sessions/types.js'
import { Button, ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { Checkbox, Field, PasswordField } from '../components/Field.js'
import { type Page, usePage } from '../components/page.js'
import { boundText } from '../components/receiptWords.js'
import type { ToastProps } from '../components/Toast.js'
import { TypedName } from '../components/TypedToConfirm.js'
import { Layout } from '../layout.js'
import { countText, numberText } from '../words.js'
import { ActHeading } from './actHeading.js'

export type KillErrors = Partial<Record<'reason' | 'confirm' | 'password', string>>

interface KillSwitchProps {
  page: Page
  preview: KillPreview
  /** The viewer's own session, where it is among those that would end. */
  own: Session | undefined
  values: KillValues
  errors: KillErrors
  /** Within this it holds everywhere, ms. */
  boundMs: number
}

/** "Sign out everyone": what will happen, how many, who is left out; then the proof that it is meant. */
export function KillSwitchPage(props: KillSwitchProps) {
  const { page, preview } = props
  const title = titleOf(preview)
  const back = backTo(preview)
  return (
    <Layout
      page={page}
      nav="sessions"
      title={title}
      heading={<ActHeading from={[{ href: back, text: 'Sessions' }]} title={title} />}
      help="killSwitch"
    >
      <div class="columns">
        <div class="band">
          <WhatHappens {...props} />
          <LeftOut {...props} />
        </div>
        <KillForm {...props} />
      </div>
    </Layout>
  )
}

const isEveryone = ({ target }: KillPreview) => target.kind === 'everything'
const titleOf = (preview: KillPreview) =>
  isEveryone(preview) ? 'Sign out everyone' : `Sign out everyone in ${preview.target.name}`
const backTo = (preview: KillPreview) =>
  isEveryone(preview) ? '/admin/sessions' : `/admin/sessions?app=${preview.target.id}`

/** "10,000 or more sessions": no more were counted. */
export const counted = (n: number, atLeast: boolean, one: string, many?: string) =>
  atLeast ? `${numberText(n)} or more ${many ?? `${one}s`}` : countText(n, one, many)

function WhatHappens({ preview, boundMs }: KillSwitchProps) {
  const { sessions, people, atLeast, about, target } = preview
  const where = isEveryone(preview) ? 'in every app' : `in ${target.name}`
  return (
    <Card title={`${titleOf(preview)}?`} line>
      <p class="kill-count">
        Ends <strong>{about ? `about ${countText(about, 'session')}` : counted(sessions, atLeast, 'session')}</strong>
        {!atLeast && (
          <>
            {' '}
            of <strong>{countText(people, 'person', 'people')}</strong>
          </>
        )}{' '}
        {where}.
      </p>
      <ul class="bullets">
        <li>
          Every session {where} is refused from its next request on, at the latest {boundText(boundMs)} from now. So are
          sign-ins that are under way at that moment.
        </li>
        <li>Open pages, sockets and event streams are closed.</li>
        <li>
          It can’t be undone. Everyone can sign in again, and so can whoever knows their password: block the accounts
          and networks that should stay out.
        </li>
      </ul>
    </Card>
  )
}

function LeftOut({ preview, own }: KillSwitchProps) {
  return (
    <Card title="Left out" line>
      <ul class="bullets">
        {own && (
          <li>
            Your own session ({deviceText(own.device)}, {placeText(own.lastPlace)}), unless you tick “Also sign me out”.
          </li>
        )}
        {!isEveryone(preview) && <li>Sessions in other apps{own ? '' : ', yours here among them'}.</li>}
        <li>API keys: apps go on to start and check sessions.</li>
        <li>Blocks stay as they are.</li>
      </ul>
    </Card>
  )
}

function KillForm({ preview, own, values, errors }: KillSwitchProps) {
  const { viewer } = usePage()
  const { name, id } = preview.target
  return (
    <Card title="Confirm" line>
      <form method="post" action="/admin/kill-switch" class="stack">
        {!isEveryone(preview) && <input type="hidden" name="app" value={id ?? ''} />}
        <input type="email" name="email" value={viewer?.email ?? ''} autocomplete="username" hidden />
        <Field
          name="reason"
          label="Reason"
          required
          maxlength={500}
          autocomplete="off"
          value={values.reason}
          error={errors.reason}
          hint="For the audit log; people are not told."
        />
        <TypedName name={name} value={values.confirm} error={errors.confirm} />
        {own && (
          <Checkbox
            name="also_me"
            checked={values.also_me === 'on'}
            label="Also sign me out"
            hint="You sign in again as everyone else does."
          />
        )}
        <PasswordField
          name="password"
          label="Your password"
          autocomplete="current-password"
          error={errors.password}
          hint="Once more, so that it is you and not somebody at your desk."
        />
        <div class="act-foot">
          <ButtonLink href={backTo(preview)} size="large">
            Cancel
          </ButtonLink>
          <Button variant="danger-solid" size="large" icon="log-out">
            {titleOf(preview)}
          </Button>
        </div>
      </form>
    </Card>
  )
}

/** On the page of a list that an owner may end as a whole. */
export function KillSwitchLink({ app }: { app: { id: string; name: string } | undefined }) {
  return (
    <ButtonLink variant="danger" icon="log-out" href={`/admin/kill-switch${app ? `?app=${app.id}` : ''}`}>
      Sign out everyone{app ? ` in ${app.name}` : ''}…
    </ButtonLink>
  )
}

export function killedToast(preview: KillPreview, ended: number): ToastProps {
  const { name } = preview.target
  return {
    tone: 'green',
    title: isEveryone(preview) ? 'Everyone is signed out' : `Everyone is signed out of ${name.slice(0, 120)}`,
    text: `${counted(ended, ended >= MOST_COUNTED, 'session')} ended. People can sign in again.`,
  }
}
