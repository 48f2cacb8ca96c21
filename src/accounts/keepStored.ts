import { eq, sql } from 'drizzle-orm'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { storedSessions } from '../db/schema/stored.js'
import { apps, sessions, settings } from '../db/schema.js'
import { takenBack } from '../db/takenBack.js'
import type { Client } from '../devices/types.js'
import type { Over } from '../sessions/loadFacts.js'
import { appendRevocations } from '../sessions/log/revocations.js'
import { comesFromBlockedNetwork, lockAccountOf } from '../sessions/start.js'
import { endStoredSession } from '../sessions/stored/stored.js'
import {
  heldBy,
  holdingAfter,
  holdOpen,
  isStored,
  keyText,
  lifetimeEnd,
  lockStored,
  type StoredKey,
  type StoredRow,
  whyOver,
} from '../sessions/stored/storedRow.js'
import type { SignInMethod } from '../sessions/types.js'
import type { NamedAccount } from './identities.js'
import { startVouchedWithSecret, type VouchedStart } from './vouched.js'

export interface Keeping extends StoredKey {
  /** JSON, as the app wrote it. */
  content: string
  /** Who is signed in with it; null: nobody any more; left out: as before. */
  account?: NamedAccount | null | undefined
  /** Of the request that saves: where a session that starts with it comes from. */
  client: Client
  method: SignInMethod
  /** Seconds that it may lie unused; null: by the app's policy; left out: as before. */
  maxAge?: number | null | undefined
  /** The session that the app had loaded the content with, null for none. Of one that has ended since nothing is saved. */
  loadedWith?: SessionId | null | undefined
  /** Of the app, as it tells of itself with its poll; it may then hold the content in memory. */
  process?: string | undefined
  /**
   * From another store, where it was last used so many seconds ago: kept only where nothing is, or was, under its key.
   * `dryRun`: all is done, and taken back, so that nothing that would refuse it is forgotten.
   */
  moved?: { unusedFor: number; dryRun?: boolean | undefined } | undefined
}

export type Kept =
  | { status: 'kept'; session: SessionId | null; mayHold: boolean }
  | { status: 'over'; reason: Over['reason'] }
  /** Somebody has signed in since it was loaded; what was loaded knows nothing of that. */
  | { status: 'stale' }
  /** What was moved is there already, perhaps changed since. */
  | { status: 'stored' }
  /** It lay unused in the other store for longer than the app allows: nobody could use it here. */
  | { status: 'idle' }
  | Exclude<VouchedStart, { status: 'started' }>

/**
 * Keeps what an app stores under a session id of its own. Whoever the app names as signed in has a session from then on,
 * like any other; when the app names nobody any more, they have signed out.
 *
 * A save that comes after the end changes nothing and says so (S-12): the row of the session is held for the length of
 * the transaction, so either the save is before the act or it sees it.
 */
export async function keepStored(db: Database, wanted: Keeping, by: Actor): Promise<Kept> {
  if (wanted.moved?.dryRun) return wouldKeep(db, wanted, wanted.moved, by)
  return db.transaction(async (tx) => {
    const row = await lockStored(tx, wanted)
    if (wanted.moved) return row ? thereAlready(tx, row) : move(tx, wanted, wanted.moved, by)
    const before = row?.lapsed && !row.ended ? undefined : row
    if (before?.sessionId && namesAnew(wanted, before)) await lockForSignIn(tx, wanted, before.sessionId)
    if (before?.sessionId && !(await holdOpen(tx, before.sessionId))) return { status: 'over', reason: 'ended' }
    const over = before && (await whyOver(tx, before, wanted.client.ip))
    if (over) return { status: 'over', reason: over }
    // What it was loaded with has ended, and somebody goes on, or has come again, under the same id.
    if (wanted.loadedWith && wanted.loadedWith !== before?.sessionId) return { status: 'over', reason: 'ended' }
    if (wanted.loadedWith === null && wanted.account === null && before?.sessionId) return { status: 'stale' }

    const signedIn = await signIn(tx, wanted, before, by)
    if (typeof signedIn === 'object' && signedIn !== null) return signedIn
    return { status: 'kept', session: signedIn, mayHold: await write(tx, wanted, before, signedIn) }
  })
}

/** Somebody is signed in anew with it: they were not named before, or otherwise. */
const namesAnew = ({ account }: Keeping, before: StoredRow | undefined) =>
  account && !(before?.sessionId && before.accountNamed === nameOf(account))

/**
 * What a sign-in locks comes before the session that makes room for it, as with every other act. Whether the network is
 * blocked, the sign-in itself says.
 */
async function lockForSignIn(tx: Database, { client }: Keeping, present: SessionId): Promise<void> {
  await comesFromBlockedNetwork(tx, client.ip, null)
  await lockAccountOf(tx, present)
}

async function wouldKeep(
  db: Database,
  wanted: Keeping,
  { unusedFor }: { unusedFor: number },
  by: Actor,
): Promise<Kept> {
  const kept = await takenBack(db, (tx) => keepStored(tx, { ...wanted, moved: { unusedFor } }, by))
  return kept.status === 'kept' ? { status: 'kept', session: null, mayHold: false } : kept
}

