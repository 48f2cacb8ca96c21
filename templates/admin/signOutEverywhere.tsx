import type { Account } from '../../src/accounts/types.js'
import type { AccountPowers } from '../../src/admin/accountsMay.js'
import { deviceText, placeText } from '../../src/devices/words.js'
import type { Session } from '../../src/sessions/types.js'
import { Badge } from '../components/Badge.js'
import { DialogForm } from '../components/Dialog.js'
import { Checkbox, Field } from '../components/Field.js'
import { deviceIcon, Flag, Icon } from '../components/Icon.js'
import { type Page, usePage } from '../components/page.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { countText, numberText } from '../words.js'
import { AccountActHeading } from './actHeading.js'

/** More are counted. */
const NAMED = 6

interface SignOutEverywhereProps {
  page: Page
  account: Account
  /** Live ones. */
  sessions: Session[]
  powers: AccountPowers
  returnTo: string | undefined
}

/** "Sign out Priya Raman everywhere?": which sessions that ends, before it is done. */
export function SignOutEverywherePage({ page, account, sessions, powers, returnTo }: SignOutEverywhereProps) {
  const path = `/admin/accounts/${account.id}`
  const ending = powers.own ? sessions.filter((session) => session.id !== page.viewer?.sessionId) : sessions
  return (
    <Layout
      page={page}
      nav="accounts"
      title={`Sign out ${account.name} everywhere`}
      heading={<AccountActHeading account={account} title="Sign out everywhere" />}
    >
      <DialogForm
        title={powers.own ? 'Sign yourself out everywhere else?' : `Sign out ${account.name} everywhere?`}
        lead={
          <>
            Ends <strong>{countText(ending.length, 'session')}</strong> now, in every app. They can sign in again
            {!powers.own && '; block the account if they should not'}.
          </>
        }
        action={`${path}/revoke-sessions`}
        cancel={returnTo ?? path}
        hidden={returnTo ? { return_to: returnTo } : {}}
        submit={{ text: `Sign out ${countText(ending.length, 'session')}`, variant: 'danger-solid', icon: 'log-out' }}
      >
        {sessions.length > 0 && (
          <ul class="dialog-list" aria-label="Live sessions">
            {sessions.slice(0, NAMED).map((session) => (
              <SessionItem session={session} />
            ))}
            {sessions.length > NAMED && <li class="muted">and {numberText(sessions.length - NAMED)} more</li>}
          </ul>
        )}
        <Field
          name="reason"
          label="Reason"
          optional
          maxlength={500}
          autocomplete="off"
          hint="For the audit log; the person is not told."
        />
        {powers.own && <Checkbox name="also_me" label="Also sign me out here" />}
      </DialogForm>
    </Layout>
  )
}

function SessionItem({ session }: { session: Session }) {
  const { viewer } = usePage()
  const place = session.lastPlace
  return (
    <li>
      <Icon name={deviceIcon(session.device.type)} />
      <span class="clip">{deviceText(session.device)}</span>
      {viewer?.sessionId === session.id && (
        <Badge tone="indigo" inline>
          This is you
        </Badge>
      )}
      <span class="grow" />
      <Flag country={place.country} />
      <span class="muted clip">{placeText(place)}</span>
      <span class="muted">
        <Time at={session.lastSeenAt} />
      </span>
    </li>
  )
}
