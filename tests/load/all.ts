import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeMachine } from './harness/machine.js'
import { Report, report } from './harness/report.js'

/** Every benchmark, one after the other, and one table of what they found: `npm run bench`. */
const BENCHMARKS = [
  'check',
  'middleware',
  'store',
  'express',
  'verify',
  'forwardAuth',
  'revoke',
  'memory',
  'database',
  'webhooks',
]

const machine = await describeMachine()
const folder = mkdtempSync(join(tmpdir(), 'rollcall-load-'))
const found = BENCHMARKS.flatMap((name) => {
  const file = join(folder, `${name}.json`)
  const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  try {
    execFileSync(process.execPath, [program, '--json', file], { stdio: 'inherit' })
    return [Report.parse(JSON.parse(readFileSync(file, 'utf8')))]
  } catch (error) {
    console.error(`${name} was not measured:`, error)
    process.exitCode = 1
    return []
  }
})
rmSync(folder, { recursive: true, force: true })

report(machine, {
  title: 'All benchmarks',
  columns: ['benchmark', 'targets met'],
  rows: found.map(({ title, targets }) => [title, `${targets.filter(({ met }) => met).length} of ${targets.length}`]),
  targets: found.flatMap(({ targets }) => targets),
  notes: [],
})
