import { and, asc, gt, notInArray, type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import { idFloor, type SessionId } from '../../db/ids.js'
import { sessionActivity, sessions } from '../../db/schema.js'
import { matches } from '../lists/search.js'
import { isLive, liveTables } from '../live.js'
import { among, selectSessions, toSession } from '../read.js'
import type { Session, SessionFilter } from '../types.js'

/** What changes of a session while it is looked at. */
export interface SeenAgain {
  id: SessionId
  createdAt: Date
  lastSeenAt: Date
  live: boolean
}

/** Of the rows on a screen, without all that stays. Those that are not there are left out. Index: sessions_pkey. */
export async function lookAgain(db: Database, ids: readonly SessionId[]): Promise<SeenAgain[]> {
  if (ids.length === 0) return []
  const rows = rowsOf<{ id: SessionId; created: number; seen: number; live: boolean }>(
    await db.execute(sql`
      select ${sessions.id} as id, ${millis(sql`${sessions.createdAt}`)} as created,
             ${millis(sql`${sessionActivity.lastSeenAt}`)} as seen, ${isLive} as live
      from ${liveTables} where ${among(ids)}`),
  )
  return rows.map(({ id, created, seen, live }) => {
    return { id, createdAt: new Date(created), lastSeenAt: new Date(seen), live }
  })
}

const millis = (at: SQL) => sql`(extract(epoch from ${at}) * 1000)::float8`

/**
 * How many sessions began after that one and match. Index: sessions_pkey, from its end on.
 *
 * @param most more are not counted
 * @returns with the newest id there is, to count on from the next time
 */
export async function countNewer(
  db: Database,
  filter: SessionFilter,
  from: SessionId,
  most: number,
): Promise<{ count: number; newest: SessionId }> {
  const [row] = rowsOf<{ count: number; newest: SessionId }>(
    await db.execute(sql`
      with last as (select ${sessions.id} as id from ${sessions} order by ${sessions.id} desc limit 1)
      select (select id from last) as newest, (select count(*) from (
        select 1 from ${liveTables}
        where ${sessions.id} > ${from} and ${sessions.id} <= (select id from last) and ${matches(filter) ?? sql`true`}
        limit ${most}) newer)::int as count`),
  )
  return { count: row?.count ?? 0, newest: row?.newest ?? from }
}

/**
 * Those that began after that one, or with it, newest first: what slides in at a list's head.
 *
 * An id is older than its commit, so a row may turn up behind one that is shown already.
 *
 * @returns undefined when they are more than `most`
 */
export async function newSessions(
  db: Database,
  filter: SessionFilter,
  since: { from: SessionId; known: readonly SessionId[] },
  most: number,
): Promise<Session[] | undefined> {
  const rows = await selectSessions(db)
    .where(
      and(
        matches(filter),
        gt(sessions.id, before(since.from, LATE_MS)),
        since.known.length > 0 ? notInArray(sessions.id, [...since.known]) : undefined,
      ),
    )
    .orderBy(asc(sessions.id))
    .limit(most + 1)
  return rows.length > most ? undefined : rows.map(toSession).reverse()
}

/** After which id those begin that a list made at that time has not got, so that it need not be far back. */
export function newestOf(list: readonly Session[], now: Date): SessionId {
  const least = idFloor(new Date(now.getTime() - LATE_MS))
  return [...list.map(({ id }) => id), least].sort().at(-1) ?? least
}

const LATE_MS = 5_000

/** An id of that much earlier than a UUIDv7. */
const before = (id: SessionId, ms: number): SessionId =>
  idFloor(new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) - ms))
