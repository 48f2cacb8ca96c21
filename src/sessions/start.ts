import { and, eq, sql } from 'drizzle-orm'
import { atLeast } from '../accounts/types.js'
import { recordAudit } from '../audit/record.js'
import { type Actor, SYSTEM } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import { type AccountId, type AppId, newId, type SessionId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import type { Client } from '../devices/types.js'
import { deviceText } from '../devices/words.js'
import { endSessions } from './end.js'
import { isLive, liveTables, networkBlocked, timeoutsFor } from './live.js'
import { findSession } from './read.js'
import { newToken } from './token.js'
import type { Session, SignInMethod } from './types.js'

export interface SignIn {
  /** The generation that `checkSignIn` read: a block in between makes this sign-in void (S-13). */
  account: { id: AccountId; generation: number }
  appId: AppId
  client: Client
  method: SignInMethod
  /** Seconds; only ever shortens what the policy gives. */
  expiresIn?: number | undefined
  /** What it rests on ends then at the latest. */
  notAfter?: Date | undefined
  /** Seconds that it may lie unused; only ever shortens what the policy gives. */
  idleTimeout?: number | undefined
  data?: Record<string, unknown> | undefined
  /** It goes on from another store, where it was last used so many seconds ago: no sign-in, so no other one makes room. */
  movedUnusedFor?: number | undefined
  /** The session that this browser brought along: it ends, its token is never adopted (S-03). */
  replaces?: SessionId | undefined
  /** Who starts it for somebody else: an app's key. The person themselves when left out. */
  by?: Actor | undefined
}

export type Started = { status: 'started'; session: Session; token: string } | NotStarted

export type StartedWithSecret = { status: 'started'; session: Session } | NotStarted

/** `account` too when all its sessions ended since its credentials were checked; `app`: it is disabled; `role`: the app wants a higher one. */
type NotStarted = { status: 'blocked'; why: 'account' | 'network' | 'app' | 'role' }

/**
 * Starts a session for an account whose credentials somebody has checked.
 *
 * The account's row is locked for the length of the transaction, so that the limit of sessions holds among sign-ins at
 * the same moment; the generation alone decides whether a block came first. A block of the network that commits first is
 * seen, one that commits later finds the session (S-13).
 *
 * @returns `blocked` when the account was blocked, or all its sessions ended, since its credentials were checked; when
 *   the network that it comes from is; when the app is disabled, or wants a higher role
 */
export async function startSession(db: Database, signIn: SignIn): Promise<Started> {
  let token = ''
  const started = await startWithSecret(db, signIn, (id) => {
    const made = newToken(id)
    token = made.token
    return made.secretHash
  })
  return started.status === 'started' ? { ...started, token } : started
}

/**
 * The same where the secret may be one that the app has made and keeps.
 *
 * @param hashFor the SHA-256 of the secret of the session with that id
 */
export async function startWithSecret(
  db: Database,
  signIn: SignIn,
  hashFor: (id: SessionId) => Uint8Array,
): Promise<StartedWithSecret> {
  return db.transaction(async (tx) => {
    if (await comesFromBlockedNetwork(tx, signIn.client.ip, signIn.by ? null : signIn.account.id))
      return { status: 'blocked', why: 'network' }
    const policy = await lockAccountAndReadPolicy(tx, signIn.account.id, signIn.appId)
    if (!policy || policy.account.generation !== signIn.account.generation || policy.blocked)
      return { status: 'blocked', why: 'account' }
    if (policy.app.disabledAt) return { status: 'blocked', why: 'app' }
    if (!atLeast(policy.account.role, policy.app.role)) return { status: 'blocked', why: 'role' }

    const id = newId<SessionId>(policy.now)
    await insertSession(tx, id, hashFor(id), signIn, policy)
    const who: Actor = signIn.by ?? {
      kind: 'account',
      id: policy.account.id,
      name: policy.account.name,
      sessionId: id,
      ip: signIn.client.ip,
    }
    if (signIn.replaces) {
      const own = and(eq(sessions.id, signIn.replaces), eq(sessions.accountId, signIn.account.id))
      await endSessions(tx, sql`${own}`, { reason: 'replaced', by: who })
    }
    if (signIn.movedUnusedFor === undefined)
      await endBeyondLimit(tx, signIn, policy.app.sessionLimit ?? policy.settings.sessionLimit)

    const [session] = await Promise.all([
      findSession(tx, id),
      recordAudit(tx, who, 'session.started', {
        target: { kind: 'session', id, name: deviceText(signIn.client.device) },
        accountId: signIn.account.id,
        sessionId: id,
        ...(signIn.by ? { client: signIn.client } : { place: signIn.client.place }),
        details: { method: signIn.method, app: policy.app.name, account: policy.account.name },
      }),
      announce(tx, { kind: 'started', sessions: [id], accounts: [signIn.account.id] }),
    ])
    if (!session) throw new Error(`session ${id} is gone within its own transaction`)
    return { status: 'started', session }
  })
}

const NETWORK_BLOCKS = sql`hashtext('rollcall network blocks')`

/** One block of a network at a time, and none while a sign-in has looked at the blocks and not yet committed. */
export async function lockNetworkBlocks(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${NETWORK_BLOCKS})`)
}

/**
 * Sign-ins do not wait for one another here, only for a block that is being set. Whoever means to lock sessions too
 * calls this first: a block takes its lock first as well, and would dead-lock with the other order.
 *
 * @param spared who set a block over their own address signs in from there until they confirm it
 */
export async function comesFromBlockedNetwork(tx: Database, ip: string | null, spared: AccountId | null) {
  if (ip === null) return false
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${NETWORK_BLOCKS})`)
  const [row] = rowsOf<{ blocked: boolean }>(
    await tx.execute(sql`select ${networkBlocked(sql`${ip}::inet`, sql`${spared}::uuid`)} as blocked`),
  )
  return row?.blocked ?? false
}

