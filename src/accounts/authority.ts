import { and, eq, sql } from 'drizzle-orm'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { accounts, apiKeys, blocks, credentials } from '../db/schema.js'
import { BLOCK_IN_FORCE } from '../sessions/live.js'
import { isAdmin, type Role } from './types.js'

/**
 * What an actor may do by the database's state now, inside the transaction of the act (S-31): somebody who was demoted
 * or blocked a moment ago has nothing left.
 *
 * A key of an app may block and unblock people like a responder; only one with scope `admin` has an owner's reach (S-38).
 */
export async function authorityOf(tx: Database, by: Actor): Promise<Role> {
  if (by.kind === 'system' || by.kind === 'terminal') return 'owner'
  if (by.kind === 'key') {
    const [key] = await tx
      .select({ scopes: apiKeys.scopes })
      .from(apiKeys)
      .where(and(eq(apiKeys.id, by.id), sql`${apiKeys.revokedAt} is null`))
    if (!key) return 'person'
    return key.scopes.includes('admin') ? 'owner' : 'responder'
  }
  const [account] = await tx
    .select({ role: accounts.role })
    .from(accounts)
    .where(and(eq(accounts.id, by.id), sql`not ${isBlocked}`))
  return account?.role ?? 'person'
}

/**
 * The least that somebody must be to block an account or lift its block: nobody but an owner touches an owner (S-35),
 * and an app's key nobody who has a role in the panel, unless its scope is `admin` (S-38).
 */
export function neededFor(target: Role, by: Actor): Role {
  if (target === 'owner') return 'owner'
  return by.kind === 'key' && isAdmin(target) ? 'owner' : 'responder'
}

/**
 * Lets one at a time change who is an owner or who of them is blocked: everybody who does takes these row locks first,
 * in this order, and looks only then (S-32). What is read before may be stale; what is read after is not.
 */
export async function lockOwners(tx: Database): Promise<void> {
  await tx.execute(
    sql`select 1 from ${accounts} where ${accounts.role} = 'owner' order by ${accounts.id} for no key update`,
  )
}

/** Whether somebody else could still sign in as an owner: with a password, and not blocked. Call `lockOwners` first. */
export async function hasOtherOwner(tx: Database, than: AccountId | null): Promise<boolean> {
  const [other] = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .innerJoin(credentials, eq(credentials.accountId, accounts.id))
    .where(and(eq(accounts.role, 'owner'), than ? sql`${accounts.id} <> ${than}` : undefined, sql`not ${isBlocked}`))
    .limit(1)
  return other !== undefined
}

/** Over the row of `accounts`. Index: blocks_one_an_account. */
export const isBlocked = sql<boolean>`exists (select 1 from ${blocks} where ${blocks.accountId} = ${accounts.id} and ${BLOCK_IN_FORCE})`
