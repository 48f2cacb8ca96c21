import { and, desc, type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import type { SessionId } from '../../db/ids.js'
import { cutPage, type Page, type PageRequest, pageSize, readIdCursor, writeCursor } from '../../db/page.js'
import { sessions } from '../../db/schema.js'
import { liveTables } from '../live.js'
import { among, selectSessions, toSession } from '../read.js'
import type { Session, SessionFilter, SessionSort } from '../types.js'
import { listBySeen } from './listBySeen.js'
import { asSaid, matches } from './search.js'
import { walk } from './walk.js'

export interface SessionListRequest extends PageRequest {
  /** Newest sign-in first when left out. By last use, live ones alone are listed. */
  sort?: SessionSort | undefined
}

/**
 * One page of sessions.
 *
 * @throws BadCursor
 */
export async function listSessions(
  db: Database,
  filter: SessionFilter,
  { sort, ...request }: SessionListRequest = {},
): Promise<Page<Session>> {
  return sort === 'seen' || sort === 'unseen'
    ? listBySeen(db, filter, { ...request, sort })
    : listBySignIn(db, filter, { ...request, sort })
}

/** The order of the ids: rows stay where they are while people work. */
async function listBySignIn(
  db: Database,
  filter: SessionFilter,
  request: PageRequest & { sort?: 'newest' | 'oldest' | undefined },
): Promise<Page<Session>> {
  const limit = pageSize(request)
  const oldestFirst = request.sort === 'oldest'
  const bound = { list: 'sessions' as const, ...asSaid(filter), sort: oldestFirst ? 'oldest' : 'newest' }
  const cursor = request.after ?? request.before
  const from = cursor === undefined ? undefined : readIdCursor<SessionId>(bound, cursor)
  const upwards = oldestFirst !== (request.before !== undefined)
  const rows = await walk(db, filter, { upwards, from, limit: limit + 1 })
  return cutPage(rows, limit, request, (session) => writeCursor(bound, [session.id]))
}

/** So many of the newest endings are looked at: of a thousand in a second nobody sees each leave. */
const LATEST_ENDINGS = 500

/**
 * Sessions that ended within the last seconds: a live list shows them struck through before they leave it.
 * Index: sessions_ended.
 */
export async function justEnded(db: Database, filter: SessionFilter, seconds: number): Promise<Session[]> {
  // Mostly there are none: that costs less to see than the question for their rows costs to plan.
  const latest = rowsOf<{ id: SessionId }>(
    await db.execute(sql`
      select id from ${sessions} where ended_at > now() - make_interval(secs => ${seconds})
      order by ended_at desc limit ${LATEST_ENDINGS}`),
  )
  if (latest.length === 0) return []
  const rows = await selectSessions(db)
    .where(and(among(latest.map(({ id }) => id)), matches({ ...filter, state: 'all' })))
    .orderBy(desc(sessions.id))
    .limit(50)
  return rows.map(toSession)
}

/**
 * How many match, exactly, by looking at each.
 *
 * @param also over the same joins
 */
export async function countSessions(db: Database, filter: SessionFilter, also?: SQL): Promise<number> {
  const [row] = rowsOf<{ count: number }>(
    await db.execute(sql`
      select count(*)::int as count from ${liveTables} where ${and(matches(filter), also) ?? sql`true`}`),
  )
  return row?.count ?? 0
}
