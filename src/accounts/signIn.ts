import { and, eq, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Database } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { accounts, credentials, knownDevices, settings } from '../db/schema.js'
import { openDetection } from '../detections/open.js'
import type { Client } from '../devices/types.js'
import { networkBlocked } from '../sessions/live.js'
import { findOwnBlock } from './blocks/ownBlock.js'
import { readEmail } from './emails.js'
import type { Attempt, Detected, Limits } from './limits.js'
import { hashLinkToken } from './passwords/links.js'
import { BUSY_RETRY_MS, type Passwords, PasswordsBusy } from './passwords/passwords.js'
import { openRenewal } from './passwords/renewPassword.js'
import type { Role } from './types.js'

export interface SignInAttempt {
  /** As typed. */
  email: string
  password: string
  client: Client
  /** The cookie of `rememberDevice`, if the browser brought one. */
  deviceToken?: string | undefined
  requestId?: string | undefined
}

export type SignInAnswer =
  | {
      status: 'welcome'
      /** As read before the password was checked: whatever ended the account's sessions since voids this sign-in (S-13). */
      account: { id: AccountId; generation: number; name: string; role: Role }
      knownDevice: boolean
    }
  /** The same for an unknown account, a wrong password, an account without one, a blocked network (S-21). */
  | { status: 'refused'; why: 'wrong' }
  /** Only after a right password. `message` says whom to ask, in words for the person. */
  | { status: 'blocked'; message: string; until: Date | null }
  /** Only after a right password, too: it has to be changed before anything else. No session; see `renewPassword`. */
  | { status: 'new-password'; token: string }
  | { status: 'later'; retryAfterMs: number }

/** For the audit log alone: the person hears the same for all but `blocked` and `new-password-required`. */
export type RefusalCause =
  | 'wrong-password'
  | 'unknown-account'
  | 'blocked'
  | 'network-blocked'
  | 'new-password-required'
  | 'limited'

/**
 * Checks an e-mail address and a password: limits, then credentials, then blocks. Every refusal is audited.
 * The caller goes on with `startSession` and `rememberDevice`.
 *
 * @see OWASP ASVS 5.0 6.3
 */
export async function checkSignIn(
  db: Database,
  typed: SignInAttempt,
  { limits, passwords }: { limits: Limits; passwords: Passwords },
): Promise<SignInAnswer> {
  const found = await findCredentials(db, typed)
  const attempt = attemptOf(typed, found)
  const turn = await limits.take(db, attempt)
  if (!turn.allowed) {
    if (turn.note) await auditRefusal(db, typed, found, 'limited', turn.detected)
    return { status: 'later', retryAfterMs: turn.retryAfterMs }
  }
  const right = await unlessBusy(passwords.verify(found.passwordHash, typed.password))
  if (right === 'busy') {
    await limits.giveBack(db, attempt)
    return { status: 'later', retryAfterMs: BUSY_RETRY_MS }
  }
  if (!found.account || !right || found.networkBlocked) {
    await limits.failed(db, attempt)
    await auditRefusal(db, typed, found, causeOf(found))
    return { status: 'refused', why: 'wrong' }
  }
  await limits.succeeded(db, attempt)
  return welcome(db, typed, found, passwords)
}

type Found = Awaited<ReturnType<typeof findCredentials>>

