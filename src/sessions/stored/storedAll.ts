import { and, asc, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import type { AppId, SessionId } from '../../db/ids.js'
import { storedSessions } from '../../db/schema/stored.js'
import { sessions } from '../../db/schema.js'
import { isLive, liveTables } from '../live.js'
import { jobStep } from '../many/jobStep.js'
import { findSession } from '../read.js'
import { revokeSession } from '../revoke.js'
import { markEnded } from './stored.js'
import { lockStored, type StoredKey } from './storedRow.js'

/** What an app would find: nobody has ended it, it has not lapsed, and whoever is signed in with it still is. */
const isGood = (appId: AppId): SQL => sql`${storedSessions.appId} = ${appId} and ${storedSessions.goneAt} is null
  and case when ${storedSessions.sessionId} is null then ${storedSessions.expiresAt} > now() else exists (
    select 1 from ${liveTables} where ${sessions.id} = ${storedSessions.sessionId} and ${isLive}) end`

export interface StoredPage {
  items: { key: Uint8Array; content: string; session: SessionId | null }[]
  next: Uint8Array | null
}

/** Everything that an app has stored and would find, by key. Index: stored_sessions_app_id_key_pk. */
export async function listStored(
  db: Database,
  appId: AppId,
  { after, limit }: { after?: Uint8Array | undefined; limit: number },
): Promise<StoredPage> {
  const rows = await db
    .select({ key: storedSessions.key, content: storedSessions.content, session: storedSessions.sessionId })
    .from(storedSessions)
    .where(and(isGood(appId), after && gt(storedSessions.key, after)))
    .orderBy(asc(storedSessions.key))
    .limit(limit + 1)
  const items = rows.slice(0, limit)
  return { items, next: rows.length > limit ? (items.at(-1)?.key ?? null) : null }
}

export async function countStored(db: Database, appId: AppId): Promise<number> {
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`select count(*)::int as n from ${storedSessions} where ${isGood(appId)}`),
  )
  return row?.n ?? 0
}

const PAGE = 200

/**
 * Ends everything that an app has stored, with the sessions of all who are signed in with it, one after the other; each
 * of those has its line in the audit log.
 *
 * @returns how many people's sessions ended
 */
export async function clearStored(db: Database, appId: AppId, by: Actor): Promise<number> {
  let ended = 0
  for (let after: Uint8Array | undefined; ; ) {
    const keys = await db
      .select({ key: storedSessions.key })
      .from(storedSessions)
      .where(
        and(eq(storedSessions.appId, appId), isNull(storedSessions.goneAt), after && gt(storedSessions.key, after)),
      )
      .orderBy(asc(storedSessions.key))
      .limit(PAGE)
    for (const { key } of keys) if (await clearOne(db, { appId, key }, by)) ended += 1
    after = keys.at(-1)?.key
    if (keys.length < PAGE) return ended
  }
}

function clearOne(db: Database, which: StoredKey, by: Actor): Promise<boolean> {
  return db.transaction(async (tx) => {
    const row = await lockStored(tx, which)
    if (!row || row.ended) return false
    const session = row.sessionId && (await findSession(tx, row.sessionId))
    if (session)
      await revokeSession(tx, session.id, by, 'The app has cleared its session store', { appId: which.appId })
    await markEnded(tx, which, row)
    return session ? session.state === 'live' : false
  })
}

/** Removes what nobody is signed in with once its time is over. Index: stored_sessions_expires. */
export async function removeLapsedStored(db: Database, stopping?: AbortSignal): Promise<number> {
  let total = 0
  while (!stopping?.aborted) {
    const gone = await jobStep(db, (tx) =>
      tx.execute(sql`
        delete from ${storedSessions} where ctid = any(array(
          select ctid from ${storedSessions} where ${storedSessions.expiresAt} < now()
          order by ${storedSessions.expiresAt} limit 1000 for update skip locked))
        returning 1 as gone`),
    )
    const removed = rowsOf(gone).length
    total += removed
    if (removed < 1_000) break
  }
  return total
}
