import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { OpenDatabase } from '../../src/db/connect.js'
import { createEmbedded, migrateEmbedded, overPglite } from '../../src/db/embedded.js'
import { MIGRATIONS } from '../../src/db/migrate.js'
import { PROJECT_ROOT } from '../../src/root.js'

const CACHE = join(PROJECT_ROOT, 'node_modules', '.cache', 'rollcall')

/** What each of a run's hundred openings would copy or clear for nothing: no test asks for another database or so much memory. */
const SLIMMING = [
  'update pg_database set datistemplate = false',
  'drop database template1',
  'drop database template0',
  "alter system set shared_buffers = '16MB'",
  'checkpoint',
]

/** A migrated, empty embedded database in memory; a third of a second instead of three, from a snapshot. */
export async function openInMemory(snapshot: string): Promise<OpenDatabase> {
  const client = await createEmbedded({ loadDataDir: new Blob([readFileSync(snapshot)]) })
  return { ...overPglite(client), migrate: async () => {}, close: () => client.close() }
}

/** The file that `openInMemory` starts from, made once for each set of migrations. */
export async function makeSnapshot(): Promise<string> {
  const path = join(CACHE, `pglite-${fingerprint()}.tar`)
  if (existsSync(path)) return path
  const client = await createEmbedded({})
  await migrateEmbedded(client)
  for (const statement of SLIMMING) await client.exec(statement)
  const dump = await client.dumpDataDir('none')
  await client.close()
  mkdirSync(CACHE, { recursive: true })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()))
  renameSync(unfinished, path)
  return path
}

function fingerprint(): string {
  const hash = createHash('sha256').update(SLIMMING.join('\n'))
  hash.update(readFileSync(createRequire(import.meta.url).resolve('@electric-sql/pglite')).subarray(0, 100_000))
  for (const file of readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    hash.update(file).update(readFileSync(join(MIGRATIONS, file)))
  }
  return hash.digest('hex').slice(0, 16)
}
