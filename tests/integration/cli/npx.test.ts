import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../../src/root.js'
import { temporaryFolder } from '../../support/server.js'

it('an installed clone has the command: npx runs it as it is, and builds nothing again under a running server', () => {
  const { bin, scripts } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'))
  const clone = temporaryFolder()
  const put = (path: string, text: string) => {
    mkdirSync(join(clone, path, '..'), { recursive: true })
    writeFileSync(join(clone, path), text)
    chmodSync(join(clone, path), 0o755)
  }
  put('package.json', JSON.stringify({ name: 'rollcall', bin, scripts: { prepare: scripts.prepare, build: 'true' } }))
  put('node_modules/.bin/tsc', '')
  put(bin.rollcall, '#!/usr/bin/env node\nconsole.log(process.argv.slice(2).join(" "))')
  execFileSync('npm', ['run', 'prepare'], { cwd: clone })
  const said = execFileSync(join(clone, 'node_modules/.bin/rollcall'), ['sessions', 'list'], { encoding: 'utf8' })
  expect(said).toBe('sessions list\n')
})
