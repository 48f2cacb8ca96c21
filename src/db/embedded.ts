import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PGlite, type PGliteOptions, type Transaction } from '@electric-sql/pglite'
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm'
import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { PROJECT_ROOT } from '../root.js'
import type { Bulk, OpenDatabase } from './database.js'
import { lockDirectory } from './lock.js'
import { MIGRATIONS, refuseNewerSchema } from './migrate.js'
import { refusedDirectory } from './refused.js'
import * as schema from './schema.js'

/** A migrated, empty database that the build makes: a first start needs no initdb and no migration of its own (5 s less). */
export const FRESH_DATABASE = join(PROJECT_ROOT, 'dist', 'fresh-database.tar.gz')

/**
 * The embedded database, in `dataDir`, for this process alone.
 *
 * @throws DataDirectoryInUse when another process has it open, DatabaseRefused when this one may not write there
 */
export async function openEmbedded(dataDir: string): Promise<OpenDatabase> {
  const unlock = takeDirectory(dataDir)
  try {
    const client = await openWhole(embeddedIn(dataDir))
    const connection = overPglite(client)
    return {
      ...connection,
      migrate: async () => {
        await refuseNewerSchema(connection.db)
        await migrateEmbedded(client)
      },
      close: async () => {
        await client.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

export const embeddedIn = (dataDir: string): string => join(dataDir, 'postgres')

/** With what the migrations use beyond PostgreSQL's own. */
export const createEmbedded = (options: PGliteOptions) => PGlite.create({ ...options, extensions: { pg_trgm } })

export const migrateEmbedded = (client: PGlite) =>
  migrate(drizzle(client, { schema }), { migrationsFolder: MIGRATIONS })

/** One connection for everything: PGlite answers in order, in this process. */
export function overPglite(client: PGlite): Omit<OpenDatabase, 'migrate' | 'close'> {
  const db = drizzle(client, { schema })
  return {
    db,
    checks: db,
    polls: db,
    uses: db,
    kind: 'pglite',
    listen: async (channel, heard, onListening) => {
      await client.listen(channel, heard)
      onListening?.()
    },
    bulk: (work) => client.transaction((tx) => work(bulkOver(tx))),
    renew: () => {},
  }
}

function bulkOver(tx: Transaction): Bulk {
  const dialect = new PgDialect()
  return {
    run: async <Row>(statement: SQL) => {
      const { sql: text, params } = dialect.sqlToQuery(statement)
      return (await tx.query<Row>(text, params)).rows
    },
    copy: async (into, lines) => {
      await tx.query(`copy ${into} from '/dev/blob'`, [], { blob: new Blob([...lines]) })
    },
  }
}

function takeDirectory(dataDir: string): () => void {
  try {
    makeFolder(resolve(dataDir))
    return lockDirectory(dataDir)
  } catch (error) {
    throw refusedDirectory(dataDir, error)
  }
}

/** With those above it. Node's own `recursive` asks for ever where the kernel makes no folder, as in /proc. */
function makeFolder(path: string) {
  if (!existsSync(dirname(path))) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

/** A first start that is killed half-way must not leave half a database: until it is whole, a mark beside it says so. */
async function openWhole(folder: string): Promise<PGlite> {
  const unfinished = `${folder}.unfinished`
  if (existsSync(folder) && !existsSync(unfinished)) return createEmbedded({ dataDir: folder })
  for (const left of [folder, unfinished]) rmSync(left, { recursive: true, force: true })
  writeFileSync(unfinished, '')
  const fresh = existsSync(FRESH_DATABASE) ? { loadDataDir: new Blob([readFileSync(FRESH_DATABASE)]) } : {}
  const client = await createEmbedded({ dataDir: folder, ...fresh })
  rmSync(unfinished)
  syncFolder(dirname(folder))
  return client
}

/** A power cut must not bring the mark back, beside a database that is in use by then. */
function syncFolder(folder: string) {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
