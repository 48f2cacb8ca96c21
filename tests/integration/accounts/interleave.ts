import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../../src/db/connect.js'

/**
 * Forces "both at once": the first act is done and held open in its transaction; the second begins, and only when it
 * waits for the first (or has finished without waiting) may the first commit.
 */
export async function atTheSameTime<A, B>(
  [one, other]: [Database, Database],
  first: (tx: Database) => Promise<A>,
  second: (db: Database) => Promise<B>,
): Promise<[A, B]> {
  let running: Promise<B> | undefined
  const a = await one.transaction(async (tx) => {
    const done = await first(tx)
    let settled = false
    running = second(other)
    const mark = () => {
      settled = true
    }
    running.then(mark, mark)
    while (!settled && !(await somebodyWaits(tx))) await new Promise(setImmediate)
    return done
  })
  if (!running) throw new Error('the second act never began')
  return [a, await running]
}

/** Not `pg_stat_activity`: within a transaction that is a picture of its first look. */
export async function somebodyWaits(tx: Database): Promise<boolean> {
  const rows = rowsOf(
    await tx.execute(sql`
      select 1 from pg_locks waiting
      where not granted and pg_backend_pid() = any (pg_blocking_pids(waiting.pid))`),
  )
  return rows.length > 0
}
