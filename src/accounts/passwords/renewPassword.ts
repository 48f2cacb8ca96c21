import { and, eq, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import { credentials, passwordRenewals } from '../../db/schema.js'
import type { Client } from '../../devices/types.js'
import { lockAccount } from '../../sessions/start.js'
import { refusesNetwork } from '../blocks/refusesNetwork.js'
import { findAccount } from '../read.js'
import type { Account } from '../types.js'
import { hashLinkToken, newLinkToken } from './links.js'
import { checkPassword, SAME_PASSWORD } from './passwordPolicy.js'
import type { Passwords } from './passwords.js'
import { setPassword } from './setPassword.js'

/** For so long a sign-in stays half-way, in minutes. */
export const RENEWAL_MINUTES = 15

/**
 * Opens the choice of a new password for whoever has just proved the old one: no session, and good for nothing else.
 *
 * @param checked the hash that the password was checked against
 * @returns undefined when the password was changed since
 */
export async function openRenewal(db: Database, accountId: AccountId, checked: string): Promise<string | undefined> {
  const { token, hash } = newLinkToken()
  // The lock waits for a change that is under way, so that its password is not changed by who knew the one before.
  const opened = rowsOf(
    await db.execute(sql`
      insert into ${passwordRenewals} (account_id, token_hash, expires_at)
      select account_id, ${hash}::bytea, now() + make_interval(mins => ${RENEWAL_MINUTES}) from ${credentials}
        where account_id = ${accountId} and password_hash = ${checked} and new_required_at is not null
        for update
      on conflict (account_id) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at
      returning 1 as one`),
  )
  return opened.length > 0 ? token : undefined
}

/** @returns undefined for a token that is unknown, used, too old, or void because the address or the password changed */
export async function findRenewal(
  db: Database,
  token: string,
): Promise<{ account: Account; passwordHash: string } | undefined> {
  const hash = hashLinkToken(token)
  if (!hash) return undefined
  const [row] = await db
    .select({ id: passwordRenewals.accountId, passwordHash: credentials.passwordHash })
    .from(passwordRenewals)
    .innerJoin(credentials, eq(credentials.accountId, passwordRenewals.accountId))
    .where(isOpen(hash))
  const account = row && (await findAccount(db, row.id))
  return account && { account, passwordHash: row.passwordHash }
}

const isOpen = (hash: Uint8Array) =>
  and(eq(passwordRenewals.tokenHash, hash), sql`${passwordRenewals.expiresAt} > now()`)

/**
 * Sets the new password, which is not the old one, and lets the account sign in by it. Two at once: one wins. From a
 * blocked network it uses nothing up. The caller goes on with `startSession`; a blocked account stays blocked.
 */
export async function renewPassword(
  db: Database,
  token: string,
  next: string,
  client: Client,
  passwords: Passwords,
): Promise<
  | { status: 'renewed'; account: { id: AccountId; generation: number } }
  | { status: 'weak'; problem: string }
  | { status: 'void' }
  | { status: 'blocked' }
> {
  const renewal = await findRenewal(db, token)
  const hash = hashLinkToken(token)
  if (!renewal || !hash) return { status: 'void' }
  const { account } = renewal
  const check = checkPassword(next, [account.email, account.name])
  if (!check.ok) return { status: 'weak', problem: check.problem }
  // Before the transaction: they take long, and the embedded database has one connection.
  if (await passwords.verify(renewal.passwordHash, next)) return { status: 'weak', problem: SAME_PASSWORD }
  const passwordHash = await passwords.hash(next)

  const by = { kind: 'stranger', name: account.name, ip: client.ip } as const
  return db.transaction(async (tx) => {
    if (await refusesNetwork(tx, account, client, by)) return { status: 'blocked' }
    await lockAccount(tx, account.id)
    // Before the renewal, as openRenewal does.
    await tx.execute(sql`select 1 from ${credentials} where ${credentials.accountId} = ${account.id} for no key update`)
    const used = await tx.delete(passwordRenewals).where(isOpen(hash)).returning({ id: passwordRenewals.accountId })
    if (used.length === 0) return { status: 'void' }
    const { generation } = await setPassword(tx, account, passwordHash, by, { how: 'required', place: client.place })
    return { status: 'renewed', account: { id: account.id, generation } }
  })
}

/** What was left half-way. Index: none; there is one at most for each account whose password has to be changed. */
export async function pruneRenewals(db: Database): Promise<void> {
  await db.delete(passwordRenewals).where(sql`${passwordRenewals.expiresAt} < now()`)
}
