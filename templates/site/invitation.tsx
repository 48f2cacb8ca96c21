import type { Account } from '../../src/accounts/types.js'
import { Button } from '../components/Button.js'
import { PasswordField } from '../components/Field.js'
import { Person } from '../components/Person.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'
import { momentText } from '../words.js'
import { PASSWORD_HINT } from './words.js'

interface InvitationProps {
  page: Page
  token: string
  account: Account
  expiresAt: Date
  problem?: string
}

/** For a first password, or a new one for who lost theirs. */
export function InvitationPage({ page, token, account, expiresAt, problem }: InvitationProps) {
  const heading = account.hasPassword ? 'Choose a new password' : 'Welcome to Rollcall'
  const lead = account.hasPassword
    ? 'You are signed out everywhere else once it is set.'
    : 'Choose a password to sign in with.'
  return (
    <PlainLayout page={page} title={heading} lead={lead}>
      <div class="card">
        <div class="card-body">
          <Person name={account.name} email={account.email} />
        </div>
      </div>
      <form method="post" action="/invitation">
        <input type="hidden" name="token" value={token} />
        <input type="email" name="email" value={account.email ?? ''} autocomplete="username" hidden />
        <PasswordField
          large
          name="password"
          label="New password"
          autocomplete="new-password"
          minlength={12}
          hint={PASSWORD_HINT}
          autofocus
          error={problem}
        />
        <Button variant="primary" size="form">
          Set password and sign in
        </Button>
      </form>
      <p class="plain-foot">
        This link works once, until{' '}
        <time datetime={expiresAt.toISOString()}>{momentText(expiresAt, page.now)} UTC</time>.
      </p>
    </PlainLayout>
  )
}
