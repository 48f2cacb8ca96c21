import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { FRESH_DATABASE } from './embedded.js'

/** Part of the build: an empty database in one file, for the first start of the embedded one. */
const fresh = await PGlite.create()
const dump = await fresh.dumpDataDir('gzip')
await fresh.close()
mkdirSync(dirname(FRESH_DATABASE), { recursive: true })
writeFileSync(FRESH_DATABASE, Buffer.from(await dump.arrayBuffer()))
