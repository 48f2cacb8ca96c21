import { sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { openEmbedded } from './embedded.js'
import type { Change } from './notices.js'
import { openPostgres } from './postgres.js'
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

export interface DatabaseOptions {
  /** PostgreSQL; without it the embedded database. */
  url?: string | undefined
  dataDir: string
  /** At most this many connections to PostgreSQL. */
  connections?: number
}

/**
 * Opens the database, without waiting for it to answer.
 *
 * @throws DataDirectoryInUse when another process has the embedded one open
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  return options.url ? openPostgres(options.url, options.connections) : openEmbedded(options.dataDir)
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
