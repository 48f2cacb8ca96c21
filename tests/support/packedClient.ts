import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { PROJECT_ROOT } from '../../src/root.js'
import { VERSION } from '../../src/version.js'

const run = promisify(execFile)

/**
 * The package that apps install, packed once a run: the first file that needs it packs, the others wait for it.
 *
 * @returns the path of the archive
 */
export async function packedClient(): Promise<string> {
  const folder = inject('packedClient')
  const archive = join(folder, `rollcall-${VERSION}.tgz`)
  const packing = join(folder, 'packing')
  if (isFirst(packing)) {
    const { stdout } = await run('npm', ['run', '-s', 'pack:client', '--', packing], { cwd: PROJECT_ROOT })
    renameSync(stdout.trim(), archive)
  }
  for (let waited = 0; !existsSync(archive); waited++) {
    if (waited > 1_200) throw new Error('the client was not packed within a minute: see the file that packed it')
    await pause(50)
  }
  return archive
}

/** Only one process makes the folder. */
function isFirst(packing: string): boolean {
  try {
    mkdirSync(packing)
    return true
  } catch {
    return false
  }
}

/** What `npm install` does with the archive and with packages that are ours already, without asking a registry. */
export async function installClient(folder: string, ours: string[] = []): Promise<void> {
  const target = join(folder, 'node_modules/rollcall')
  mkdirSync(target, { recursive: true })
  await run('tar', ['xzf', await packedClient(), '--strip-components=1', '-C', target])
  linkOurs(folder, ours)
}

export function linkOurs(folder: string, names: string[]): void {
  for (const name of names) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(PROJECT_ROOT, 'node_modules', name), link)
  }
}

/** A folder of `examples/`, copied to where nothing of ours is, with what it depends on. */
export async function installExample(example: string, folder: string): Promise<void> {
  cpSync(join(PROJECT_ROOT, 'examples', example), folder, { recursive: true })
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { rollcall, ...others } = dependencies
  if (rollcall) await installClient(folder, Object.keys(others))
}