type Policy = NonNullable<Awaited<ReturnType<typeof lockAccountAndReadPolicy>>>

/** Whoever means to lock sessions of the account too calls this first: "Sign out everywhere" and a block have that order. */
export async function lockAccount(tx: Database, id: AccountId): Promise<void> {
  await tx.execute(sql`select 1 from ${accounts} where ${accounts.id} = ${id} for no key update`)
}

export async function lockAccountOf(tx: Database, session: SessionId): Promise<void> {
  await tx.execute(sql`
    select 1 from ${accounts} where ${accounts.id} = (
      select ${sessions.accountId} from ${sessions} where ${sessions.id} = ${session}) for no key update`)
}

async function lockAccountAndReadPolicy(tx: Database, accountId: AccountId, appId: AppId) {
  await lockAccount(tx, accountId)
  const [row] = await tx
    .select({
      now: sql<Date>`clock_timestamp()`.mapWith(sessions.createdAt),
      account: accounts,
      app: apps,
      settings,
      blocked: sql<boolean>`exists (select 1 from blocks b where b.account_id = ${accounts.id} and b.lifted_at is null and (b.until is null or b.until > now()))`,
    })
    .from(accounts)
    .innerJoin(apps, eq(apps.id, appId))
    .innerJoin(settings, eq(settings.id, 1))
    .where(eq(accounts.id, accountId))
  return row
}

async function insertSession(tx: Database, id: SessionId, secretHash: Uint8Array, signIn: SignIn, policy: Policy) {
  const { client } = signIn
  const { absolute } = timeoutsFor(policy.account.role, policy.app, policy.settings)
  const lifetime = Math.min(absolute, signIn.expiresIn ?? absolute)
  const end = policy.now.getTime() + lifetime * 1000
  await tx.insert(sessions).values({
    id,
    secretHash,
    accountId: signIn.account.id,
    appId: signIn.appId,
    accountGeneration: signIn.account.generation,
    appGeneration: policy.app.generation,
    everyoneGeneration: policy.settings.generation,
    createdAt: policy.now,
    expiresAt: new Date(Math.min(end, signIn.notAfter?.getTime() ?? end)),
    method: signIn.method,
    ip: client.ip,
    country: client.place.country,
    region: client.place.region,
    city: client.place.city,
    latitude: client.place.latitude,
    longitude: client.place.longitude,
    asn: client.place.asn,
    networkOwner: client.place.networkOwner,
    userAgent: client.userAgent,
    browser: client.device.browser,
    browserVersion: client.device.browserVersion,
    os: client.device.os,
    osVersion: client.device.osVersion,
    deviceType: client.device.type,
    deviceModel: client.device.model,
    data: signIn.data ?? null,
    idleTimeout: signIn.idleTimeout ?? null,
  })
  const lastSeenAt = new Date(policy.now.getTime() - (signIn.movedUnusedFor ?? 0) * 1000)
  await tx.insert(sessionActivity).values({ sessionId: id, lastSeenAt, lastIp: client.ip, requests: 1 })
}

/** S-08. Within the app: one app's sign-ins must not end what the account has open in another (S-38). Index: sessions_account. */
async function endBeyondLimit(tx: Database, { account, appId }: SignIn, limit: number) {
  const beyond = sql`${sessions.id} = any(array(
    select ${sessions.id} from ${liveTables}
    where ${sessions.accountId} = ${account.id} and ${sessions.appId} = ${appId} and ${isLive}
    order by ${sessions.id} desc offset ${limit}))`
  await endSessions(tx, beyond, { reason: 'limit', by: SYSTEM })
}
