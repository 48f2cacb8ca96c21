import { type Column, type SQL, sql } from 'drizzle-orm'
import { type Database, databaseTime, rowsOf } from '../../db/connect.js'
import { idFloor } from '../../db/ids.js'
import { auditEvents, sessionCounts, sessions } from '../../db/schema.js'
import { isLiveOfMany, liveTables } from '../live.js'
import { type Count, LOOKED_AT } from '../types.js'
import { countOnline } from './online.js'
import { readTotal } from './tallies.js'

const QUARTER = sql`date_bin('15 minutes', now(), 'epoch')`

/** How many sessions are live: by the one predicate where they are few ("exact"), else from the tallies ("about"). */
export async function countLive(db: Database): Promise<Count> {
  const { total, frozen, allEnded } = await readTotal(db)
  if (total > LOOKED_AT)
    return { n: allEnded ? await countSince(db, allEnded) : Math.max(0, total - frozen), how: 'about' }
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`select count(*)::int as n from ${liveTables} where ${isLiveOfMany}`),
  )
  return { n: row?.n ?? 0, how: 'exact' }
}

/** While a kill switch's rows are being marked, the tallies hold what it ended. Index: sessions_live_walk. */
async function countSince(db: Database, allEnded: Date): Promise<number> {
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`
      select count(*)::int as n from (
        select from ${sessions} where ended_at is null and id >= ${idFloor(allEnded)} limit ${MOST_SINCE}) since`),
  )
  return row?.n ?? 0
}

const MOST_SINCE = 100_000

/**
 * Writes the present quarter of an hour for the charts, and when it has just begun, what came at the end of the one
 * before; several processes write the same rows. Indexes: audit_events_action, sessions_ended.
 *
 * @param now the database's time unless given
 */
export async function recordCounts(db: Database, now?: Date): Promise<void> {
  const live = await countLive(db)
  const online = await countOnline(db, live)
  const ms = (now ?? (await databaseTime(db))).getTime()
  const begin = new Date(ms - (ms % QUARTER_MS))
  if (ms - begin.getTime() < YOUNG_MS) {
    const before = new Date(begin.getTime() - QUARTER_MS)
    await db.execute(sql`
      update ${sessionCounts} set (sign_ins, failures, ended) = (select ${sumsOf(before)})
      where at = ${before.toISOString()}::timestamptz`)
  }
  await db.execute(sql`
    insert into ${sessionCounts} (at, live, online, sign_ins, failures, ended)
    select ${begin.toISOString()}::timestamptz, ${live.n}, ${online.n}, ${sumsOf(begin)}
    on conflict (at) do update set live = excluded.live, online = excluded.online, sign_ins = excluded.sign_ins,
      failures = excluded.failures, ended = excluded.ended`)
}

const QUARTER_MS = 15 * 60_000
/** Some times as long as it is until it is written again. */
const YOUNG_MS = 3 * 60_000

/** Of the quarter of an hour that begins then: sign-ins, failures, and sessions that ended. */
function sumsOf(begin: Date): SQL {
  // Ids of events begin with the time by the clock of the process that made them: it may be behind the database's.
  const floor = idFloor(new Date(begin.getTime() - CLOCKS_APART_MS))
  const from = sql`${begin.toISOString()}::timestamptz`
  const within = (at: Column) => sql`${at} >= ${from} and ${at} < ${from} + interval '15 minutes'`
  const events = (action: string) => sql`(
    select count(*) from ${auditEvents}
    where ${auditEvents.action} = ${action} and ${auditEvents.id} >= ${floor} and ${within(auditEvents.at)})`
  return sql`${events('session.started')}, ${events('sign-in.refused')},
    (select count(*) from ${sessions} where ${within(sessions.endedAt)})`
}

const CLOCKS_APART_MS = 10 * 60_000

/** Two hours of quarters that were counted: `ago` is 0 for the last two hours, 1 for those before. */
export interface CountSlot {
  ago: number
  quarters: number
  /** Means of the quarters. */
  live: number
  online: number
  /** Sums. */
  signIns: number
  failures: number
  ended: number
}

/** The last two days; no slot where no process was running. Index: session_counts' key. */
export async function recentSlots(db: Database, now: Date): Promise<CountSlot[]> {
  const at = sql`${now.toISOString()}::timestamptz`
  return rowsOf<CountSlot>(
    await db.execute(sql`
      select floor(extract(epoch from ${at} - at) / 7200)::int as ago, count(*)::int as quarters,
        avg(live)::float8 as live, avg(online)::float8 as online, sum(sign_ins)::int as "signIns",
        sum(failures)::int as failures, sum(ended)::int as ended
      from ${sessionCounts} where at > ${at} - interval '48 hours' and at <= ${at} group by 1 order by 1`),
  )
}

/**
 * How many have ended within a day: by the quarters, of which the last ones are written once a minute, and those that
 * came since. Of more than `MOST_FRESH` in half an hour the minute's figure has to do. Indexes: session_counts' key,
 * sessions_ended.
 */
export async function endedInDay(db: Database, now: Date): Promise<number> {
  const at = sql`${now.toISOString()}::timestamptz`
  const lately = sql`${QUARTER} - interval '15 minutes'`
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`
      select (
        coalesce(sum(ended), 0) + greatest(0, (
          select count(*) from (select from ${sessions} where ended_at >= ${lately} limit ${MOST_FRESH}) fresh
        ) - coalesce(sum(ended) filter (where at >= ${lately}), 0)))::int as n
      from ${sessionCounts} where at > ${at} - interval '24 hours' and at <= ${at}`),
  )
  return row?.n ?? 0
}

const MOST_FRESH = 2_000

/** What was counted in the quarter of an hour that is nearest to then, if one was. */
export async function countsAt(db: Database, then: Date): Promise<{ live: number; online: number } | undefined> {
  const [quarter] = await db
    .select({ live: sessionCounts.live, online: sessionCounts.online })
    .from(sessionCounts)
    .where(sql`${sessionCounts.at} between ${then.toISOString()}::timestamptz - interval '8 minutes'
      and ${then.toISOString()}::timestamptz + interval '8 minutes'`)
    .limit(1)
  return quarter
}
