import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { auditEvents, sessionCounts, sessions } from '../db/schema.js'
import { isLive, liveTables } from './live.js'
import { countOnline } from './online.js'
import { idFloor } from './search.js'
import { readTotal } from './tallies.js'
import { type Count, LOOKED_AT } from './types.js'

const QUARTER = sql`date_bin('15 minutes', now(), 'epoch')`

/** How many sessions are live: by the one predicate where they are few ("exact"), else from the tallies ("about"). */
export async function countLive(db: Database): Promise<Count> {
  const { total, allEnded } = await readTotal(db)
  if (total > LOOKED_AT) return { n: allEnded ? await countSince(db, allEnded) : total, how: 'about' }
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`select count(*)::int as n from ${liveTables} where ${isLive}`),
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
 * Writes the present quarter of an hour for the charts; several processes write the same row. Indexes:
 * audit_events_action, sessions_ended.
 */
export async function recordCounts(db: Database): Promise<void> {
  const live = await countLive(db)
  const online = await countOnline(db, live)
  const [quarter] = rowsOf<{ at: string }>(await db.execute(sql`select ${QUARTER}::text as at`))
  // Ids of events begin with the time by the clock of the process that made them: it may be behind the database's.
  const floor = idFloor(new Date(new Date(quarter?.at ?? 0).getTime() - CLOCKS_APART_MS))
  const events = (action: string) => sql`(
    select count(*) from ${auditEvents}
    where ${auditEvents.action} = ${action} and ${auditEvents.id} >= ${floor} and ${auditEvents.at} >= ${QUARTER})`
  await db.execute(sql`
    insert into ${sessionCounts} (at, live, online, sign_ins, failures, ended)
    select ${QUARTER}, ${live.n}, ${online.n}, ${events('session.started')}, ${events('sign-in.refused')},
      (select count(*) from ${sessions} where ${sessions.endedAt} >= ${QUARTER})
    on conflict (at) do update set live = excluded.live, online = excluded.online, sign_ins = excluded.sign_ins,
      failures = excluded.failures, ended = excluded.ended`)
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
