import { and, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { type AccountId, newId } from '../../db/ids.js'
import { announce } from '../../db/notices.js'
import { accounts, credentials, invitations } from '../../db/schema.js'
import type { Client } from '../../devices/types.js'
import { lockAccount } from '../../sessions/start.js'
import { badEmail, badName, cleanName, type Invalid, insertAccount, mustFind, type Refused } from '../accounts.js'
import { authorityOf } from '../authority.js'
import { refusesNetwork } from '../blocks/refusesNetwork.js'
import { readEmail } from '../emails.js'
import { lookAlikeWarning } from '../lookAlikes.js'
import { findAccount, findAccountByEmail } from '../read.js'
import { type Account, atLeast, isAdmin, type Role } from '../types.js'
import { hashLinkToken, newLinkToken } from './links.js'
import { checkPassword, SAME_PASSWORD } from './passwordPolicy.js'
import type { Passwords } from './passwords.js'
import { setPassword } from './setPassword.js'

export interface Invited {
  status: 'invited'
  account: Account
  /** For the link; shown once, never stored. */
  token: string
  expiresAt: Date
  /** The address could be taken for an owner's: in words, to show with the link (S-54). */
  warning: string | null
}

/**
 * Makes an account and a one-time link with which the person chooses a password, within seven days.
 *
 * @returns `exists` when the address has an account: `renewInvitation` makes a new link for it
 */
export async function inviteAccount(
  db: Database,
  wanted: { email: string; name: string; role: Role },
  by: Actor,
): Promise<Invited | { status: 'exists'; account: Account } | Refused | Invalid> {
  const name = cleanName(wanted.name)
  if (!name) return badName
  const email = readEmail(wanted.email)
  if (!email) return badEmail
  return db.transaction(async (tx) => {
    if (!(await mayInvite(tx, wanted.role, by))) {
      await recordAudit(tx, by, 'account.invited', {
        result: 'refused',
        target: { kind: 'account', id: null, name },
        details: { after: { email: email.text, name, role: wanted.role }, why: 'not-allowed' },
      })
      return { status: 'refused', why: 'not-allowed' }
    }
    const id = newId<AccountId>()
    if (!(await insertAccount(tx, { id, email, name, role: wanted.role }))) {
      const account = await findAccountByEmail(tx, email.text)
      if (!account) throw new Error('an account with this e-mail address is there and is not')
      return { status: 'exists', account }
    }
    await recordAudit(tx, by, 'account.invited', {
      target: { kind: 'account', id, name },
      accountId: id,
      details: { after: { email: email.text, name, role: wanted.role } },
    })
    return { ...(await openLink(tx, id, email.key)), warning: await lookAlikeWarning(tx, email.text) }
  })
}

/**
 * Makes a new link for an account, for a first or a new password; older ones are void. It never lifts a block.
 *
 * @returns undefined when there is no such account; `refused` without the right, or without an address to bind it to
 */
export async function renewInvitation(
  db: Database,
  accountId: AccountId,
  by: Actor,
): Promise<Invited | { status: 'refused'; why: 'not-allowed' | 'no-email' } | undefined> {
  return db.transaction(async (tx) => {
    // Its role must not rise between the look at it and the link: that one would be a way up (S-35).
    await lockAccount(tx, accountId)
    const account = await findAccount(tx, accountId)
    if (!account) return undefined
    if (!(await mayInvite(tx, account.role, by))) {
      await recordAudit(tx, by, 'account.invited', {
        result: 'refused',
        target: { kind: 'account', id: accountId, name: account.name },
        accountId,
        details: { again: true, why: 'not-allowed' },
      })
      return { status: 'refused', why: 'not-allowed' }
    }
    const email = readEmail(account.email ?? '')
    if (!email) return { status: 'refused', why: 'no-email' }
    await recordAudit(tx, by, 'account.invited', {
      target: { kind: 'account', id: accountId, name: account.name },
      accountId,
      details: { again: true },
    })
    return { ...(await openLink(tx, accountId, email.key)), warning: await lookAlikeWarning(tx, email.text) }
  })
}

/**
 * What a link is for. Looking uses nothing up: mail scanners open links (S-25).
 *
 * @returns undefined for a link that is unknown, used, expired, or void because the address or the password changed
 */
export async function findInvitation(
  db: Database,
  token: string,
): Promise<{ account: Account; expiresAt: Date } | undefined> {
  const hash = hashLinkToken(token)
  if (!hash) return undefined
  const [row] = await db
    .select({ accountId: invitations.accountId, expiresAt: invitations.expiresAt })
    .from(invitations)
    .innerJoin(accounts, eq(accounts.id, invitations.accountId))
    .where(and(eq(invitations.tokenHash, hash), isOpen, eq(invitations.emailKey, accounts.emailKey)))
  const account = row && (await findAccount(db, row.accountId))
  return account && { account, expiresAt: row.expiresAt }
}

/**
 * Sets the password that the link is for, uses the link up, and ends what the account had open. Two at once: one wins.
 * From a blocked network it uses nothing up. The caller goes on with `startSession`, method `invitation`; a blocked
 * account stays blocked.
 */
export async function acceptInvitation(
  db: Database,
  token: string,
  password: string,
  client: Client,
  passwords: Passwords,
): Promise<
  | { status: 'accepted'; account: { id: AccountId; generation: number } }
  | { status: 'weak'; problem: string }
  | { status: 'void' }
  /** The network that the person comes from is: elsewhere the link works. */
  | { status: 'blocked' }
> {
  const invitation = await findInvitation(db, token)
  const hash = hashLinkToken(token)
  if (!invitation || !hash) return { status: 'void' }
  const { account } = invitation
  const check = checkPassword(password, [account.email, account.name])
  if (!check.ok) return { status: 'weak', problem: check.problem }
  // Before the transaction: they take long, and the embedded database has one connection.
  if (account.newPasswordRequired && (await passwords.verify(await passwordHashOf(db, account.id), password)))
    return { status: 'weak', problem: SAME_PASSWORD }
  const passwordHash = await passwords.hash(password)

  const by = { kind: 'stranger', name: account.name, ip: client.ip } as const
  return db.transaction(async (tx) => {
    if (await refusesNetwork(tx, account, client, by)) return { status: 'blocked' }
    // The account's row first, as everywhere: else a change of the address at the same moment would dead-lock.
    await lockAccount(tx, account.id)
    const used = await tx
      .update(invitations)
      .set({ usedAt: sql`now()` })
      .where(
        and(
          eq(invitations.tokenHash, hash),
          isOpen,
          sql`${invitations.emailKey} = (select a.email_key from accounts a where a.id = ${invitations.accountId})`,
        ),
      )
      .returning({ accountId: invitations.accountId })
    if (used.length === 0) return { status: 'void' }
    const { generation } = await setPassword(tx, account, passwordHash, by, { how: 'invitation', place: client.place })
    return { status: 'accepted', account: { id: account.id, generation } }
  })
}

async function passwordHashOf(db: Database, accountId: AccountId): Promise<string | undefined> {
  const [row] = await db
    .select({ passwordHash: credentials.passwordHash })
    .from(credentials)
    .where(eq(credentials.accountId, accountId))
  return row?.passwordHash
}

const isOpen = and(isNull(invitations.usedAt), sql`${invitations.expiresAt} > now()`)

/** Owners give roles; a link for an account with a role in the panel is as good as its password. */
async function mayInvite(tx: Database, role: Role, by: Actor): Promise<boolean> {
  const authority = await authorityOf(tx, by)
  return isAdmin(role) ? authority === 'owner' : atLeast(authority, 'responder')
}

/** One open link an account: a new one makes the others void. */
export async function openLink(
  tx: Database,
  accountId: AccountId,
  emailKey: string,
): Promise<Omit<Invited, 'warning'>> {
  const { token, hash } = newLinkToken()
  await tx.delete(invitations).where(and(eq(invitations.accountId, accountId), isNull(invitations.usedAt)))
  const [link] = await tx
    .insert(invitations)
    .values({ tokenHash: hash, accountId, emailKey, expiresAt: sql`now() + interval '7 days'` })
    .returning({ expiresAt: invitations.expiresAt })
  if (!link) throw new Error('the link was not stored')
  await announce(tx, { kind: 'accounts' })
  return { status: 'invited', account: await mustFind(tx, accountId), token, expiresAt: link.expiresAt }
}
