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

const FIRST = 200
const LEAST = 50
const MOST = 1_000
/** Somebody may wait for a row that a step holds, and on the embedded database everybody for the step. */
const STEP_MS = 250

interface StepOptions {
  first?: number
  stopping?: AbortSignal | undefined
  clock?: () => number
}

/**
 * Takes on all of these, a step after the other, each as large as the one before lets it be done in a quarter of a second:
 * of a thousand rows that are not in memory, one step took ten seconds.
 *
 * @param options `first` is how many the first step takes on; `stopping` ends it after the step at hand
 * @returns what each step brought
 */
export async function inSteps<I, T>(
  db: Database,
  all: readonly I[],
  act: (tx: Database, some: I[]) => Promise<T>,
  { first = FIRST, stopping, clock = () => performance.now() }: StepOptions = {},
): Promise<T[]> {
  const brought: T[] = []
  let size = first
  for (let start = 0; start < all.length && !stopping?.aborted; ) {
    const some = all.slice(start, start + size)
    start += some.length
    const began = clock()
    brought.push(await jobStep(db, (tx) => act(tx, some)))
    const pace = STEP_MS / Math.max(1, clock() - began)
    size = Math.round(Math.min(MOST, Math.max(LEAST, size * Math.min(2, pace))))
  }
  return brought
}
