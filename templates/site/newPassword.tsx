import type { Account } from '../../src/accounts/types.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'
import { ChoosePassword } from './choosePassword.js'

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
      <ChoosePassword {...{ account, token, returnTo, problem }} action="/new-password" />
      <p class="plain-foot">The present one can’t be kept. You have 15 minutes; after that, sign in once more.</p>
    </PlainLayout>
  )
}
