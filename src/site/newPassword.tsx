import { Hono } from 'hono'
import { z } from 'zod'
import { NewPasswordPage } from '../../templates/site/newPassword.js'
import { SignInPage } from '../../templates/site/signIn.js'
import { findRenewal, renewPassword } from '../accounts/passwords/renewPassword.js'
import { readSettings } from '../accounts/settings.js'
import type { Account } from '../accounts/types.js'
import { anyone } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { PublicError } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { unlessBusy } from './busy.js'
import { clientOf, enter, networkBlocked } from './enter.js'
import { goOn } from './goOn.js'
import { destinationOf } from './handOver.js'

/** The second half of a sign-in whose password was right and has to be changed. */
export const newPassword = new Hono<AppEnv>()

const NewPasswordForm = z.strictObject({
  token: z.string(),
  /** For the browser's password manager. */
  email: z.string().optional(),
  password: z.string(),
  return_to: z.string().optional(),
})

newPassword.post('/new-password', anyone(), async (c) => {
  const { token, password, return_to } = await readForm(c, NewPasswordForm)
  const { db, passwords } = c.var
  const to = await destinationOf(c, return_to)
  const returnTo = to?.returnTo
  const renewal = await findRenewal(db, token)
  if (!renewal) return over(c, returnTo)
  const client = await clientOf(c)
  const answer = await unlessBusy(renewPassword(db, token, password, client, passwords))
  switch (answer.status) {
    case 'renewed':
      c.set('doneSoFar', 'Your new password is set. Sign in with it in a moment.')
      if ((await enter(c, answer.account, 'password', client)) !== 'entered') throw await stillBlocked(c)
      return goOn(c, to, renewal.account.role)
    case 'weak':
      return askForNewPassword(c, { ...renewal, token, returnTo, problem: answer.problem }, 422)
    case 'blocked':
      throw await networkBlocked(c)
    case 'void':
      return over(c, returnTo)
  }
})

interface Asked {
  account: Account
  token: string
  returnTo: string | undefined
  problem?: string
}

export async function askForNewPassword(c: AppContext, asked: Asked, status: 200 | 422 = 200) {
  return c.html(<NewPasswordPage page={await pageOf(c)} {...asked} />, status)
}

/** Too late, or the password was changed elsewhere: whoever knows it begins again. */
async function over(c: AppContext, returnTo: string | undefined) {
  const { contact } = await readSettings(c.var.db)
  const problem = { kind: 'renewal-over' } as const
  return c.html(<SignInPage page={await pageOf(c)} contact={contact} returnTo={returnTo} problem={problem} />, 410)
}

async function stillBlocked(c: AppContext): Promise<PublicError> {
  const { contact } = await readSettings(c.var.db)
  return new PublicError(
    403,
    'blocked',
    'This account is blocked',
    `Your new password is set, but you can’t sign in yet. Contact ${contact}.`,
  )
}
