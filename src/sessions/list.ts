import { and, asc, count, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm'
import { validate } from 'uuid'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { BadCursor, cutPage, type Page, type PageRequest, pageSize, readCursor, writeCursor } from '../db/page.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { liveTables } from './live.js'
import { selectSessions, toSession } from './read.js'
import { matches, UNKNOWN_VALUE } from './search.js'
import type { Facet, Facets, Session, SessionFilter } from './types.js'

export interface SessionListRequest extends PageRequest {
  /** By sign-in time, which is the order of the ids: rows stay where they are while people work. */
  sort?: 'newest' | 'oldest' | undefined
}

/**
 * One page of sessions, newest sign-in first.
 *
 * @throws BadCursor
 */
export async function listSessions(
  db: Database,
  filter: SessionFilter,
  request: SessionListRequest = {},
): Promise<Page<Session>> {
  const limit = pageSize(request)
  const oldestFirst = request.sort === 'oldest'
  const bound = { ...filter, since: filter.since?.toISOString(), sort: oldestFirst ? 'oldest' : 'newest' }
  const cursor = request.after ?? request.before
  const from = cursor === undefined ? undefined : readId(bound, cursor)
  const upwards = oldestFirst !== (request.before !== undefined)
  const rows = await selectSessions(db)
    .where(and(matches(filter), from && (upwards ? gt(sessions.id, from) : lt(sessions.id, from))))
    .orderBy(upwards ? asc(sessions.id) : desc(sessions.id))
    .limit(limit + 1)
  return cutPage(rows.map(toSession), limit, request, (session) => writeCursor(bound, [session.id]))
}

function readId(filter: object, cursor: string): SessionId {
  const [id] = readCursor(filter, cursor, 1)
  if (!id || !validate(id)) throw new BadCursor()
  return id as SessionId
}

/** Sessions that ended within the last seconds: a live list shows them struck through before they leave it. */
export async function justEnded(db: Database, filter: SessionFilter, seconds: number): Promise<Session[]> {
  const rows = await selectSessions(db)
    .where(
      and(matches({ ...filter, state: 'all' }), sql`${sessions.endedAt} > now() - make_interval(secs => ${seconds})`),
    )
    .orderBy(desc(sessions.id))
    .limit(50)
  return rows.map(toSession)
}

/** The sessions with these ids, newest first; those that are not there are left out. */
export async function findSessions(db: Database, ids: SessionId[]): Promise<Session[]> {
  if (ids.length === 0) return []
  const rows = await selectSessions(db).where(inArray(sessions.id, ids)).orderBy(desc(sessions.id))
  return rows.map(toSession)
}

/** @param also over the same joins */
export async function countSessions(db: Database, filter: SessionFilter, also?: SQL): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(apps, eq(apps.id, sessions.appId))
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))
    .where(and(matches(filter), also))
  return row?.count ?? 0
}

/** How many sessions that match have each value, for the filters beside the list. One pass. */
export async function sessionFacets(db: Database, filter: SessionFilter): Promise<Facets> {
  const result = await db.execute(sql`
    select ${apps.id}::text as app, ${apps.name} as app_name, ${sessions.country} as country, ${sessions.browser} as browser,
           ${sessions.os} as os, ${sessions.deviceType} as device, ${sessions.method} as method,
           grouping(${apps.id}) as g_app, grouping(${sessions.country}) as g_country, grouping(${sessions.browser}) as g_browser,
           grouping(${sessions.os}) as g_os, grouping(${sessions.deviceType}) as g_device, grouping(${sessions.method}) as g_method,
           count(*)::int as count
    from ${liveTables}
    where ${matches(filter) ?? sql`true`}
    group by grouping sets ((${apps.id}, ${apps.name}), (${sessions.country}), (${sessions.browser}), (${sessions.os}), (${sessions.deviceType}), (${sessions.method}))
    order by count desc`)
  const rows = rowsOf<Record<string, string | number | null>>(result)
  const of = (name: keyof Facets): Facet[] =>
    rows
      .filter((row) => row[`g_${name}`] === 0)
      .map((row) => ({
        value: String(row[name] ?? UNKNOWN_VALUE),
        label: String((name === 'app' ? row.app_name : row[name]) ?? 'Unknown'),
        count: Number(row.count),
      }))
  return {
    app: of('app'),
    country: of('country'),
    browser: of('browser'),
    os: of('os'),
    device: of('device'),
    method: of('method'),
  }
}
