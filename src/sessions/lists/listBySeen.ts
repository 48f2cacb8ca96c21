import { and, type SQL, sql } from 'drizzle-orm'
import { validate } from 'uuid'
import { z } from 'zod'
import { type Database, rowsOf } from '../../db/connect.js'
import type { SessionId } from '../../db/ids.js'
import {
  BadCursor,
  type Bound,
  cutPage,
  type Page,
  type PageRequest,
  pageSize,
  readCursor,
  writeCursor,
} from '../../db/page.js'
import { sessionActivity, sessions } from '../../db/schema.js'
import { liveJoins } from '../live.js'
import type { Session, SessionFilter } from '../types.js'
import { asSaid, matches } from './search.js'
import { lastSweep, stillThere } from './swept.js'
import { atMost, isAnythingMarked, onlyTallied, readTotal, talliedPart } from './tallies.js'
import { findSessions, newestMatching } from './walk.js'

/** So many are sorted to the second; more by the day that they were last seen on, and within it by sign-in time. */
export const SORTED_EXACTLY = 10_000

interface SeenRequest extends PageRequest {
  /** The latest first, or the longest ago. */
  sort: 'seen' | 'unseen'
}

/** What a list of live sessions by last use is sorted by. */
export type SeenBy = 'second' | 'day'

/**
 * One page of live sessions by when they were last used. One that is used while somebody pages moves to the head: it is
 * missed on later pages, and never shown twice on one.
 *
 * @throws BadCursor
 */
export async function listBySeen(
  db: Database,
  filter: SessionFilter,
  request: SeenRequest,
  exactly = SORTED_EXACTLY,
): Promise<Page<Session>> {
  const limit = pageSize(request)
  const by = await sortedBy(db, filter, exactly)
  const bound = { list: 'sessions' as const, ...asSaid(filter), sort: request.sort, by }
  const cursor = request.after ?? request.before
  const from = cursor === undefined ? undefined : readKey(bound, cursor)
  const upwards = (request.sort === 'unseen') !== (request.before !== undefined)
  const rows = rowsOf<Key>(await db.execute(await pageOfKeys(db, filter, by, { upwards, from, limit: limit + 1 })))
  const page = cutPage(rows, limit, request, ({ key, id }) => writeCursor(bound, [key, id]))
  const found = await findSessions(
    db,
    page.items.map(({ id }) => id),
  )
  const byId = new Map(found.map((session) => [session.id, session]))
  return { ...page, items: page.items.flatMap(({ id }) => byId.get(id) ?? []) }
}

/**
 * Whether few enough match to sort them to the second. The tallies know it of up to two values, unless they still have
 * what ended with many others; else they are counted.
 */
export async function sortedBy(db: Database, filter: SessionFilter, exactly = SORTED_EXACTLY): Promise<SeenBy> {
  const given = talliedPart(filter)
  if (onlyTallied(filter) && given.length <= 2 && !(await isAnythingMarked(db))) {
    const live = given.length === 0 ? (await readTotal(db)).total : (await atMost(db, given)).live
    return live <= exactly ? 'second' : 'day'
  }
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`
      select count(*)::int as n from (${await newestMatching(db, live(filter), exactly + 1)}) found`),
  )
  return row && row.n <= exactly ? 'second' : 'day'
}

const live = (filter: SessionFilter): SessionFilter => ({ ...filter, state: 'live' })

interface Key {
  /** The time or the day, as text. */
  key: string
  id: SessionId
}

interface Range {
  upwards: boolean
  from: Key | undefined
  limit: number
}

/** A query for `key` and `id`. Indexes: those of the filter, or session_activity_day. */
async function pageOfKeys(
  db: Database,
  filter: SessionFilter,
  by: SeenBy,
  { upwards, from, limit }: Range,
): Promise<SQL> {
  const key = by === 'second' ? sql`${sessionActivity.lastSeenAt}` : sql`${sessionActivity.seenOn}`
  const type = by === 'second' ? sql`timestamptz` : sql`date`
  const row = sql`(${key}, ${sessionActivity.sessionId})`
  const bound = from && sql`(${from.key}::${type}, ${from.id}::uuid)`
  const beyond = bound && (upwards ? sql`${row} > ${bound}` : sql`${row} < ${bound}`)
  const order = upwards ? sql`1, 2` : sql`1 desc, 2 desc`
  const among =
    by === 'second'
      ? sql`${sessions.id} = any(array(${await newestMatching(db, live(filter), SORTED_EXACTLY + 1)}))`
      : and(
          sql`${sessionActivity.seenOn} is not null`,
          stillThere(await lastSweep(db, filter.app)),
          matches(live(filter)),
        )
  return sql`
    select key::text as key, id from (
      select ${key} as key, ${sessionActivity.sessionId} as id
      from ${sessions} ${liveJoins} where ${and(among, beyond)}
      order by ${order} limit ${limit}) keys
    order by ${upwards ? sql`keys.key, id` : sql`keys.key desc, id desc`}`
}

function readKey(bound: Bound & { by: SeenBy }, cursor: string): Key {
  const [key, id] = readCursor(bound, cursor, 2)
  if (!key || !KEYS[bound.by](key) || !id || !validate(id)) throw new BadCursor()
  return { key, id: id as SessionId }
}

/** As PostgreSQL writes it, and so reads it: JavaScript takes more for a time than that. */
const KEYS: Record<SeenBy, (key: string) => boolean> = {
  day: (key) => key >= '1970' && z.iso.date().safeParse(key).success,
  second: (key) => key >= '1970' && MOMENT.safeParse(key.replace(' ', 'T').replace(/[+-]\d\d$/, '$&:00')).success,
}
const MOMENT = z.iso.datetime({ offset: true })
