import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
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

/**
 * Forces the middle of an act: it runs into a lock that is taken first and waits for it, and only then, in the same
 * transaction as that lock, the other one goes on.
 */
export async function whileItWaits<T>(
  [one, other]: [Database, Database],
  lock: (tx: Database) => Promise<unknown>,
  act: (db: Database) => Promise<T>,
  meanwhile: (tx: Database) => Promise<unknown>,
): Promise<T> {
  let running: Promise<T> | undefined
  await one.transaction(async (tx) => {
    await lock(tx)
    running = act(other)
    running.catch(() => {})
    while (!(await somebodyWaits(tx))) await new Promise(setImmediate)
    await meanwhile(tx)
  })
  if (!running) throw new Error('the act never began')
  return running
}

/** As any act that changes the row locks it. */
export const lockRow = (tx: Database, table: PgTable, id: string) =>
  tx.execute(sql`select 1 from ${table} where id = ${id} for no key update`)

/** The same without waiting: throws where somebody holds the row, whom a dead-lock and a second try would hide. */
export const lockRowNow = (tx: Database, table: PgTable, id: string) =>
  tx.execute(sql`select 1 from ${table} where id = ${id} for no key update nowait`)

/** Not `pg_stat_activity`: within a transaction that is a picture of its first look. */
export async function somebodyWaits(tx: Database): Promise<boolean> {
  const rows = rowsOf(
    await tx.execute(sql`
      select 1 from pg_locks waiting
      where not granted and pg_backend_pid() = any (pg_blocking_pids(waiting.pid))`),
  )
  return rows.length > 0
}
