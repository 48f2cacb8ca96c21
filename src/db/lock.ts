import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { tryLock, unlock } from 'fs-native-extensions'
import { InWords } from '../inWords.js'

/** Another process holds the embedded database. */
export class DataDirectoryInUse extends InWords {
  readonly code = 'data_directory_in_use'
  constructor(dataDir: string, holder: string) {
    super(
      `The data directory ${dataDir} is in use by another Rollcall${holder ? ` (process ${holder})` : ''}. ` +
        'The embedded database serves one process: stop the other one, choose another ROLLCALL_DATA_DIR, or set DATABASE_URL to run several on PostgreSQL.',
    )
  }
}

/**
 * Takes the directory for this process. The lock is the kernel's, on an open file, so it dies with the process,
 * whatever kills it (S-71): PGlite takes none of its own, and two processes silently lose rows.
 *
 * @returns what gives it back
 * @throws DataDirectoryInUse
 */
export function lockDirectory(dataDir: string): () => void {
  const path = join(dataDir, 'lock')
  const file = openSync(path, 'a+', 0o600)
  if (!tryLock(file)) {
    const holder = readFileSync(path, 'utf8').trim()
    closeSync(file)
    throw new DataDirectoryInUse(dataDir, holder)
  }
  ftruncateSync(file)
  writeSync(file, `${process.pid}\n`)
  return () => {
    unlock(file)
    closeSync(file)
  }
}
