import { timingSafeEqual } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import { SYSTEM } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import { type AccountId, newId } from '../../db/ids.js'
import { accounts, settings, setupLinks } from '../../db/schema.js'
import type { Client } from '../../devices/types.js'
import { comesFromBlockedNetwork } from '../../sessions/start.js'
import { badEmail, badName, cleanName, type Invalid, insertAccount } from '../accounts.js'
import { type Email, readEmail } from '../emails.js'
import { findAccountByEmail } from '../read.js'
import { hashLinkToken, newLinkToken } from './links.js'
import { checkPassword } from './passwordPolicy.js'
import type { Passwords } from './passwords.js'
import { setPassword } from './setPassword.js'

/**
 * Makes the one-time link for the first owner, for 24 hours, while there is no owner (S-24). A new start makes a new
 * one, and the one before is void: only its hash is kept, so the old one can't be shown again.
 *
 * @returns undefined when there is an owner
 */
export async function ensureSetupLink(db: Database): Promise<{ token: string } | undefined> {
  return db.transaction(async (tx) => {
    await oneFirstOwnerAtATime(tx)
    if (await hasOwner(tx)) {
      await tx.delete(setupLinks)
      return undefined
    }
    const { token, hash } = newLinkToken()
    const link = { tokenHash: hash, expiresAt: sql`now() + interval '24 hours'` }
    await tx
      .insert(setupLinks)
      .values({ id: 1, ...link })
      .onConflictDoUpdate({ target: setupLinks.id, set: link })
    return { token }
  })
}

/** Whether the link is good now. Looking uses nothing up. */
export async function isSetupLink(db: Database, token: string): Promise<boolean> {
  return !(await hasOwner(db)) && (await matchesLink(db, token))
}

export type SetupAnswer =
  | { status: 'completed'; account: { id: AccountId; generation: number } }
  | { status: 'weak'; problem: string }
  | Invalid
  /** Used, expired, wrong, or there is an owner. */
  | { status: 'void' }
  /** The network that they come from is: elsewhere the link works. */
  | { status: 'blocked' }

/**
 * Makes the first owner and uses the link up. Two at once: one wins (S-24). From a blocked network it uses nothing up.
 * The caller goes on with `startSession`, method `setup`.
 */
export async function completeSetup(
  db: Database,
  token: string,
  owner: { email: string; name: string; password: string },
  client: Client,
  passwords: Passwords,
): Promise<SetupAnswer> {
  if (!(await isSetupLink(db, token))) return { status: 'void' }
  const name = cleanName(owner.name)
  if (!name) return badName
  const email = readEmail(owner.email)
  if (!email) return badEmail
  const check = checkPassword(owner.password, [email.text, name])
  if (!check.ok) return { status: 'weak', problem: check.problem }
  // Before the transaction: it takes long, and the embedded database has one connection.
  const passwordHash = await passwords.hash(owner.password)

  return db.transaction(async (tx) => {
    if (await comesFromBlockedNetwork(tx, client.ip, null)) {
      const by = { kind: 'stranger', name: email.text, ip: client.ip } as const
      const details = { why: 'network-blocked' }
      await recordAudit(tx, by, 'sign-in.refused', { result: 'refused', place: client.place, details })
      return { status: 'blocked' }
    }
    await oneFirstOwnerAtATime(tx)
    if ((await hasOwner(tx)) || !(await matchesLink(tx, token))) return { status: 'void' }
    await tx.delete(setupLinks)
    const id = await makeOwner(tx, email, name)
    const by = { kind: 'stranger', name, ip: client.ip } as const
    await recordAudit(tx, by, 'setup.completed', {
      target: { kind: 'account', id, name },
      accountId: id,
      place: client.place,
    })
    const { generation } = await setPassword(tx, { id, name }, passwordHash, by, { how: 'setup', place: client.place })
    return { status: 'completed', account: { id, generation } }
  })
}

/**
 * The unattended first owner, from `ROLLCALL_OWNER_EMAIL` and `ROLLCALL_OWNER_PASSWORD`. Does nothing once there is an
 * owner: the variables may stay where they are, and change nothing.
 *
 * @returns `weak` and `invalid` with words for the log, without the password in them
 */
export async function ensureOwner(
  db: Database,
  owner: { email: string; password: string; name?: string },
  passwords: Passwords,
): Promise<{ status: 'created' | 'exists' } | { status: 'weak'; problem: string } | Invalid> {
  if (await hasOwner(db)) return { status: 'exists' }
  const email = readEmail(owner.email)
  if (!email) return badEmail
  const check = checkPassword(owner.password, [email.text])
  if (!check.ok) return { status: 'weak', problem: check.problem }
  const passwordHash = await passwords.hash(owner.password)

  return db.transaction(async (tx) => {
    await oneFirstOwnerAtATime(tx)
    if (await hasOwner(tx)) return { status: 'exists' }
    await tx.delete(setupLinks)
    const name = cleanName(owner.name ?? '') || 'Owner'
    const id = await makeOwner(tx, email, name)
    await recordAudit(tx, SYSTEM, 'setup.completed', {
      target: { kind: 'account', id, name },
      accountId: id,
      details: { by: 'ROLLCALL_OWNER_EMAIL' },
    })
    await setPassword(tx, { id, name }, passwordHash, SYSTEM, { how: 'configuration' })
    return { status: 'created' }
  })
}

/** Index: accounts_role. One without a password counts: `npm run owner` is the way in for who lost the invitation. */
export async function hasOwner(db: Database): Promise<boolean> {
  const [row] = rowsOf(await db.execute(sql`select 1 from ${accounts} where ${accounts.role} = 'owner' limit 1`))
  return row !== undefined
}

/** There is no owner's row to lock yet, so all roads to the first one take the row of the settings. */
async function oneFirstOwnerAtATime(tx: Database): Promise<void> {
  await tx.execute(sql`select 1 from ${settings} for update`)
}

/** Compared in constant time. */
async function matchesLink(db: Database, token: string): Promise<boolean> {
  const hash = hashLinkToken(token)
  const [link] = await db.select().from(setupLinks).where(sql`${setupLinks.expiresAt} > now()`)
  return hash !== undefined && link !== undefined && timingSafeEqual(hash, link.tokenHash)
}

/** An account that an app made before anybody set Rollcall up may have the address already: it becomes the owner's. */
export async function makeOwner(tx: Database, email: Email, name: string): Promise<AccountId> {
  const id = newId<AccountId>()
  if (await insertAccount(tx, { id, email, name, role: 'owner' })) return id
  const there = await findAccountByEmail(tx, email.text)
  if (!there) throw new Error('an account with this e-mail address is there and is not')
  await tx.update(accounts).set({ role: 'owner' }).where(eq(accounts.id, there.id))
  return there.id
}
