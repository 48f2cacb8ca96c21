import { findAccount } from '../accounts/read.js'
import type { Account } from '../accounts/types.js'
import { type AccountId, uuid } from '../db/ids.js'
import type { AppContext } from '../http/env.js'
import { notFound, PublicError } from '../http/errors.js'

/**
 * The account of the address.
 *
 * @throws PublicError 404, also for what is no id
 */
export async function accountOf(c: AppContext): Promise<Account> {
  const id = uuid<AccountId>().safeParse(c.req.param('id'))
  const account = id.success ? await findAccount(c.var.db, id.data) : undefined
  if (!account) throw notFound('account')
  return account
}

export const pathOf = (account: Account) => `/admin/accounts/${account.id}`

export const notAllowed = (detail: string) =>
  new PublicError(403, 'forbidden', 'Your role does not allow this', `${detail} Nothing was changed.`)

export const REFUSALS = {
  self: 'Nobody can do this to their own account. Ask another owner.',
  'last-owner': 'This is the last owner who can sign in. Make somebody else an owner first.',
  'not-allowed': 'Only owners can do this to an owner.',
} as const

export const NO_PASSWORD =
  'The account has no password here: an app says who they are. Sign them out, or block them, and change it there.'

export const endedText = (n: number) =>
  n === 0 ? 'No session was live.' : `${n.toLocaleString('en-GB')} session${n === 1 ? '' : 's'} ended.`
