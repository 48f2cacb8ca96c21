import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createEmbedded, FRESH_DATABASE, migrateEmbedded } from './embedded.js'

/** Part of the build: a migrated, empty database in one file, for the first start of the embedded one. */
const fresh = await createEmbedded({})
await migrateEmbedded(fresh)
const dump = await fresh.dumpDataDir('gzip')
await fresh.close()
mkdirSync(dirname(FRESH_DATABASE), { recursive: true })
writeFileSync(FRESH_DATABASE, Buffer.from(await dump.arrayBuffer()))
