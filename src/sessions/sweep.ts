import { sql } from 'drizzle-orm'
import { SYSTEM } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { sessionActivity, sessions } from '../db/schema.js'
import { endSessions } from './end.js'
import { jobStep } from './jobStep.js'
import { absoluteTimeout, accountBlocked, idleTimeout, liveTables } from './live.js'
import { sweepByGeneration } from './sweepByGeneration.js'
import type { EndReason } from './types.js'

/** Touches travel in batches: a session counts as idle only two intervals after its time. */
const GRACE_SECONDS = 10
const BATCH = 1_000

/**
 * Marks the rows of sessions that are over by time or by generation. They are refused without it; the mark makes lists
 * and indexes small again and says when it was.
 *
 * @returns how many were marked
 */
export async function sweepSessions(db: Database): Promise<number> {
  let marked = 0
  marked += await sweep(
    db,
    'expired',
    sql`least(${sessions.expiresAt}, ${sessions.createdAt} + make_interval(secs => ${absoluteTimeout})) <= now()`,
  )
  marked += await sweep(
    db,
    'idle',
    sql`${sessionActivity.lastSeenAt} + make_interval(secs => ${idleTimeout} + ${GRACE_SECONDS}) <= now()`,
  )
  marked += await sweep(db, 'blocked', accountBlocked)
  marked += await sweepByGeneration(db)
  return marked
}

/** Index: sessions_live_id; at most a batch a transaction, so that no check waits. */
async function sweep(db: Database, reason: EndReason, over: ReturnType<typeof sql>): Promise<number> {
  let total = 0
  for (;;) {
    const ended = await jobStep(db, (tx) =>
      endSessions(
        tx,
        sql`${sessions.id} = any(array(
          select ${sessions.id} from ${liveTables}
          where ${sessions.endedAt} is null and ${over}
          limit ${BATCH}))`,
        { reason, by: SYSTEM },
      ),
    )
    total += ended.length
    if (ended.length < BATCH) return total
  }
}
