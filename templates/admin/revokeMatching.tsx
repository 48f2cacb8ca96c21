import type { Child } from 'hono/jsx'
import type { MatchingQuery, MatchingValues } from '../../src/admin/sessionsMatching.js'
import { deviceText, placeText } from '../../src/devices/words.js'
import type { Job } from '../../src/sessions/many/jobs.js'
import type { MatchingPreview } from '../../src/sessions/many/previewMatching.js'
import { ButtonLink } from '../components/Button.js'
import { Notice, NotWhole } from '../components/Card.js'
import { DialogContent, DialogForm } from '../components/Dialog.js'
import { Checkbox, Field } from '../components/Field.js'
import { type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import type { ToastProps } from '../components/Toast.js'
import { TypedNumber } from '../components/TypedToConfirm.js'
import { Layout } from '../layout.js'
import { countText, numberText } from '../words.js'
import { ActHeading } from './actHeading.js'
import { endedNothing, nobodyLeft } from './job.js'
import { sessionsPath } from './sessionsQuery.js'

export type MatchingErrors = Partial<Record<'typed' | 'reason' | 'form', string>>

interface MatchingProps {
  page: Page
  query: MatchingQuery
  preview: MatchingPreview
  values: MatchingValues
  errors: MatchingErrors
  /** More sessions than this are typed as a number. */
  typedAbove: number
}

const FROM = [{ href: '/admin/sessions', text: 'Sessions' }]
const TITLE = 'Sign out all that match'

/** "Sign out 1,240 sessions?": of whom, and what happens, before it is done. */
export function RevokeMatchingPage(props: MatchingProps) {
  const { page, query, preview, values, errors, typedAbove } = props
  const { sessions, people, what } = preview
  const list = sessionsPath(query)
  return (
    <Layout page={page} nav="sessions" title={TITLE} heading={<ActHeading from={FROM} title={TITLE} />}>
      {sessions === 0 ? (
        <NothingMatches {...props} />
      ) : (
        <DialogForm
          title={`Sign out ${countText(sessions, 'session')}?`}
          lead={
            <>
              All that match <strong class="wrap">{what}</strong> now, of {countText(people, 'person', 'people')}. They
              are refused from their next request on. They can sign in again; block accounts or the network if they
              should not.
            </>
          }
          action="/admin/sessions/revoke-matching"
          cancel={list}
          hidden={{ ...filled(query), previewed: String(sessions) }}
          submit={{ variant: 'danger-solid', icon: 'log-out', text: `Sign out ${countText(sessions, 'session')}` }}
        >
          {errors.form && (
            <Notice tone="red" icon="circle-alert">
              {errors.form}
            </Notice>
          )}
          {preview.notice && <NotWhole>{preview.notice}</NotWhole>}
          <First {...props} />
          <LeftAlone preview={preview} />
          <Field
            label="Reason"
            name="reason"
            required
            maxlength={500}
            autocomplete="off"
            value={values.reason}
            error={errors.reason}
            hint="For the audit log; people are not told."
          />
          {sessions > typedAbove && <TypedNumber number={sessions} value={values.typed} error={errors.typed} />}
          {preview.own && (
            <Checkbox
              name="also_me"
              checked={values.also_me === 'on'}
              label="Also sign me out"
              hint="Your own session matches, and is left alone otherwise."
            />
          )}
        </DialogForm>
      )}
    </Layout>
  )
}

const filled = (query: MatchingQuery): Record<string, string> =>
  Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value ? [[name, String(value)]] : [])))

function First({ preview: { first, sessions } }: MatchingProps) {
  return (
    <ul class="plain-list" aria-label="The newest of them">
      {first.map(({ account, device, lastPlace }) => (
        <li class="wrap">
          <strong>{account.name}</strong> · {deviceText(device)} · {placeText(lastPlace)}
        </li>
      ))}
      {sessions > first.length && <li class="muted">and {numberText(sessions - first.length)} more</li>}
    </ul>
  )
}

function LeftAlone({ preview: { refused } }: { preview: MatchingPreview }) {
  if (refused === 0) return null
  return (
    <p class="muted">
      {countText(refused, 'session')} of owners match too and are left alone: only an owner can sign out an owner.
    </p>
  )
}

function NothingMatches({ query, preview: { what, own } }: MatchingProps) {
  return (
    <Asked
      title="Nobody to sign out"
      actions={<ButtonLink href={sessionsPath(query)}>Back to the list</ButtonLink>}
      text={
        own
          ? `Nothing but your own session matches ${what}.`
          : `No live session matches ${what}. Take a filter off to find more.`
      }
    />
  )
}

/** No filter, or an app alone: everyone is never what is left when a filter is forgotten. */
export function EveryonePage({ page, app }: { page: Page; app: string | undefined }) {
  return (
    <Layout page={page} nav="sessions" title={TITLE} heading={<ActHeading from={FROM} title={TITLE} />}>
      <Asked
        title="This would be everyone"
        text="Narrow the list down by a person, a network, a country, a device or how they signed in. Signing out everyone is an act of its own, for owners."
        actions={<EveryoneLink app={app} />}
      />
    </Layout>
  )
}

function EveryoneLink({ app }: { app: string | undefined }) {
  const { can } = usePage()
  return (
    <>
      <ButtonLink href="/admin/sessions">Back to the list</ButtonLink>
      {can.own && (
        <ButtonLink icon="log-out" href={`/admin/kill-switch${app ? `?app=${app}` : ''}`}>
          Sign out everyone…
        </ButtonLink>
      )}
    </>
  )
}

function Asked({ title, text, actions }: { title: string; text: string; actions: Child }) {
  return (
    <div class="dialog-page">
      <DialogContent>
        <EmptyState icon="log-out" title={title} actions={actions}>
          {text}
        </EmptyState>
      </DialogContent>
    </div>
  )
}

export function matchingToast(job: Job): ToastProps {
  const { what, set, marked, state } = job
  if (endedNothing(job)) return { tone: 'amber', title: 'Nobody was signed out', text: nobodyLeft(job) }
  const n = state === 'done' ? marked : (set?.total ?? 0) - (set?.gone ?? 0)
  const { gone = 0, goneBefore } = set ?? {}
  const before = goneBefore ?? 0
  const text = [
    `All that matched ${what.slice(0, 200)}. They can sign in again.`,
    before > gone
      ? `At least ${countText(before, 'other')} of the preview had ended already.`
      : gone > 0 && `${countText(gone, 'other')} had ended already.`,
    set && set.refused > 0 && `${countText(set.refused, 'session')} of owners left alone.`,
  ]
  return {
    tone: set && set.refused > 0 ? 'amber' : 'green',
    title: `${countText(n, 'session')} signed out`,
    text: text.filter(Boolean).join(' '),
  }
}
