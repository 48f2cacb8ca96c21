import { sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import { sessions } from '../../db/schema.js'
import { jobStep } from './jobStep.js'

/** Rows a transaction: some 20 ms, which no check would feel. */
const BATCH = 500

/**
 * Removes sessions that ended longer ago than they are kept, with what hangs on them, oldest first. Index: sessions_ended.
 *
 * @param keptDays from the end on; what is live stays, however old
 * @returns how many went
 */
export async function removeOldSessions(db: Database, keptDays: number, stopping?: AbortSignal): Promise<number> {
  let total = 0
  while (!stopping?.aborted) {
    const gone = await jobStep(db, (tx) =>
      tx
        .delete(sessions)
        .where(
          sql`${sessions.id} = any(array(
            select id from ${sessions} where ended_at < now() - make_interval(days => ${keptDays})
            order by ended_at limit ${BATCH} for update skip locked))`,
        )
        .returning({ id: sessions.id }),
    )
    total += gone.length
    if (gone.length < BATCH) break
  }
  return total
}
