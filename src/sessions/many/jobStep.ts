import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'

const LONGEST = '60s'
/** For a hundred thousand rows in memory: sorted on disk they take half as long again. */
const ROOM = '64MB'
/** Pages that are asked of the disk ahead: of a set that is not in memory one at a time take four times as long. */
const AHEAD = '200'
const READ_AHEAD = 'effective_io_concurrency'

/**
 * One step of work on what may be hundreds of thousands of sessions, as a transaction. It may take longer than a page's query:
 * it may have to step over all that was ended and is not vacuumed yet.
 *
 * A turn of the event loop comes before it: the embedded database answers without one, and a job of many steps would
 * keep every request waiting until its end.
 */
export async function jobStep<T>(db: Database, act: (tx: Database) => Promise<T>): Promise<T> {
  await turn()
  return db.transaction(async (tx) => {
    // Where the system can't be told what will be read, it is 0 and may be nothing else.
    await tx.execute(sql`
      select set_config('statement_timeout', ${LONGEST}, true), set_config('work_mem', ${ROOM}, true),
        set_config(${READ_AHEAD}, case current_setting(${READ_AHEAD}) when '0' then '0' else ${AHEAD} end, true)`)
    return act(tx)
  })
}

const BATCH = 1_000

/** What one step takes on, so that nothing waits for it for long. */
export function* batches<T>(all: readonly T[]): Generator<T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH)
}
