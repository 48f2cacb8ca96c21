import type { IconName } from '../../src/assets/icons.js'
import type { EndReason } from '../../src/sessions/types.js'
import { Button } from '../components/Button.js'
import { Notice } from '../components/Card.js'
import { Field, PasswordField } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'
import { waitText } from './words.js'

export type SignInProblem =
  | { kind: 'no-email' | 'no-password' | 'wrong' | 'renewal-over' }
  | { kind: 'blocked'; message: string }
  | { kind: 'later'; retryAfterMs: number }

interface SignInProps {
  page: Page
  /** Whom to ask for help. */
  contact: string
  returnTo: string | undefined
  /** Why somebody is here who was signed in. */
  why?: EndReason | 'not-set-up' | undefined
  problem?: SignInProblem | undefined
  email?: string | undefined
}

export function SignInPage({ page, contact, returnTo, why, problem, email }: SignInProps) {
  const atEmail = problem?.kind === 'no-email' || !email
  const host = protectedHost(returnTo)
  return (
    <PlainLayout
      page={{ ...page, toast: undefined }}
      title="Sign in"
      heading="Sign in to Rollcall"
      lead={host && `Then you go on to ${host}.`}
    >
      {page.toast ? (
        <Notice icon="circle-check" title={page.toast.title} />
      ) : (
        why && <Why why={why} back={returnTo !== undefined} />
      )}
      {problem?.kind === 'blocked' && (
        <Notice tone="red" icon="ban" title="This account is blocked">
          <p class="muted">{problem.message}</p>
        </Notice>
      )}
      {problem?.kind === 'renewal-over' && (
        <Notice tone="amber" icon="clock" title="Sign in once more">
          <p class="muted">A new password is chosen within 15 minutes of signing in. Nothing was changed now.</p>
        </Notice>
      )}
      {problem?.kind === 'later' && (
        <Notice tone="amber" icon="clock" title="Too many attempts">
          <p class="muted">Try again in {waitText(problem.retryAfterMs)}. Your account is not locked.</p>
        </Notice>
      )}
      <form method="post" action="/sign-in">
        {returnTo && <input type="hidden" name="return_to" value={returnTo} />}
        <Field
          large
          name="email"
          label="E-mail"
          type="email"
          value={email}
          required
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          maxlength={254}
          autofocus={atEmail}
          error={problem?.kind === 'no-email' ? 'Enter your e-mail address.' : undefined}
        />
        <PasswordField
          large
          name="password"
          label="Password"
          autocomplete="current-password"
          autofocus={!atEmail}
          error={passwordError(problem)}
        />
        <Button variant="primary" size="form">
          Sign in
        </Button>
      </form>
      {problem?.kind !== 'blocked' && <p class="plain-foot">Can’t sign in? Contact {contact}.</p>}
    </PlainLayout>
  )
}

/** Who opened a page behind a proxy may never have heard of Rollcall. */
function protectedHost(returnTo = ''): string | undefined {
  return URL.canParse(returnTo) ? new URL(returnTo).host : undefined
}

function passwordError(problem: SignInProblem | undefined): string | undefined {
  if (problem?.kind === 'no-password') return 'Enter your password.'
  if (problem?.kind === 'wrong') return 'The e-mail address or the password is not right. Check both and try again.'
  return undefined
}

function Why({ why, back }: { why: NonNullable<SignInProps['why']>; back: boolean }) {
  const { title, text, icon } = WHY[why]
  const calm = icon !== undefined
  const next = back ? 'Sign in again to go back to where you were.' : 'Sign in again to go on.'
  return (
    <Notice {...(calm ? {} : { tone: 'amber' })} icon={icon ?? 'log-out'} title={title}>
      {(text || !calm) && <p class="muted">{text ?? next}</p>}
    </Notice>
  )
}

/** What an administrator wrote as the reason is not for the person; whether it was a block is said after a right password. One with an icon of its own is nothing to worry about. */
const WHY: Record<NonNullable<SignInProps['why']>, { title: string; text?: string; icon?: IconName }> = {
  revoked: { title: 'You were signed out by an administrator.' },
  blocked: { title: 'You were signed out by an administrator.' },
  'network-blocked': { title: 'You were signed out by an administrator.' },
  'kill-switch': { title: 'You were signed out by an administrator.' },
  'app-disabled': { title: 'You were signed out by an administrator.' },
  idle: { title: 'You were signed out because you were away for a while.' },
  expired: { title: 'You were signed out because you had been signed in for long enough.' },
  'password-changed': {
    title: 'You were signed out because your password was changed.',
    text: 'Sign in with the new one. If you did not change it, tell an administrator.',
  },
  'password-required': {
    title: 'You were signed out by an administrator.',
    text: 'Sign in again: you will be asked to choose a new password.',
  },
  'role-changed': { title: 'You were signed out because your role was changed.' },
  limit: {
    title: 'You were signed out because you are signed in on too many devices.',
    text: 'The one signed in for longest makes room. Sign in again to go on here.',
  },
  'signed-out-elsewhere': { title: 'You signed this device out from another one.' },
  'signed-out': { title: 'You are signed out.', icon: 'circle-check' },
  replaced: { title: 'This browser was signed in anew.', icon: 'info' },
  'not-set-up': {
    title: 'Rollcall is not set up yet.',
    text: 'Open the link that it printed when it started; it makes the first owner.',
    icon: 'info',
  },
}
