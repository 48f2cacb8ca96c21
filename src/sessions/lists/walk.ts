import { and, asc, desc, type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import type { SessionId } from '../../db/ids.js'
import { sessionActivity, sessions } from '../../db/schema.js'
import { isLive, isLiveOfMany, liveJoins, liveTables } from '../live.js'
import { among, selectSessions, toSession } from '../read.js'
import type { Session, SessionFilter } from '../types.js'
import { blockOver } from './blockedNetwork.js'
import { type Arm, arms, type Known, networkOf, seenBefore } from './search.js'
import { lastSweep } from './swept.js'
import { type AtMost, atMost, isAnythingMarked, talliedPart } from './tallies.js'

/**
 * Values that never meet, or that hardly any session has, would have a walk go through everything to find nothing. Of
 * the live ones each value has an index.
 */
async function howMany(db: Database, filter: SessionFilter): Promise<AtMost | undefined> {
  const given = talliedPart(filter)
  const few = (filter.state ?? 'live') === 'live' ? 2 : 1
  return given.length < few ? undefined : atMost(db, given)
}

async function known(db: Database, filter: SessionFilter): Promise<Known> {
  const network = networkOf(filter)
  const [swept, most, isMarking, isUnseenRare, block] = await Promise.all([
    lastSweep(db, filter.app),
    howMany(db, filter),
    filter.state !== 'all' && isAnythingMarked(db),
    filter.unseenDays !== undefined && areFewUnseen(db, filter.unseenDays),
    network === undefined ? undefined : blockOver(db, network),
  ])
  return { swept, most, isMarking, isUnseenRare, isBlocked: block !== undefined && !block.awaitsConfirmation }
}

/** Of so many that nobody has used for long, each is looked at; of more, a walk meets one often enough. */
const FEW_UNSEEN = 50_000

/** Index: session_activity_day. */
async function areFewUnseen(db: Database, days: number): Promise<boolean> {
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`
      select count(*)::int as n from (
        select from ${sessionActivity} where ${seenBefore(days)} limit ${FEW_UNSEEN}) unseen`),
  )
  return row !== undefined && row.n < FEW_UNSEEN
}

interface Walk {
  upwards: boolean
  /** Beyond this one. */
  from?: SessionId | undefined
  limit: number
}

/** So many of what was just ended with others, and is not marked yet, are stepped over at a time. */
const LONGEST_STRIDE = 4_000

/**
 * In strides: the index gives the next ids, their rows say which of them are in the state that the list shows. Nearly
 * all are: a second stride is for when many have ended and are not marked yet. Of those whole rows are not read, which
 * of a blocked network's sixty thousand kept the process busy for many seconds.
 */
export async function walk(db: Database, filter: SessionFilter, { upwards, from, limit }: Walk): Promise<Session[]> {
  const { state = 'live' } = filter
  const all = arms(filter, await known(db, filter))
  if (all.length === 0) return []
  const found: Session[] = []
  for (let stride = limit, beyond = from; ; stride = Math.min(stride * 4, LONGEST_STRIDE)) {
    const next = firstIds(all, { upwards, from: beyond, limit: stride })
    const ids = rowsOf<{ id: SessionId }>(await db.execute(next)).map(({ id }) => id)
    const there = state === 'live' && stride > limit ? await liveAmong(db, ids) : ids
    const some = there.slice(0, limit - found.length)
    const rows = await findSessions(db, some, upwards)
    found.push(...rows.filter((session) => state === 'all' || session.state === state))
    const isLast = ids.length < stride && some.length === there.length
    if (isLast || found.length >= limit) return found
    beyond = some.length < there.length ? some.at(-1) : ids.at(-1)
  }
}

/** Those of them that are live, in their order. Index: the key. */
async function liveAmong(db: Database, ids: SessionId[]): Promise<SessionId[]> {
  const rows = rowsOf<{ id: SessionId }>(
    await db.execute(sql`select ${sessions.id} as id from ${liveTables} where ${among(ids)} and ${isLive}`),
  )
  const live = new Set(rows.map(({ id }) => id))
  return ids.filter((id) => live.has(id))
}

/** The first ids of each arm, merged: a query of one column, `id`. */
function firstIds(all: Arm[], { upwards, from, limit }: Walk): SQL {
  const order = upwards ? sql`order by id` : sql`order by id desc`
  const beyond = from && (upwards ? sql`and ${sessions.id} > ${from}` : sql`and ${sessions.id} < ${from}`)
  const parts = all.map(({ where, check }) => {
    if (!check) return sql`(select id from ${sessions} where ${where} ${beyond} ${order} limit ${limit})`
    const rows = check.within ? firstRows(sql`${where} ${beyond} ${order} limit ${check.within}`) : sql`${sessions}`
    const here = check.within ? sql`true` : sql`${where} ${beyond}`
    return sql`(select ${sessions.id} as id from ${rows} ${liveJoins} where ${here} and ${check.keep} ${order} limit ${limit})`
  })
  const [only] = parts
  if (only && parts.length === 1) return only
  return sql`${sql.join(parts, sql` union `)} ${order} limit ${limit}`
}

/** Their ids come from the index alone: whole rows would be read before they are in order, all that a network has. */
const firstRows = (which: SQL) =>
  sql`(select * from ${sessions} where ${sessions.id} = any(array(select id from ${sessions} where ${which}))) ${sessions}`

/**
 * A query for the ids of the newest sessions that match, in no order; at most so many. Of a live list, twice as many are
 * looked at: that half of them have ended and are not marked is for moments only.
 */
export async function newestMatching(db: Database, filter: SessionFilter, limit: number): Promise<SQL> {
  const all = arms(filter, await known(db, filter))
  if (all.length === 0) return sql`select id from ${sessions} where false`
  const isLiveList = (filter.state ?? 'live') === 'live'
  const checked = isLiveList ? all.map((arm) => ({ where: arm.where, check: onlyLive(arm, limit) })) : all
  return firstIds(checked, { upwards: false, limit })
}

function onlyLive({ check }: Arm, limit: number): NonNullable<Arm['check']> {
  return check ? { keep: sql`${and(isLiveOfMany, check.keep)}` } : { keep: isLiveOfMany, within: 2 * limit }
}

/** The sessions with these ids, newest first; those that are not there are left out. Index: the key. */
export async function findSessions(db: Database, ids: SessionId[], oldestFirst = false): Promise<Session[]> {
  if (ids.length === 0) return []
  const rows = await selectSessions(db)
    .where(among(ids))
    .orderBy(oldestFirst ? asc(sessions.id) : desc(sessions.id))
  return rows.map(toSession)
}
