import { and, eq, inArray, sql } from 'drizzle-orm'
import { recordAuditOfEach } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { newId, type SessionId } from '../db/ids.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { deviceText } from '../devices/words.js'
import { endSessions } from './end.js'
import { countSessions } from './list.js'
import { outOfReach, refusedEntry, sessionsOutOfReach } from './reach.js'
import { selectSessions, toSession } from './read.js'
import { matches } from './search.js'
import type { SessionFilter } from './types.js'

/** More than this is not done within one request. */
export const MOST_AT_ONCE = 10_000
const BATCH = 500

export type RevokedMatching =
  | { status: 'done'; job: string; ended: number; gone: number; refused: number }
  /** Nothing was ended. */
  | { status: 'too-many' }

/**
 * Ends the live sessions that match a filter: those that are there now, in batches, each batch with its audit events in
 * one transaction. A crash between two leaves the rest live; asking again ends them.
 *
 * @param filter `state` is not looked at: what has ended stays as it is
 * @returns `gone` counts those that ended by themselves, or by somebody else, in the meantime; `refused` those that are
 *   out of the actor's reach (S-35, S-38): they are left alone, and each attempt is audited
 */
export async function revokeMatching(
  db: Database,
  filter: SessionFilter,
  by: Actor,
  reason: string,
): Promise<RevokedMatching> {
  const set = await freeze(db, filter)
  if (set.length > MOST_AT_ONCE) return { status: 'too-many' }
  const job = newId()
  let ended = 0
  let refused = 0
  for (let start = 0; start < set.length; start += BATCH) {
    const batch = set.slice(start, start + BATCH)
    const done = await db.transaction((tx) => endBatch(tx, batch, by, reason, job))
    ended += done.ended
    refused += done.refused
  }
  return { status: 'done', job, ended, gone: set.length - ended - refused, refused }
}

/** How many sessions `revokeMatching` would end now. */
export async function countRevocable(db: Database, filter: SessionFilter, by: Actor): Promise<number> {
  return countSessions(db, { ...filter, state: 'live' }, sql`not ${await outOfReach(db, by)}`)
}

async function freeze(db: Database, filter: SessionFilter): Promise<SessionId[]> {
  const rows = await db
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(apps, eq(apps.id, sessions.appId))
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))
    .where(and(matches({ ...filter, state: 'live' })))
    .orderBy(sessions.id)
    .limit(MOST_AT_ONCE + 1)
  return rows.map(({ id }) => id)
}

async function endBatch(tx: Database, batch: SessionId[], by: Actor, reason: string, job: string) {
  const refused = await sessionsOutOfReach(tx, batch, by)
  await recordAuditOfEach(tx, by, 'session.revoked', refused.map(refusedEntry(reason)))
  const kept = new Set(refused.map(({ id }) => id))
  const ids = batch.filter((id) => !kept.has(id))
  const before = new Map(
    (await selectSessions(tx).where(inArray(sessions.id, ids))).map((row) => [row.session.id, toSession(row)]),
  )
  const ended = await endSessions(tx, sql`${inArray(sessions.id, ids)}`, { reason: 'revoked', by, note: reason })
  const entries = ended.map(({ id, accountId }) => {
    const session = before.get(id)
    const device = session ? deviceText(session.device) : 'Unknown device'
    return {
      target: { kind: 'session', id, name: device },
      accountId,
      sessionId: id,
      reason,
      details: { account: session?.account.name, device, ip: session?.lastIp, app: session?.app.name, job },
    }
  })
  await recordAuditOfEach(tx, by, 'session.revoked', entries)
  return { ended: ended.length, refused: refused.length }
}
