import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { PROJECT_ROOT } from '../../../src/root.js'

/**
 * What Rollcall is measured against: a package of its own, in plain JavaScript because it runs where its modules are
 * and is written as each project's documentation has it.
 */
const FOLDER = join(PROJECT_ROOT, 'tests/load/peers')

export const peerUrl = (file: string) => pathToFileURL(join(FOLDER, file))

/** Once a clone: a minute at most. */
export function installPeers(): void {
  if (existsSync(join(FOLDER, 'node_modules'))) return
  console.error('Installing what Rollcall is measured against (tests/load/peers) …')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] })
}

const Prepared = z.object({
  tokens: z.array(z.string()),
  /** Gives the person, or a promise of them. */
  check: z.custom<(token: string) => unknown>((value) => typeof value === 'function'),
})
export type Prepared = z.infer<typeof Prepared>

/** @param variant what the file makes of it: an algorithm, for most */
export async function prepareCheck(file: string, variant: string, count: number): Promise<Prepared> {
  const { prepare } = await import(peerUrl(file).href)
  return Prepared.parse(await prepare(variant, count))
}
