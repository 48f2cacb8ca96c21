import type { Account } from '../../src/accounts/types.js'
import { offsetText } from '../../src/http/zones.js'
import type { Page } from '../components/page.js'
import { PlainLayout } from '../layout.js'
import { momentText } from '../words.js'
import { ChoosePassword } from './choosePassword.js'

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
  const { zone } = page.look
  const lead = account.hasPassword
    ? 'You are signed out everywhere else once it is set.'
    : 'Choose a password to sign in with.'
  return (
    <PlainLayout page={page} title={heading} lead={lead}>
      <ChoosePassword {...{ account, token, problem }} action="/invitation" />
      <p class="plain-foot">
        This link works once, until{' '}
        <time datetime={expiresAt.toISOString()}>
          {momentText(expiresAt, page.now, zone)} {offsetText(expiresAt, zone)}
        </time>
        .
      </p>
    </PlainLayout>
  )
}
