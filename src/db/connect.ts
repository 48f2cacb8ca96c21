import type { OpenDatabase } from './database.js'
import { openEmbedded } from './embedded.js'
import { openPostgres } from './postgres.js'

export { type Bulk, type Database, databaseTime, type OpenDatabase, type Renewable, rowsOf } from './database.js'

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
