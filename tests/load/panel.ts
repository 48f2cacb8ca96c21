import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { ownerEnv, signInOwner } from './harness/panelOwner.js'
import { panelQuestions } from './harness/panelQuestions.js'
import { askInTurn, p95, type Timed } from './harness/panelRequests.js'
import { atMost, number, report } from './harness/report.js'
import { AUTHORIZATION, startNode } from './harness/rollcall.js'

/**
 * The panel and the list API on a database of `--sessions` live and twice as many ended ones: `npm run bench:panel`.
 * `DATABASE_URL` names one that `npm run seed` filled before; without it one is filled, which takes its minutes.
 */
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '200' },
    json: { type: 'string' },
  },
})
const REQUESTS = Number(values.requests)
/** The same each time: the database may be one that was measured before. */
const OWNER = {
  email: 'owner@panel.example',
  password: createHash('sha256').update(databaseName()).digest('base64url'),
}

const machine = await describeMachine()
leaveSubjectCore()
const own = process.env['DATABASE_URL'] ? undefined : await startPostgres()
const databaseUrl = process.env['DATABASE_URL'] ?? own?.url('rollcall') ?? ''
if (own) {
  execFileSync(process.execPath, [seedProgram(), '--sessions', values.sessions], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: 'inherit',
  })
}
const node = await startNode({
  databaseUrl,
  env: ownerEnv(OWNER),
})
const sql = postgres(databaseUrl, { max: 1 })
// What the seed counted is added up by the node: until then each page does it.
while ((await sql`select 1 from session_changes limit 1`).length > 0) await setTimeout(500)
await sql.unsafe('vacuum')
const [size] = await sql<{ live: string; ended: string; accounts: string }[]>`
  select (select sum(n) from session_tallies where kind = 'all') as live,
    (select reltuples::bigint from pg_class where relname = 'sessions')
      - (select sum(n) from session_tallies where kind = 'all') as ended,
    (select reltuples::bigint from pg_class where relname = 'accounts') as accounts`

const cookie = await signInOwner(node, OWNER)
const groups = await panelQuestions(sql, REQUESTS)
const found: { what: string; most: number; times: Timed[] }[] = []
const headersOf = (as: 'page' | 'key') => (as === 'page' ? { Cookie: cookie } : AUTHORIZATION)
for (const { as, warmUp } of groups) await askInTurn(node.url, headersOf(as), warmUp)
for (const { what, most, as, questions } of groups) {
  found.push({ what, most, times: await askInTurn(node.url, headersOf(as), questions) })
  console.error(`${what}: p95 ${number(p95(found.at(-1)?.times ?? []))} ms`)
}
await sql.end()
await node.stop()
await own?.stop()

report(machine, {
  title: `The panel: ${number(Number(size?.live))} live sessions, ${number(Number(size?.ended))} ended, ${number(Number(size?.accounts))} accounts; ms, ${REQUESTS} different requests each`,
  columns: ['what', 'p50', 'p95', 'p99', 'longest'],
  rows: found.map(({ what, times }) => [what, ...[0.5, 0.95, 0.99, 1].map((share) => number(p95(times, share)))]),
  targets: found.map(({ what, most, times }) => atMost(`${what}, p95`, most, p95(times), ' ms')),
  notes: [
    'One at a time, over HTTP with the connection kept, each twice: the second counts, so that the pages are in memory.',
  ],
})
process.exit()

function databaseName(): string {
  return process.env['DATABASE_URL'] ?? 'own'
}

function seedProgram(): string {
  return fileURLToPath(new URL('../../server/seed/main.js', import.meta.url))
}
