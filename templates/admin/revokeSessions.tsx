import { deviceText, placeText } from '../../src/devices/words.js'
import type { Session } from '../../src/sessions/types.js'
import { ButtonLink } from '../components/Button.js'
import { DialogContent, DialogForm } from '../components/Dialog.js'
import { Field } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import type { ToastProps } from '../components/Toast.js'
import { Layout } from '../layout.js'
import { countText } from '../words.js'

const NAMED = 8

interface RevokeSessionsProps {
  page: Page
  /** What was selected; those that have ended since are among them. */
  sessions: Session[]
  returnTo: string
}

/** "Sign out 3 sessions?": who that is, before it is done. */
export function RevokeSessionsPage({ page, sessions, returnTo }: RevokeSessionsProps) {
  const live = sessions.filter((session) => session.state === 'live')
  const own = live.find((session) => session.id === page.viewer?.sessionId)
  const people = new Set(live.map((session) => session.account.id)).size
  const what = countText(live.length, 'session')
  return (
    <Layout page={page} nav="sessions" title={`Sign out ${what}`}>
      {live.length === 0 ? (
        <div class="dialog-page">
          <DialogContent>
            <EmptyState
              icon="log-out"
              title="Nothing to sign out"
              actions={<ButtonLink href={returnTo}>Back to the list</ButtonLink>}
            >
              No live session is selected. Tick some in the list; those that have ended already need nothing.
            </EmptyState>
          </DialogContent>
        </div>
      ) : (
        <DialogForm
          title={`Sign out ${what}?`}
          lead={`Of ${countText(people, 'person', 'people')}. They are refused from their next request on, and can sign in again.`}
          action="/admin/sessions/revoke"
          cancel={returnTo}
          submit={{ variant: 'danger-solid', icon: 'log-out', text: `Sign out ${what}` }}
          hidden={{ return_to: returnTo }}
        >
          {live.map((session) => (
            <input type="hidden" name="session" value={session.id} />
          ))}
          <ul class="plain-list">
            {live.slice(0, NAMED).map((session) => (
              <li class="wrap">
                <strong>{session.account.name}</strong> · {deviceText(session.device)} · {placeText(session.lastPlace)}
              </li>
            ))}
            {live.length > NAMED && <li class="muted">and {live.length - NAMED} more</li>}
          </ul>
          <Field label="Reason" name="reason" optional maxlength={500} />
          {own && (
            <label class="check">
              <input class="input" type="checkbox" name="also_me" value="on" />
              <span>Also sign me out. Your own session is among them and is left alone otherwise.</span>
            </label>
          )}
        </DialogForm>
      )}
    </Layout>
  )
}

interface Outcome {
  ended: readonly unknown[]
  gone: readonly unknown[]
  refused: readonly unknown[]
}

/** What was done, in the words of the person who did it. */
export function revokedToast({ ended, gone, refused }: Outcome, only?: Session): ToastProps {
  if (only) {
    const title = `${only.account.name} is signed out on ${deviceText(only.device)}`
    return { tone: 'green', title }
  }
  const rest = [
    gone.length > 0 && `${countText(gone.length, ended.length > 0 ? 'other' : 'session')} had ended already.`,
    refused.length > 0 &&
      `${countText(refused.length, 'session')} of owners left alone: only an owner can sign out an owner.`,
  ].filter(Boolean)
  return {
    tone: refused.length > 0 ? 'amber' : 'green',
    title: ended.length > 0 ? `${countText(ended.length, 'session')} signed out` : 'Nobody was signed out',
    text: rest.join(' ') || undefined,
  }
}
