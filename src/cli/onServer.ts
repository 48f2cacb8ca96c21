import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../root.js'

/** A program of the server, on its own database: what must work while no server runs. @returns its exit code */
export async function onServer(program: 'owner' | 'verifyAudit', args: string[]): Promise<number> {
  const child = spawn(process.execPath, [join(PROJECT_ROOT, 'dist/src', `${program}.js`), ...args], {
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}
