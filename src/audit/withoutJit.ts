import { sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'

/**
 * A short statement whose cost PostgreSQL overestimates, many times over: compiling it takes ten times as long as the
 * statement does.
 */
export const withoutJit = <T>(db: Database, act: (tx: Database) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('jit', 'off', true)`)
    return act(tx)
  })
