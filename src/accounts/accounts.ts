import { eq, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { type AccountId, newId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { accounts, invitations, passwordRenewals } from '../db/schema.js'
import { isUniqueViolation } from '../db/uniqueViolation.js'
import { appendRevocations } from '../sessions/log/revocations.js'
import { authorityOf } from './authority.js'
import { type Email, readEmail } from './emails.js'
import { findAccount, findAccountByEmail } from './read.js'
import { type Account, atLeast, isAdmin, type Role } from './types.js'

export interface NewAccount {
  email?: string | null | undefined
  name: string
  role?: Role | undefined
}

export type Refused = { status: 'refused'; why: 'not-allowed' }
export type Invalid = { status: 'invalid'; path: 'email' | 'name'; problem: string }

/**
 * Makes an account. It has no password: an app vouches for the person, or an invitation follows.
 *
 * @returns `exists` with the account that has this e-mail address already; `refused` when somebody who is no owner asks
 *   for a role in the panel
 */
export async function createAccount(
  db: Database,
  wanted: NewAccount,
  by: Actor,
): Promise<{ status: 'created'; account: Account } | { status: 'exists'; account: Account } | Refused | Invalid> {
  const role = wanted.role ?? 'person'
  const name = cleanName(wanted.name)
  if (!name) return badName
  const email = wanted.email == null || wanted.email.trim() === '' ? null : readEmail(wanted.email)
  if (email === undefined) return badEmail
  return db.transaction(async (tx) => {
    if (isAdmin(role) && (await authorityOf(tx, by)) !== 'owner') {
      const details = { after: { email: email?.text ?? null, name, role }, why: 'not-allowed' }
      await recordAudit(tx, by, 'account.created', {
        result: 'refused',
        target: { kind: 'account', id: null, name },
        details,
      })
      return notAllowed
    }
    const id = newId<AccountId>()
    if (!(await insertAccount(tx, { id, email, name, role }))) {
      const account = await findAccountByEmail(tx, email?.text ?? '')
      if (!account) throw new Error('an account with this e-mail address is there and is not')
      return { status: 'exists', account }
    }
    await recordAudit(tx, by, 'account.created', {
      target: { kind: 'account', id, name },
      accountId: id,
      details: { after: { email: email?.text ?? null, name, role } },
    })
    return { status: 'created', account: await mustFind(tx, id) }
  })
}

/**
 * Changes the name or the e-mail address. A new address voids the account's open links (S-25).
 *
 * @returns `refused` when an account with a role in the panel is touched by somebody who is neither it nor an owner
 */
export async function updateAccount(
  db: Database,
  id: AccountId,
  changes: { name?: string | undefined; email?: string | null | undefined },
  by: Actor,
): Promise<
  | { status: 'changed' | 'unchanged'; account: Account }
  | { status: 'exists'; account: Account }
  | Refused
  | Invalid
  | undefined
> {
  const name = changes.name === undefined ? undefined : cleanName(changes.name)
  if (name === '') return badName
  const email = changes.email == null || changes.email.trim() === '' ? null : readEmail(changes.email)
  if (email === undefined) return badEmail
  const change = db.transaction(async (tx): ReturnType<typeof updateAccount> => {
    // The address is unique: to change it takes the stronger lock, which a sign-in under way may hold out against.
    const strength = changes.email === undefined ? sql`no key update` : sql`update`
    await tx.execute(sql`select 1 from ${accounts} where ${accounts.id} = ${id} for ${strength}`)
    const before = await findAccount(tx, id)
    if (!before) return undefined
    if (!(await mayTouch(tx, before, by))) return refuseUpdate(tx, before, by, 'not-allowed')

    const after = {
      name: name ?? before.name,
      email: changes.email === undefined ? before.email : (email?.text ?? null),
    }
    const changed = (['name', 'email'] as const).filter((field) => before[field] !== after[field])
    if (changed.length === 0) return { status: 'unchanged', account: before }
    if (changed.includes('email')) {
      // S-27: that takes the present password, which nobody has been asked for here.
      if (by.kind === 'account' && by.id === id) return refuseUpdate(tx, before, by, 'self')
      // S-32: nobody signs in without an address, the last owner neither.
      if (!email && (before.hasPassword || isAdmin(before.role))) return neededEmail
      const other = email && (await findAccountByEmail(tx, email.text))
      if (other && other.id !== id) return { status: 'exists', account: other }
      await tx.delete(invitations).where(eq(invitations.accountId, id))
      await tx.delete(passwordRenewals).where(eq(passwordRenewals.accountId, id))
    }
    await tx
      .update(accounts)
      .set({
        name: after.name,
        ...(changed.includes('email') ? { email: after.email, emailKey: email?.key ?? null } : {}),
      })
      .where(eq(accounts.id, id))
    // Nothing ends; but who remembers a verdict remembers the name and the address too (S-31).
    await appendRevocations(tx, [{ kind: 'account', target: id }])
    await recordAudit(tx, by, 'account.updated', {
      target: { kind: 'account', id, name: after.name },
      accountId: id,
      details: {
        before: Object.fromEntries(changed.map((field) => [field, before[field]])),
        after: Object.fromEntries(changed.map((field) => [field, after[field]])),
      },
    })
    await announce(tx, { kind: 'accounts' })
    return { status: 'changed', account: await mustFind(tx, id) }
  })
  return change.catch(async (error: unknown) => {
    // Somebody else took the address between the look and the update.
    const other = isUniqueViolation(error) && email && (await findAccountByEmail(db, email.text))
    if (!other) throw error
    return { status: 'exists', account: other }
  })
}

async function refuseUpdate(tx: Database, { id, name }: Account, by: Actor, why: 'not-allowed' | 'self') {
  const target = { kind: 'account', id, name } as const
  await recordAudit(tx, by, 'account.updated', { result: 'refused', target, accountId: id, details: { why } })
  return notAllowed
}

/**
 * A responder can't touch an owner (S-35); accounts with a role in the panel belong to the owners, and to themselves.
 * An app's key changes whom it vouches for, and takes over nobody's sign-in here by their address (S-38).
 */
async function mayTouch(tx: Database, account: Account, by: Actor): Promise<boolean> {
  if (by.kind === 'account' && by.id === account.id) return true
  const authority = await authorityOf(tx, by)
  const owners = isAdmin(account.role) || (by.kind === 'key' && account.hasPassword)
  return owners ? authority === 'owner' : atLeast(authority, 'responder')
}

/** @returns false when the e-mail address is taken; two at once: one gets it */
export async function insertAccount(
  tx: Database,
  { id, email, name, role }: { id: AccountId; email: Email | null; name: string; role: Role },
): Promise<boolean> {
  const made = await tx
    .insert(accounts)
    .values({ id, email: email?.text ?? null, emailKey: email?.key ?? null, name, role })
    .onConflictDoNothing()
    .returning({ id: accounts.id })
  if (made.length > 0) await announce(tx, { kind: 'accounts' })
  return made.length > 0
}

const LONGEST_NAME = 200

/** One line, no control characters, not endless; everything else is somebody's name. */
export function cleanName(typed: string): string {
  const line = typed
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .trim()
  return [...line].slice(0, LONGEST_NAME).join('')
}

const notAllowed: Refused = { status: 'refused', why: 'not-allowed' }

export const badEmail: Invalid = {
  status: 'invalid',
  path: 'email',
  problem: 'This is not an e-mail address; write it like ada@example.com.',
}
const neededEmail: Invalid = {
  status: 'invalid',
  path: 'email',
  problem: 'Who signs in here needs an e-mail address.',
}
export const badName: Invalid = { status: 'invalid', path: 'name', problem: 'Write a name.' }

export async function mustFind(tx: Database, id: AccountId): Promise<Account> {
  const account = await findAccount(tx, id)
  if (!account) throw new Error(`account ${id} is gone within its own transaction`)
  return account
}
