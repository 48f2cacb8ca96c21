import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import type { Bulk, Database, OpenDatabase } from './database.js'
import { createListener } from './listener.js'
import { MIGRATIONS, refuseNewerSchema } from './migrate.js'
import { withNames } from './prepare.js'
import { refusedInWords, refuseUnsuitable } from './refused.js'
import { retrying } from './retries.js'
import * as schema from './schema.js'

/** Any constant will do, as long as every version of Rollcall uses the same. */
const MIGRATION_LOCK = 7_655_255

/** Of a migration: for another process that migrates, or for a table. The start tries again, and says so. */
const LONGEST_LOCK_WAIT = '4s'

/** Misses are few, and each is one look-up by a key: more connections would only wait for the same cores. */
const CHECK_CONNECTIONS = 4

/** The batches of one process come one after the other, those of apps beside them. */
const USE_CONNECTIONS = 2

/** PostgreSQL by postgres.js. Connects on first use and again after every loss. */
export function openPostgres(url: string, connections = 10): OpenDatabase {
  const pages = connect(url, { max: connections, idle_timeout: 60, ...COMES_BACK_SOON }, 5_000, PLANNED_ANEW)
  const checks = renewable(() => connect(url, { max: CHECK_CONNECTIONS, idle_timeout: 60, ...COMES_BACK_SOON }, 1_000))
  const uses = renewable(() =>
    connect(url, { max: USE_CONNECTIONS, ...PLANNED_FOR, ...COMES_BACK_SOON }, 5_000, PLANNED_ONCE),
  )
  const polls = renewable(() => connect(url, { max: 1, ...COMES_BACK_SOON }, 1_000))
  const listener = createListener(() => connect(url, { max: 1, ...COMES_BACK_SOON }, 1_000))
  return {
    db: retrying(drizzle(pages, { schema })),
    get checks() {
      return checks.db
    },
    get polls() {
      return polls.db
    },
    get uses() {
      return uses.db
    },
    kind: 'postgres',
    migrate: () => migrateAlone(url),
    listen: listener.listen,
    bulk: (work) => bulk(url, work),
    renew: (what) => ({ checks, polls, uses, listener })[what].renew(),
    close: async () => {
      await Promise.all([pages.end({ timeout: 5 }), checks.end(), polls.end(), uses.end(), listener.end()])
    },
  }
}

/** The driver's own backoff grows to 20 s: ten leases. With jitter, so that all nodes do not come back in step. */
const COMES_BACK_SOON = {
  connect_timeout: 2,
  backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 0.5) * (0.5 + Math.random() / 2),
}

/** A prepared statement's plan for any value is a hundred times slower for some: lists are planned for what they ask. */
const PLANNED_ANEW = {
  plan_cache_mode: 'force_custom_plan',
  // A worker takes longer to start than a page takes to read, on a core that the checks want.
  max_parallel_workers_per_gather: '0',
}

/**
 * A batch of uses is looked up key by key, whatever is in it. To find that out for each took PostgreSQL 10 ms, longer than
 * to write it.
 */
const PLANNED_ONCE = { plan_cache_mode: 'force_generic_plan' }
/** Seconds. A plan rests on how large the tables were when it was made: the connection goes, and it with it. */
const PLANNED_FOR = { max_lifetime: 30, idle_timeout: 20 }

/** For one transaction that takes as long as it takes. */
const ALONE = {
  max: 1,
  connect_timeout: 5,
  // As below.
  fetch_types: false,
  onnotice: () => {},
  connection: { TimeZone: 'UTC' },
}

function connect(
  url: string,
  options: postgres.Options<Record<string, never>>,
  statementTimeoutMs: number,
  settings: Record<string, string> = {},
) {
  const client = postgres(url, {
    connect_timeout: 5,
    // Asked for at each connection by a query that nobody waits for: cut off in it, its rejection would end the process.
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: 'rollcall',
      TimeZone: 'UTC',
      statement_timeout: statementTimeoutMs,
      lock_timeout: Math.min(statementTimeoutMs, 4_000),
      idle_in_transaction_session_timeout: 10_000,
      // By its estimates it compiles for half a second what then runs for a millisecond.
      jit: 'off',
      ...settings,
    },
    ...options,
  })
  return withNames(client)
}

function renewable(open: () => postgres.Sql) {
  let client = open()
  let db: Database = drizzle(client, { schema })
  return {
    get db() {
      return db
    },
    renew() {
      const old = client
      client = open()
      db = drizzle(client, { schema })
      void old.end({ timeout: 0 })
    },
    end: () => client.end({ timeout: 5 }),
  }
}

async function bulk<T>(url: string, work: (bulk: Bulk) => Promise<T>): Promise<T> {
  const client = postgres(url, ALONE)
  try {
    return (await client.begin(async (tx) => {
      await liftLimits(tx)
      return work({
        run: async <Row>(statement: SQL) => {
          const { sql: text, params } = new PgDialect().sqlToQuery(statement)
          return [...(await tx.unsafe(text, params as string[]))] as Row[]
        },
        copy: async (into, lines) => {
          const target = await tx.unsafe(`copy ${into} from stdin`).writable()
          await pipeline(Readable.from(lines), target)
        },
      })
    })) as T
  } finally {
    await client.end({ timeout: 5 })
  }
}

/**
 * On a connection of its own, and in one transaction with the lock: behind a pooler that gives each transaction another
 * connection, a lock of the session would stay with whoever has that one next, and every later start wait for it.
 */
async function migrateAlone(url: string) {
  const client = postgres(url, ALONE)
  try {
    await client.begin(async (tx) => {
      await liftLimits(tx)
      // It waits for no table with everybody behind it.
      await tx`select set_config('lock_timeout', ${LONGEST_LOCK_WAIT}, true)`
      await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`
      const [server] = await tx<{ version: number; encoding: string }[]>`
        select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`
      if (server) refuseUnsuitable(server)
      const db = drizzle(asClient(tx, client), { schema })
      await refuseNewerSchema(db)
      await migrate(db, { migrationsFolder: MIGRATIONS })
    })
  } catch (error) {
    throw refusedInWords(error)
  } finally {
    await client.end({ timeout: 5 })
  }
}

/** Those that the role, the database or the server has. */
const liftLimits = (tx: postgres.TransactionSql) => tx`
  select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)`

/** The migrator begins a transaction: within one that is a savepoint. */
const asClient = (tx: postgres.TransactionSql, { options }: postgres.Sql) =>
  Object.assign(tx, { options, begin: tx.savepoint }) as unknown as postgres.Sql