async function thereAlready(tx: Database, row: StoredRow): Promise<Kept> {
  const over = await whyOver(tx, row, null)
  return over ? { status: 'over', reason: over } : { status: 'stored' }
}

/** It keeps its age: the time that it lay unused counts. */
async function move(tx: Database, wanted: Keeping, { unusedFor }: { unusedFor: number }, by: Actor): Promise<Kept> {
  const given = { ...wanted, account: wanted.account ?? null }
  if (unusedFor >= (await longestUnused(tx, given))) return { status: 'idle' }
  const moved = await signIn(tx, given, undefined, by)
  if (typeof moved === 'object' && moved !== null) return moved
  const mayHold = await write(tx, given, undefined, moved)
  if (moved === null && unusedFor > 0)
    await tx
      .update(storedSessions)
      .set({ expiresAt: sql`${storedSessions.expiresAt} - make_interval(secs => ${unusedFor}::int)` })
      .where(isStored(wanted))
  return { status: 'kept', session: moved, mayHold }
}

/** Seconds; who is signed in goes by the app's policy at the longest. Index: the primary keys */
async function longestUnused(tx: Database, { appId, account, maxAge = null }: Keeping): Promise<number> {
  const byPolicy = sql`coalesce(${apps.idleTimeout}, ${settings.idleTimeout})`
  const longest = account ? sql`least(${maxAge}::int, ${byPolicy})` : sql`coalesce(${maxAge}::int, ${byPolicy})`
  const [row] = await tx
    .select({ longest: sql<number>`${longest}` })
    .from(apps)
    .innerJoin(settings, eq(settings.id, 1))
    .where(eq(apps.id, appId))
  return row?.longest ?? Number.POSITIVE_INFINITY
}

/** @returns the session of whoever is signed in with it now, or why they are not let in */
async function signIn(
  tx: Database,
  wanted: Keeping,
  before: StoredRow | undefined,
  by: Actor,
): Promise<SessionId | null | Exclude<VouchedStart, { status: 'started' }>> {
  const { account, appId, client, method, key } = wanted
  const present = before?.sessionId ?? null
  if (account === undefined || (account && !namesAnew(wanted, before))) {
    if (present && wanted.maxAge !== undefined && wanted.maxAge !== before?.maxAge)
      await changeAge(tx, present, wanted.maxAge, before?.maxAge ?? null)
    return present
  }
  if (account === null) {
    if (present) await endStoredSession(tx, present, 'signed-out')
    return null
  }
  const maxAge = maxAgeOf(wanted, before)
  const started = await startVouchedWithSecret(
    tx,
    {
      appId,
      account,
      client,
      method,
      ...(maxAge === null ? {} : { idleTimeout: maxAge }),
      ...(wanted.moved ? { movedUnusedFor: wanted.moved.unusedFor } : {}),
    },
    by,
    key,
  )
  if (started.status !== 'started') return started
  if (present) await endStoredSession(tx, present, 'replaced')
  return started.session.id
}

/** One that may lie unused for less time from now on is asked about again, by whoever remembers the longer one (S-14). */
async function changeAge(tx: Database, session: SessionId, maxAge: number | null, before: number | null) {
  const [changed] = await tx
    .update(sessions)
    .set({ idleTimeout: maxAge })
    .where(eq(sessions.id, session))
    .returning({ account: sessions.accountId })
  const isLonger = maxAge !== null && before !== null && maxAge > before
  if (changed && !isLonger) await appendRevocations(tx, [{ kind: 'account', target: changed.account }])
}

/** @returns whether the process that saves may hold it */
async function write(
  tx: Database,
  wanted: Keeping,
  before: StoredRow | undefined,
  session: SessionId | null,
): Promise<boolean> {
  const { appId, key, content, account } = wanted
  const maxAge = maxAgeOf(wanted, before)
  const holding = holdingAfter(before, wanted.process)
  if (holding.wasTakenAway) await appendRevocations(tx, [{ kind: 'stored', target: keyText(key) }])
  const values = {
    content,
    maxAge,
    sessionId: session,
    accountNamed: account ? nameOf(account) : account === null ? null : (before?.accountNamed ?? null),
    expiresAt: session ? null : lifetimeEnd(appId, maxAge),
  }
  const isHeldAsBefore = before && holding.holder === before.holder && !holding.isShared
  // One that has lapsed may be removed between the look and here: nobody who removes it takes the lock of its key.
  await tx
    .insert(storedSessions)
    .values({ appId, key, ...values, ...heldBy(holding) })
    .onConflictDoUpdate({
      target: [storedSessions.appId, storedSessions.key],
      set: isHeldAsBefore ? values : { ...values, ...heldBy(holding) },
    })
  return holding.holder !== null && holding.holder === wanted.process
}

const maxAgeOf = ({ maxAge }: Keeping, before: StoredRow | undefined) =>
  maxAge === undefined ? (before?.maxAge ?? null) : maxAge

/** As it was given, field by field. */
const nameOf = ({ id, externalId, email, name }: NamedAccount): string =>
  JSON.stringify([id ?? null, externalId ?? null, email ?? null, name ?? null])
