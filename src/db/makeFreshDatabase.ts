import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROJECT_ROOT } from '../root.js'
import { createEmbedded, FRESH_DATABASE, migrateEmbedded } from './embedded.js'
import { MIGRATIONS } from './migrate.js'

/** Part of the build: a migrated, empty database in one file, for the first start of the embedded one. */
const MADE_OF = `${FRESH_DATABASE}.of`
const sources = hashSources()
if (!isMadeOf(sources)) {
  const fresh = await createEmbedded({})
  await migrateEmbedded(fresh)
  const dump = await fresh.dumpDataDir('gzip')
  await fresh.close()
  mkdirSync(dirname(FRESH_DATABASE), { recursive: true })
  writeFileSync(FRESH_DATABASE, Buffer.from(await dump.arrayBuffer()))
  writeFileSync(MADE_OF, sources)
}

/** Another build has made it already, which takes as long as all else of a build. */
function isMadeOf(sources: string): boolean {
  return existsSync(FRESH_DATABASE) && existsSync(MADE_OF) && readFileSync(MADE_OF, 'utf8') === sources
}

/** The migrations, the database itself, and how it is made. */
function hashSources(): string {
  const files = readdirSync(MIGRATIONS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
  files.push(join(PROJECT_ROOT, 'node_modules', '@electric-sql', 'pglite', 'package.json'))
  files.push(fileURLToPath(new URL('./embedded.js', import.meta.url)))
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file))
  return hash.digest('hex')
}