/** One query whoever is asked for. Indexes: accounts_email_key, then primary keys. */
async function findCredentials(db: Database, { email, client, deviceToken }: SignInAttempt) {
  const read = readEmail(email)
  const deviceHash = hashLinkToken(deviceToken ?? '') ?? null
  const [row] = await db
    .select({
      account: { id: accounts.id, generation: accounts.generation, name: accounts.name, role: accounts.role },
      passwordHash: credentials.passwordHash,
      newRequired: sql<boolean>`${credentials.newRequiredAt} is not null`,
      deviceHash: knownDevices.tokenHash,
      networkBlocked: networkBlocked(sql`${client.ip}::inet`, sql`${accounts.id}`),
    })
    .from(settings)
    .leftJoin(accounts, eq(accounts.emailKey, read?.key ?? ''))
    .leftJoin(credentials, eq(credentials.accountId, accounts.id))
    .leftJoin(
      knownDevices,
      and(eq(knownDevices.accountId, accounts.id), sql`${knownDevices.tokenHash} = ${deviceHash}`),
    )
  return {
    email: read,
    account: row?.account ?? null,
    passwordHash: row?.passwordHash ?? null,
    newRequired: row?.newRequired ?? false,
    deviceHash: row?.deviceHash ?? null,
    networkBlocked: row?.networkBlocked ?? false,
  }
}

function attemptOf({ client }: SignInAttempt, { email, account, deviceHash }: Found): Attempt {
  return {
    emailKey: email?.key ?? null,
    ip: client.ip,
    knownDevice: account && deviceHash ? { accountId: account.id, tokenHash: deviceHash } : null,
  }
}

async function unlessBusy<T>(work: Promise<T>): Promise<T | 'busy'> {
  try {
    return await work
  } catch (error) {
    if (error instanceof PasswordsBusy) return 'busy'
    throw error
  }
}

function causeOf({ account, networkBlocked }: Found): RefusalCause {
  if (!account) return 'unknown-account'
  return networkBlocked ? 'network-blocked' : 'wrong-password'
}

async function welcome(db: Database, typed: SignInAttempt, found: Found, passwords: Passwords): Promise<SignInAnswer> {
  const { account, passwordHash } = found
  if (!account || !passwordHash) return { status: 'refused', why: 'wrong' }
  const block = await findOwnBlock(db, account.id)
  if (block) {
    await auditRefusal(db, typed, found, 'blocked')
    return { status: 'blocked', message: block.message ?? `Contact ${block.contact}.`, until: block.until }
  }
  if (found.newRequired) {
    const token = await openRenewal(db, account.id, passwordHash)
    if (!token) return { status: 'refused', why: 'wrong' }
    await auditRefusal(db, typed, found, 'new-password-required')
    return { status: 'new-password', token }
  }
  if (passwords.needsRehash(passwordHash)) await rehash(db, account.id, passwordHash, typed.password, passwords)
  return { status: 'welcome', account, knownDevice: found.deviceHash !== null }
}

/** Only over the very hash that was checked: a password changed meanwhile stays the new one. */
async function rehash(db: Database, accountId: AccountId, checked: string, password: string, passwords: Passwords) {
  const passwordHash = await unlessBusy(passwords.hash(password))
  if (passwordHash === 'busy') return
  await db
    .update(credentials)
    .set({ passwordHash })
    .where(and(eq(credentials.accountId, accountId), eq(credentials.passwordHash, checked)))
}

async function auditRefusal(
  db: Database,
  { client, requestId }: SignInAttempt,
  { email, account }: Found,
  why: RefusalCause,
  detected?: Detected,
) {
  // What does not parse as an address is not kept: people type passwords into that box.
  const by = { kind: 'stranger', name: email?.text ?? 'Somebody', ip: client.ip } as const
  const known = account && { target: { kind: 'account', id: account.id, name: account.name }, accountId: account.id }
  const at = { place: client.place, requestId }
  await db.transaction(async (tx) => {
    await recordAudit(tx, by, 'sign-in.refused', { ...known, ...at, result: 'refused', details: { why } })
    if (!detected) return
    const { finding, network } = detected
    const tried = known ?? { target: { kind: 'account', id: null, name: by.name } }
    const from = network ? { target: { kind: 'network', id: network, name: network } } : {}
    const details = { ip: client.ip }
    if (finding.rule === 'guessing') await openDetection(tx, by, finding, { ...tried, ...at, details })
    // The address typed last is one of many, and says nothing.
    else await openDetection(tx, { ...by, name: 'Somebody' }, finding, { ...from, ...at, details })
  })
}
