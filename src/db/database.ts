import { type SQL, sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type * as schema from './schema.js'

/** Drizzle over either driver. A transaction is one too, so that domain functions compose. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>

/** Connections that can be dropped and made anew: a half-open one takes queries and never answers. */
export type Renewable = 'checks' | 'polls' | 'uses' | 'listener'

/** One transaction without a limit on how long a statement takes. */
export interface Bulk {
  run<Row = unknown>(statement: SQL): Promise<Row[]>
  /**
   * @param into a table with its columns: "accounts (id, name)"
   * @param lines in the text format of COPY, some at a time: they are asked for while the database writes
   */
  copy(into: string, lines: Iterable<string>): Promise<void>
}

export interface OpenDatabase {
  /** For pages, acts and jobs. */
  db: Database
  /**
   * For checks alone, at most 1 s a statement: pages and sign-ins that hold every other connection do not starve them
   * (S-73, S-74). Read the property for each query: `renew` replaces it.
   */
  readonly checks: Database
  /** For the follower alone, one connection: no flood of checks stands before a poll. Read it for each query too. */
  readonly polls: Database
  /** For writing down that sessions were used: key by key, by a plan that is made once. Read it for each query too. */
  readonly uses: Database
  kind: 'pglite' | 'postgres'
  /** Runs all migrations; on PostgreSQL under an advisory lock. */
  migrate(): Promise<void>
  /**
   * Hears what is notified on a channel, by this process and every other.
   *
   * @param onListening after each connection: what was notified before it is lost
   */
  listen(channel: string, heard: (payload: string) => void, onListening?: () => void): Promise<void>
  /** A connection of its own to write millions of rows over, in one transaction. */
  bulk<T>(work: (bulk: Bulk) => Promise<T>): Promise<T>
  /** Drops these connections and makes new ones. What was asked on them rejects. */
  renew(what: Renewable): void
  close(): Promise<void>
}

/** The rows of `db.execute(...)`, whose shape differs between the drivers. */
export function rowsOf<T>(result: unknown): T[] {
  return (Array.isArray(result) ? result : (result as { rows: T[] }).rows) as T[]
}

/** The database's own time: the only clock that decides about sessions. After a wait for a lock it is past `now()`. */
export async function databaseTime(db: Database): Promise<Date> {
  const [row] = rowsOf<{ now: string }>(await db.execute(sql`select clock_timestamp()::text as now`))
  return new Date(row?.now ?? Number.NaN)
}
