import { eq } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { accounts, invitations } from '../db/schema.js'
import { mustFind } from './accounts.js'
import { authorityOf, hasOtherOwner, lockOwners } from './authority.js'
import { endTrust } from './endTrust.js'
import { findAccount } from './read.js'
import type { Account, Role } from './types.js'

export type RoleChange =
  | { status: 'changed' | 'unchanged'; account: Account }
  | { status: 'refused'; why: 'last-owner' | 'self' | 'not-allowed' }

/**
 * Gives an account another role and ends its sessions: what they were allowed is over at once (S-31). Its links are
 * void too: whoever made one for a person holds none for an owner (S-25, S-35).
 *
 * Owners change roles, nobody their own (S-35), and one owner who can sign in remains, also when two demote each other
 * at the same moment (S-32).
 *
 * @returns undefined when there is no such account
 */
export async function changeRole(db: Database, id: AccountId, role: Role, by: Actor): Promise<RoleChange | undefined> {
  return db.transaction(async (tx) => {
    await lockOwners(tx)
    const account = await findAccount(tx, id)
    if (!account) return undefined
    const why = await whyNot(tx, account, role, by)
    if (why) {
      await recordAudit(tx, by, 'account.role-changed', {
        result: 'refused',
        target: { kind: 'account', id, name: account.name },
        accountId: id,
        details: { why, before: { role: account.role }, after: { role } },
      })
      return { status: 'refused', why }
    }
    if (account.role === role) return { status: 'unchanged', account }

    await tx.update(accounts).set({ role }).where(eq(accounts.id, id))
    await tx.delete(invitations).where(eq(invitations.accountId, id))
    const { ended } = await endTrust(tx, id, { reason: 'role-changed', by })
    await recordAudit(tx, by, 'account.role-changed', {
      target: { kind: 'account', id, name: account.name },
      accountId: id,
      details: { before: { role: account.role }, after: { role }, ended },
    })
    await announce(tx, { kind: 'accounts' })
    return { status: 'changed', account: await mustFind(tx, id) }
  })
}

async function whyNot(tx: Database, account: Account, role: Role, by: Actor) {
  if ((await authorityOf(tx, by)) !== 'owner') return 'not-allowed'
  if (by.kind === 'account' && by.id === account.id) return 'self'
  if (account.role === 'owner' && role !== 'owner' && !(await hasOtherOwner(tx, account.id))) return 'last-owner'
  return undefined
}
