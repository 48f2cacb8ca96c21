import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { auditEvents, sessionActivity, sessionCounts, sessions } from '../db/schema.js'
import { isLive, liveTables } from './live.js'

const QUARTER = sql`date_bin('15 minutes', now(), 'epoch')`

export interface LiveCounts {
  /** Live sessions. */
  live: number
  /** Accounts with a session seen in the last five minutes. */
  online: number
}

export async function liveCounts(db: Database): Promise<LiveCounts> {
  const [row] = rowsOf<LiveCounts>(
    await db.execute(sql`
      select count(*)::int as live,
             count(distinct ${sessions.accountId}) filter (where ${sessionActivity.lastSeenAt} > now() - interval '5 minutes')::int as online
      from ${liveTables} where ${isLive}`),
  )
  return row ?? { live: 0, online: 0 }
}

/** Writes the present quarter of an hour for the charts; several processes write the same row. */
export async function recordCounts(db: Database): Promise<void> {
  const { live, online } = await liveCounts(db)
  await db.execute(sql`
    insert into ${sessionCounts} (at, live, online, sign_ins, failures, ended)
    select ${QUARTER}, ${live}, ${online},
      (select count(*) from ${auditEvents} where ${auditEvents.action} = 'session.started' and ${auditEvents.at} >= ${QUARTER}),
      (select count(*) from ${auditEvents} where ${auditEvents.action} = 'sign-in.refused' and ${auditEvents.at} >= ${QUARTER}),
      (select count(*) from ${sessions} where ${sessions.endedAt} >= ${QUARTER})
    on conflict (at) do update set live = excluded.live, online = excluded.online, sign_ins = excluded.sign_ins,
      failures = excluded.failures, ended = excluded.ended`)
}

/** One quarter of an hour, as the charts draw it. */
export interface CountPoint {
  at: Date
  live: number
  online: number
  signIns: number
  failures: number
  ended: number
}

/** The quarters since then, oldest first; none where no process was running. */
export async function countsSince(db: Database, hours: number): Promise<CountPoint[]> {
  return db
    .select()
    .from(sessionCounts)
    .where(sql`${sessionCounts.at} > now() - make_interval(hours => ${hours})`)
    .orderBy(sessionCounts.at)
}
