import { eq, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { sessionActivity, sessions } from '../db/schema.js'
import { absoluteTimeout, idleTimeout, liveTables } from './live.js'

/** Of a session, in milliseconds of database time, by the policy in force now. */
export interface TimeLeft {
  /** Until it ends if nobody uses it. */
  idleMs: number
  /** Until it ends whatever happens. */
  latestMs: number
  /** How long it may lie unused. */
  policyMs: number
}

/** @returns undefined when there is no such session. Index: the primary key */
export async function timeLeft(db: Database, id: SessionId): Promise<TimeLeft | undefined> {
  const [row] = rowsOf<Record<keyof TimeLeft, number>>(
    await db.execute(sql`
      select (extract(epoch from ${sessionActivity.lastSeenAt} - now()) + ${idleTimeout})::float8 * 1000 as "idleMs",
             extract(epoch from least(${sessions.expiresAt}, ${sessions.createdAt} + make_interval(secs => ${absoluteTimeout})) - now())::float8 * 1000 as "latestMs",
             (${idleTimeout})::float8 * 1000 as "policyMs"
      from ${liveTables} where ${eq(sessions.id, id)}`),
  )
  return row
}
