import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { CHANNEL, readChange } from './changes.js'
import type { OpenDatabase } from './database.js'
import { MIGRATIONS, refuseNewerSchema } from './migrate.js'
import * as schema from './schema.js'

/** Any constant will do, as long as every version of Rollcall uses the same. */
const MIGRATION_LOCK = 7_655_255

/** PostgreSQL by postgres.js. Connects on first use and again after every loss. */
export function openPostgres(url: string, connections = 10): OpenDatabase {
  const client = postgres(url, {
    max: connections,
    connect_timeout: 5,
    idle_timeout: 60,
    onnotice: () => {},
    connection: {
      application_name: 'rollcall',
      TimeZone: 'UTC',
      statement_timeout: 5_000,
      lock_timeout: 4_000,
      idle_in_transaction_session_timeout: 10_000,
    },
  })
  return {
    db: drizzle(client, { schema }),
    kind: 'postgres',
    migrate: () => migrateAlone(url),
    listen: async (heard) => {
      await client.listen(CHANNEL, (payload) => {
        const change = readChange(payload)
        if (change) heard(change)
      })
    },
    close: () => client.end({ timeout: 5 }),
  }
}

/** On a connection of its own: a migration may take longer than a statement of a page. */
async function migrateAlone(url: string) {
  const client = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {}, connection: { TimeZone: 'UTC' } })
  try {
    const db = drizzle(client, { schema })
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`
    await refuseNewerSchema(db)
    await migrate(db, { migrationsFolder: MIGRATIONS })
  } finally {
    await client.end({ timeout: 5 })
  }
}
