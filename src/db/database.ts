import { sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Change } from './changes.js'
import type * as schema from './schema.js'

/** Drizzle over either driver. A transaction is one too, so that domain functions compose. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>

export interface OpenDatabase {
  db: Database
  kind: 'pglite' | 'postgres'
  /** Runs all migrations; on PostgreSQL under an advisory lock. */
  migrate(): Promise<void>
  /** Hears what `announce` says, from this process and every other; again after every reconnection. */
  listen(heard: (change: Change) => void): Promise<void>
  close(): Promise<void>
}

/** The rows of `db.execute(...)`, whose shape differs between the drivers. */
export function rowsOf<T>(result: unknown): T[] {
  return (Array.isArray(result) ? result : (result as { rows: T[] }).rows) as T[]
}

/** The database's own time: the only clock that decides about sessions. */
export async function databaseTime(db: Database): Promise<Date> {
  const [row] = rowsOf<{ now: string }>(await db.execute(sql`select now()::text as now`))
  return new Date(row?.now ?? Number.NaN)
}
