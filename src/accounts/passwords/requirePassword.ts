import { eq, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import { announce } from '../../db/notices.js'
import { credentials } from '../../db/schema.js'
import { lockAccount } from '../../sessions/start.js'
import { mustFind } from '../accounts.js'
import { authorityOf, neededFor } from '../authority.js'
import { endTrust } from '../endTrust.js'
import { findAccount } from '../read.js'
import { type Account, atLeast } from '../types.js'

export type PasswordRequired =
  | { status: 'required'; account: Account; ended: number }
  | { status: 'refused'; why: 'self' | 'not-allowed' | 'no-password' }

/**
 * Ends everything that an account has open, and has its present password open nothing from now on but the choice of
 * another one. It may be asked for again: whatever was opened since ends too.
 *
 * @returns undefined when there is no such account; `refused` without the right, or where an app vouches for the person
 */
export async function requireNewPassword(
  db: Database,
  id: AccountId,
  reason: string,
  by: Actor,
): Promise<PasswordRequired | undefined> {
  return db.transaction(async (tx) => {
    await lockAccount(tx, id)
    const account = await findAccount(tx, id)
    if (!account) return undefined
    const entry = { target: { kind: 'account', id, name: account.name }, accountId: id, reason }
    const why = await whyNot(tx, account, by)
    if (why) {
      await recordAudit(tx, by, 'account.password-required', { ...entry, result: 'refused', details: { why } })
      return { status: 'refused', why }
    }
    await tx.update(credentials).set({ newRequiredAt: sql`now()` }).where(eq(credentials.accountId, id))
    const { ended } = await endTrust(tx, id, { reason: 'password-required', by, note: reason })
    await recordAudit(tx, by, 'account.password-required', { ...entry, details: { ended } })
    await announce(tx, { kind: 'accounts' })
    return { status: 'required', account: await mustFind(tx, id), ended }
  })
}

/** Whoever changes their own password needs nobody who asks for it; it reaches as far as a block (S-35, S-38). */
async function whyNot(tx: Database, { id, role, hasPassword }: Account, by: Actor) {
  if (!atLeast(await authorityOf(tx, by), neededFor(role, by))) return 'not-allowed'
  if (by.kind === 'account' && by.id === id) return 'self'
  return hasPassword ? undefined : 'no-password'
}
