import { z } from 'zod'
import { startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { installPeers, peerUrl } from './harness/peers.js'
import { CONNECTIONS, type Endpoint, ratio, request, startPresser, type Throughput } from './harness/press.js'
import { atLeast, number, report } from './harness/report.js'
import { KEY, makeSessions, startNode } from './harness/rollcall.js'
import { interleave, median } from './harness/rounds.js'

/** Requests a second of an endpoint on Express that says who is asking, behind the guard and bare. */
const SESSIONS = 1_000
const ROUND_SECONDS = 2

const BARE = 'Express, no check'
const OURS = 'Express + Rollcall'

const Ready = z.object({ port: z.int(), cookies: z.array(z.string()) })

const machine = await describeMachine()
installPeers()
leaveSubjectCore()
const postgres = await startPostgres()
const databaseUrl = postgres.url('rollcall')
const sessions = await makeSessions(databaseUrl, SESSIONS)
const node = await startNode({ databaseUrl })
const env = { ROLLCALL_URL: node.url, ROLLCALL_KEY: KEY }
const presser = startPresser()

const endpoints: Endpoint[] = []
for (const [name, kind] of [
  [BARE, 'bare'],
  [OURS, 'rollcall'],
] as const) {
  const server = startChild(peerUrl('express.mjs'), { words: [kind], env, measured: true })
  const { port, cookies } = await server.ask({}, Ready)
  const sent = name === OURS ? sessions.map(({ token }) => `session=${token}`) : cookies
  const requests = sent.map((cookie) => request('GET', '/me', { Cookie: cookie }))
  endpoints.push({ name, server, port, requests, holds: '"email":', awake: true })
}
for (const endpoint of endpoints) await presser.warmUp(endpoint)
const measured = await interleave(endpoints, (endpoint) => presser.measure(endpoint, ROUND_SECONDS))
for (const { server } of endpoints) await server.stop()
await node.stop()
await postgres.stop()

const middle = (name: string, of: keyof Throughput) => median(measured(name).map((round) => round[of]))
const share = 100 * ratio(measured(OURS), measured(BARE))
report(machine, {
  title: `Guards on Express: requests a second on one core, ${CONNECTIONS} connections`,
  columns: ['what', 'requests/s', 'CPU µs a request', 'p99 ms'],
  rows: [BARE, OURS].map((name) => [
    name,
    number(Math.round(middle(name, 'perSecond'))),
    number(middle(name, 'cpuUs')),
    number(middle(name, 'p99Ms')),
  ]),
  targets: [atLeast('Express guard, of bare Express', 85, share, ' %')],
  notes: [
    'Each server on core 0; the load, Rollcall and PostgreSQL on the others. Medians of 5 interleaved rounds.',
    'The load never sleeps: waking it up would cost a faster server more than a slower one.',
  ],
})
process.exit()
