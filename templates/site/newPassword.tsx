import type { Account } from '../../src/accounts/types.js'
import { Button } from '../components/Button.js'
import { PasswordField } from '../components/Field.js'
import { Person } from '../components/Person.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'
import { PASSWORD_HINT } from './words.js'

interface NewPasswordProps {
  page: Page
  account: Account
  /** Half-way: good for this form alone. */
  token: string
  returnTo: string | undefined
  problem?: string
}

/** Between the right password and the session: an administrator has asked for another one. */
export function NewPasswordPage({ page, account, token, returnTo, problem }: NewPasswordProps) {
  return (
    <PlainLayout
      page={page}
      title="Choose a new password"
      lead="An administrator has asked for a new one. You are not signed in until it is set."
    >
      <div class="card">
        <div class="card-body">
          <Person name={account.name} email={account.email} />
        </div>
      </div>
      <form method="post" action="/new-password">
        <input type="hidden" name="token" value={token} />
        {returnTo && <input type="hidden" name="return_to" value={returnTo} />}
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
      <p class="plain-foot">The present one can’t be kept. You have 15 minutes; after that, sign in once more.</p>
    </PlainLayout>
  )
}
