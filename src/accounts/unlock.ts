import { and, eq, isNull } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import { TERMINAL } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { accounts, blocks, setupLinks } from '../db/schema.js'
import { BLOCK_IN_FORCE } from '../sessions/live.js'
import { badEmail, badName, cleanName, type Invalid } from './accounts.js'
import { lockOwners } from './authority.js'
import { lift } from './blocks/liftBlock.js'
import { readEmail } from './emails.js'
import { endTrust } from './endTrust.js'
import { resetLimits } from './limits.js'
import { type Invited, openLink } from './passwords/invitations.js'
import { makeOwner } from './passwords/setup.js'
import { findAccountByEmail } from './read.js'

export interface Unlocked extends Omit<Invited, 'status' | 'warning'> {
  status: 'unlocked'
  /** What had to be done, for the terminal to say. */
  did: { created: boolean; promoted: boolean; blockLifted: boolean; networksLifted: number }
  /** Network blocks that are still in force: they hold for owners too. */
  networksBlocked: number
}

/**
 * The way back in, for whoever can run a command on the server (S-37): makes the account if there is none, makes it an
 * owner, lifts its block (and, if asked, those of all networks), forgets the waits, and gives a one-time link to set a
 * password; older ones are void. Audited as the terminal's act.
 */
export async function unlockOwner(
  db: Database,
  who: { email: string; name?: string | undefined; liftNetworks?: boolean | undefined },
): Promise<Unlocked | Invalid> {
  const email = readEmail(who.email)
  if (!email) return badEmail
  return db.transaction(async (tx) => {
    await lockOwners(tx)
    const before = await findAccountByEmail(tx, email.text)
    const name = before?.name ?? cleanName(who.name ?? email.text.slice(0, email.text.lastIndexOf('@')))
    if (!name) return badName
    const id = await makeOwner(tx, email, name)
    const promoted = before !== undefined && before.role !== 'owner'
    if (promoted) await endTrust(tx, id, { reason: 'role-changed', by: TERMINAL })
    const [block] = await tx
      .select()
      .from(blocks)
      .where(and(eq(blocks.accountId, id), isNull(blocks.liftedAt)))
    if (block) await lift(tx, block, 'Unlocked on the server', TERMINAL)
    const networks = await networksInForce(tx)
    if (who.liftNetworks) for (const one of networks) await lift(tx, one, 'Unlocked on the server', TERMINAL)
    await resetLimits(tx, id, email.key)
    await tx.delete(setupLinks)
    await recordAudit(tx, TERMINAL, 'account.unlocked', {
      target: { kind: 'account', id, name },
      accountId: id,
      details: { created: before === undefined, before: { role: before?.role ?? null }, after: { role: 'owner' } },
    })
    const [present] = await tx.select({ emailKey: accounts.emailKey }).from(accounts).where(eq(accounts.id, id))
    const link = await openLink(tx, id, present?.emailKey ?? email.key)
    const networksLifted = who.liftNetworks ? networks.length : 0
    const did = { created: before === undefined, promoted, blockLifted: block !== undefined, networksLifted }
    return { ...link, status: 'unlocked', did, networksBlocked: networks.length - networksLifted }
  })
}

const networksInForce = (tx: Database) =>
  tx
    .select()
    .from(blocks)
    .where(and(eq(blocks.kind, 'network'), BLOCK_IN_FORCE))
