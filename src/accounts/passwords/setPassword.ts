import { and, eq, ne, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor, Stranger } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import { announce } from '../../db/notices.js'
import { credentials, invitations, knownDevices, passwordRenewals } from '../../db/schema.js'
import type { Place } from '../../devices/types.js'
import { endTrust } from '../endTrust.js'

/**
 * Sets an account's password: every open link of it is void from now on (S-25), what it had open ends, and no browser is
 * known any more. A block stays.
 *
 * @param how by which road, for the audit log
 */
export async function setPassword(
  tx: Database,
  account: { id: AccountId; name: string },
  passwordHash: string,
  by: Actor | Stranger,
  { how, place }: { how: 'setup' | 'invitation' | 'configuration' | 'required'; place?: Place },
): Promise<{ generation: number; ended: number }> {
  await storePassword(tx, account.id, passwordHash)
  const trust = await endTrust(tx, account.id, { reason: 'password-changed', by })
  await recordAudit(tx, by, 'account.password-changed', {
    target: { kind: 'account', id: account.id, name: account.name },
    accountId: account.id,
    details: { how, ended: trust.ended },
    ...(place ? { place } : {}),
  })
  await announce(tx, { kind: 'accounts' })
  return trust
}

/**
 * Also where sessions may go on: the links are void whatever happens to those, and whoever knew the old password keeps no
 * budget of their own to guess the new one with (S-23).
 *
 * @param device the hash of the cookie of the one browser that stays known
 */
export async function storePassword(
  tx: Database,
  accountId: AccountId,
  passwordHash: string,
  device?: Uint8Array,
): Promise<void> {
  await tx
    .insert(credentials)
    .values({ accountId, passwordHash })
    .onConflictDoUpdate({
      target: credentials.accountId,
      set: { passwordHash, changedAt: sql`now()`, newRequiredAt: null },
    })
  await tx.delete(invitations).where(eq(invitations.accountId, accountId))
  await tx.delete(passwordRenewals).where(eq(passwordRenewals.accountId, accountId))
  await tx
    .delete(knownDevices)
    .where(and(eq(knownDevices.accountId, accountId), device && ne(knownDevices.tokenHash, device)))
}
