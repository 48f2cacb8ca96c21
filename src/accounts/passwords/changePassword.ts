import { and, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { type AccountId, BUILT_IN_APP, type SessionId } from '../../db/ids.js'
import { accounts, credentials, sessions } from '../../db/schema.js'
import type { Client } from '../../devices/types.js'
import { isFrozen } from '../../sessions/many/frozen.js'
import { comesFromBlockedNetwork, startSession } from '../../sessions/start.js'
import type { Session } from '../../sessions/types.js'
import { endTrust } from '../endTrust.js'
import type { Limits } from '../limits.js'
import { hashLinkToken } from './links.js'
import { checkOwnPassword } from './ownPassword.js'
import { checkPassword, SAME_PASSWORD } from './passwordPolicy.js'
import { BUSY_RETRY_MS, type Passwords, PasswordsBusy } from './passwords.js'
import { storePassword } from './setPassword.js'

export interface PasswordChange {
  present: string
  next: string
  /** "Sign out my other devices". */
  signOutOthers: boolean
  client: Client
  /** The cookie of `rememberDevice`, if the browser brought one: it alone stays known. */
  deviceToken?: string | undefined
}

export type PasswordChanged =
  /** The present session goes on under a new token (S-03); `ended` counts the others. */
  | { status: 'changed'; session: Session; token: string; ended: number }
  | { status: 'wrong' }
  | { status: 'weak'; problem: string }
  | { status: 'later'; retryAfterMs: number }

/**
 * Changes the person's own password. Needs the present one (S-27), voids open links, never lifts a block.
 *
 * @param by the person, in the session that goes on
 * @returns `wrong` too when the password was changed, the session ended, or its network was blocked, meanwhile
 */
export async function changePassword(
  db: Database,
  accountId: AccountId,
  change: PasswordChange,
  by: Extract<Actor, { kind: 'account' }>,
  { limits, passwords }: { limits: Limits; passwords: Passwords },
): Promise<PasswordChanged> {
  const [account] = await db
    .select({
      name: accounts.name,
      email: accounts.email,
      generation: accounts.generation,
      passwordHash: credentials.passwordHash,
    })
    .from(accounts)
    .leftJoin(credentials, eq(credentials.accountId, accounts.id))
    .where(eq(accounts.id, accountId))
  if (!account || by.id !== accountId) return { status: 'wrong' }

  const proof = await checkOwnPassword(db, { id: accountId, passwordHash: account.passwordHash }, change.present, {
    limits,
    passwords,
  })
  if (proof.status === 'later') {
    if (proof.note) await auditRefusal(db, accountId, account.name, by, 'limited')
    return { status: 'later', retryAfterMs: proof.retryAfterMs }
  }
  if (proof.status === 'wrong') {
    await auditRefusal(db, accountId, account.name, by, 'wrong-password')
    return { status: 'wrong' }
  }
  const check = checkPassword(change.next, [account.email, account.name])
  if (!check.ok) return { status: 'weak', problem: check.problem }
  if (change.next.normalize('NFC') === change.present.normalize('NFC')) return same
  try {
    const passwordHash = await passwords.hash(change.next)
    return await store(db, accountId, account, passwordHash, change, by)
  } catch (error) {
    if (!(error instanceof PasswordsBusy)) throw error
    return { status: 'later', retryAfterMs: BUSY_RETRY_MS }
  }
}

/** As it was when the present password was looked at. */
interface Checked {
  name: string
  generation: number
  passwordHash: string | null
}

const same = { status: 'weak', problem: SAME_PASSWORD } as const

async function store(
  db: Database,
  accountId: AccountId,
  account: Checked,
  passwordHash: string,
  change: PasswordChange,
  by: Extract<Actor, { kind: 'account' }>,
): Promise<PasswordChanged> {
  return db.transaction(async (tx) => {
    if (await comesFromBlockedNetwork(tx, change.client.ip, accountId)) return { status: 'wrong' }
    if (!(await goesOn(tx, accountId, account, by.sessionId))) return { status: 'wrong' }
    await storePassword(tx, accountId, passwordHash, hashLinkToken(change.deviceToken ?? ''))
    const { generation, ended } = change.signOutOthers
      ? await endTrust(tx, accountId, { reason: 'password-changed', by }, by.sessionId)
      : { generation: account.generation, ended: 0 }
    await recordAudit(tx, by, 'account.password-changed', {
      target: { kind: 'account', id: accountId, name: account.name },
      accountId,
      sessionId: by.sessionId,
      place: change.client.place,
      details: { how: 'by the person', ended },
    })
    const started = await startSession(tx, {
      account: { id: accountId, generation },
      appId: BUILT_IN_APP,
      client: change.client,
      method: 'password',
      replaces: by.sessionId,
    })
    if (started.status === 'blocked') throw new Error(`account ${accountId} was blocked under its own lock`)
    return { status: 'changed', session: started.session, token: started.token, ended }
  })
}

/**
 * A request that was let in before the account was blocked or signed out everywhere, before its own session was ended or
 * the password was changed by somebody else, must not come out of it with a new session (S-13).
 */
async function goesOn(tx: Database, accountId: AccountId, checked: Checked, sessionId: SessionId): Promise<boolean> {
  const [account] = await tx
    .select({ generation: accounts.generation })
    .from(accounts)
    .where(eq(accounts.id, accountId))
    .for('no key update')
  const [present] = await tx.select().from(credentials).where(eq(credentials.accountId, accountId))
  // Not for update: a use that is being written down points to the session, and would wait here for what waits for it.
  const [session] = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt), sql`not ${isFrozen}`))
    .for('no key update')
  return (
    session !== undefined &&
    account?.generation === checked.generation &&
    present?.passwordHash === checked.passwordHash
  )
}

async function auditRefusal(
  db: Database,
  accountId: AccountId,
  name: string,
  by: Actor,
  why: 'wrong-password' | 'limited',
) {
  await db.transaction((tx) =>
    recordAudit(tx, by, 'account.password-changed', {
      result: 'refused',
      target: { kind: 'account', id: accountId, name },
      accountId,
      details: { why },
    }),
  )
}
