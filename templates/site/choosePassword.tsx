import type { Account } from '../../src/accounts/types.js'
import { Button } from '../components/Button.js'
import { PasswordField } from '../components/Field.js'
import { Person } from '../components/Person.js'
import { PASSWORD_HINT } from './words.js'

interface ChoosePasswordProps {
  account: Account
  action: string
  /** Good for this form alone. */
  token: string
  returnTo?: string | undefined
  problem: string | undefined
}

/** For somebody who has no session yet: whose it is, and the password. */
export function ChoosePassword({ account, action, token, returnTo, problem }: ChoosePasswordProps) {
  return (
    <>
      <div class="card">
        <div class="card-body">
          <Person name={account.name} email={account.email} />
        </div>
      </div>
      <form method="post" action={action}>
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
    </>
  )
}
