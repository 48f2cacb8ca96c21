import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { DatabaseOptions } from '../../../src/db/connect.js'

/** Fills an empty database as `npm run seed` does. */
export function seed({ url, dataDir }: DatabaseOptions, sessions: string): void {
  const { DATABASE_URL: _, ...env } = process.env
  const where = url ? { DATABASE_URL: url } : { ROLLCALL_DATA_DIR: dataDir }
  const program = fileURLToPath(new URL('../../../server/seed/main.js', import.meta.url))
  execFileSync(process.execPath, ['--max-semi-space-size=32', program, '--sessions', sessions], {
    env: { ...env, ...where },
    stdio: 'inherit',
  })
}
