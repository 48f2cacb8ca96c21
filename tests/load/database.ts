import postgres from 'postgres'
import { z } from 'zod'
import { cpuMs, startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine } from './harness/machine.js'
import { atMost, number, report } from './harness/report.js'
import { makeSessions, startNode } from './harness/rollcall.js'

/** What the database still has to do while an app process checks sessions that it knows, and tells of their use. */
const SESSIONS = 100_000
const CHECKS_A_SECOND = 20_000
const SECONDS = 30

const machine = await describeMachine()
const cluster = await startPostgres()
const databaseUrl = cluster.url('rollcall')
const sessions = await makeSessions(databaseUrl, SESSIONS)
const node = await startNode({ databaseUrl })
const app = startChild(new URL('./checkingApp.js', import.meta.url), { words: [node.url, String(SESSIONS)] })
const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
await sql`create extension pg_stat_statements`

process.stderr.write('letting the app process see each session once …\n')
const live = sessions.map(({ token, ip }) => ({ token, ip }))
await app.ask({ kind: 'know', sessions: live }, z.null())
process.stderr.write(`${number(CHECKS_A_SECOND)} checks a second for ${SECONDS} s …\n`)
const cpuBefore = cpuMs(node.pid)
await sql`select pg_stat_statements_reset()`
const checked = await app.ask(
  { kind: 'check', perSecond: CHECKS_A_SECOND, seconds: SECONDS },
  z.object({ perSecond: z.number(), denied: z.int(), hits: z.int(), misses: z.int(), seconds: z.number() }),
)
const statements = await sql<{ query: string; calls: number; rows: number; ms: number }[]>`
  select query, calls::float8 as calls, rows::float8 as rows, total_exec_time as ms from pg_stat_statements
  where query not like '%pg_stat_statements%' order by calls desc`
const nodeCpu = (cpuMs(node.pid) - cpuBefore) / 1_000 / checked.seconds
await sql.end()
for (const child of [app, node]) await child.stop()
await cluster.stop()

const aSecond = (of: (statement: (typeof statements)[number]) => number) =>
  statements.reduce((sum, statement) => sum + of(statement), 0) / checked.seconds
report(machine, {
  title: `The database under ${number(checked.perSecond)} checks a second over ${number(SESSIONS)} live sessions`,
  columns: ['statement', 'calls/s', 'rows/s', 'ms of the database a second'],
  rows: [
    ...statements
      .slice(0, 8)
      .map(({ query, calls, rows, ms }) => [
        inShort(query),
        ...[calls, rows, ms].map((value) => number(value / checked.seconds)),
      ]),
    [
      'all',
      number(aSecond(({ calls }) => calls)),
      number(aSecond(({ rows }) => rows)),
      number(aSecond(({ ms }) => ms)),
    ],
  ],
  targets: [
    atMost(
      `queries a second at ${number(CHECKS_A_SECOND)} checks/s`,
      50,
      aSecond(({ calls }) => calls),
      '',
    ),
  ],
  notes: [
    `One app process that follows one node, each check a use of the session: ${number(checked.hits)} answered from memory, ${number(checked.misses)} not, ${number(checked.denied)} denied.`,
    `Everything counts: heartbeats, transactions’ begin and commit, the background jobs. The node used ${number(100 * nodeCpu)} % of a core.`,
  ],
})
process.exit()

function inShort(query: string): string {
  return query.replace(/\s+/g, ' ').replaceAll('|', '').trim().slice(0, 60)
}
