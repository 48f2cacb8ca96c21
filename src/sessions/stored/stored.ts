import { eq, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import type { SessionId } from '../../db/ids.js'
import { storedSessions } from '../../db/schema/stored.js'
import { sessions } from '../../db/schema.js'
import type { Place } from '../../devices/types.js'
import { endSessions } from '../end.js'
import type { Over } from '../loadFacts.js'
import { appendRevocations } from '../log/revocations.js'
import { findSession } from '../read.js'
import { revokeSession } from '../revoke.js'
import { touchSessions } from '../touch.js'
import { type AppEnding, personOf } from './appEndings.js'
import {
  holdingAfter,
  isStored,
  keyText,
  lifetimeEnd,
  lockStored,
  readStored,
  type StoredKey,
  type StoredRow,
  takeHold,
  whyOver,
} from './storedRow.js'

export type FoundStored =
  | {
      status: 'found'
      content: string
      /** Of whoever is signed in with it. */
      session: SessionId | null
      /** The asking process may answer from its memory until it hears otherwise. */
      mayHold: boolean
    }
  | { status: 'unknown' }
  | { status: 'over'; reason: Over['reason'] }

/**
 * What an app has stored under a session id of its own.
 *
 * @param process of the app, as it tells of itself with its poll; it may then hold the answer in memory
 * @param ip where the request comes from; the session's last address where that is not known
 */
export async function findStored(
  db: Database,
  which: StoredKey,
  { process, ip = null }: { process?: string | undefined; ip?: string | null | undefined } = {},
): Promise<FoundStored> {
  const row = await readStored(db, which)
  if (!row || row.lapsed) return { status: 'unknown' }
  const reason = await whyOver(db, row, ip)
  if (reason) return { status: 'over', reason }
  const { content, sessionId: session } = row
  if (process === undefined) return { status: 'found', content, session, mayHold: false }
  if (row.holder === process) return { status: 'found', content, session, mayHold: true }
  return db.transaction(async (tx) => {
    const locked = await lockStored(tx, which)
    if (!locked || locked.ended) return { status: 'over', reason: 'ended' }
    const holding = holdingAfter(locked, process)
    await takeHold(tx, which, holding, locked.holder)
    return { status: 'found', content: locked.content, session: locked.sessionId, mayHold: holding.holder === process }
  })
}

/** Notes that it was used. Never brings one back (S-12). @returns why not, where it is over */
export async function touchStored(
  db: Database,
  which: StoredKey,
  ip: string | null,
  placeAt: (ip: string) => Place,
): Promise<{ status: 'touched' } | Exclude<FoundStored, { status: 'found' }>> {
  const row = await readStored(db, which)
  if (!row || row.lapsed) return { status: 'unknown' }
  const reason = await whyOver(db, row, ip)
  if (reason) return { status: 'over', reason }
  if (row.sessionId) {
    const touch = { id: row.sessionId, ip, secondsAgo: 0, requests: 1 }
    const ended = await touchSessions(db, [touch], placeAt, { appId: which.appId })
    return ended.length > 0 ? { status: 'over', reason: 'ended' } : { status: 'touched' }
  }
  await db
    .update(storedSessions)
    .set({ expiresAt: lifetimeEnd(which.appId, row.maxAge) })
    .where(sql`${isStored(which)} and ${storedSessions.goneAt} is null and ${storedSessions.sessionId} is null`)
  return { status: 'touched' }
}

/**
 * Ends what an app has stored, with the session of whoever is signed in with it. Idempotent, and for good: the key stays
 * taken, so that a save that was under way finds out.
 *
 * @returns the session that ended now, if there was one
 */
export async function endStored(
  db: Database,
  which: StoredKey,
  why: AppEnding,
  process?: string,
): Promise<SessionId | undefined> {
  return db.transaction(async (tx) => {
    const row = await lockStored(tx, which)
    if (!row || row.ended) return undefined
    const ended = row.sessionId ? await endStoredSession(tx, row.sessionId, why) : false
    await markEnded(tx, which, row, process)
    return ended && row.sessionId ? row.sessionId : undefined
  })
}

/** One that nobody was signed in with is remembered as ended for longer than any request takes. */
const AFTER_A_DAY = sql`now() + interval '1 day'`

/** @param process hears of it otherwise */
export async function markEnded(tx: Database, which: StoredKey, row: StoredRow, process?: string): Promise<void> {
  await tx
    .update(storedSessions)
    .set({ content: '', goneAt: sql`now()`, holder: null, ...(row.sessionId ? {} : { expiresAt: AFTER_A_DAY }) })
    .where(isStored(which))
  if (row.holder && row.holder !== process)
    await appendRevocations(tx, [{ kind: 'stored', target: keyText(which.key) }])
}

/** On the word of the app: by the person, whose session it is. @returns whether it ended now */
export async function endStoredSession(tx: Database, id: SessionId, why: AppEnding): Promise<boolean> {
  const session = await findSession(tx, id)
  if (!session || session.state === 'ended') return false
  const person = personOf(session)
  if (why === 'replaced')
    return (await endSessions(tx, eq(sessions.id, id), { reason: 'replaced', by: person })).length > 0
  await revokeSession(tx, id, person, null, { appId: session.app.id })
  return true
}
