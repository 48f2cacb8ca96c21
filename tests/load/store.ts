import { z } from 'zod'
import { startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { installPeers, peerUrl } from './harness/peers.js'
import { CONNECTIONS, type Endpoint, ratio, request, startPresser, type Throughput } from './harness/press.js'
import { atLeast, number, report } from './harness/report.js'
import { AUTHORIZATION, startNode } from './harness/rollcall.js'
import { interleave, median } from './harness/rounds.js'

/** Requests a second of an endpoint on Express that says who is asking, behind express-session with each store. */
const SESSIONS = 1_000
/** Many and short: from one second to the next the machine may be half as fast, and two of the stores are nearly alike. */
const ROUNDS = 25
const ROUND_SECONDS = 1

const OURS = 'RollcallStore'
const MEMORY = 'MemoryStore'
const PG = 'connect-pg-simple'
const KINDS = { [OURS]: 'rollcall', [MEMORY]: 'memory', [PG]: 'postgres' }

const Ready = z.object({ port: z.int(), cookies: z.array(z.string()) })

const machine = await describeMachine()
installPeers()
leaveSubjectCore()
const postgres = await startPostgres()
const node = await startNode({ databaseUrl: postgres.url('rollcall') })
const env = {
  DATABASE_URL: postgres.url('rollcall'),
  ROLLCALL_URL: node.url,
  ROLLCALL_KEY: await keyOfAnApp(),
}
const presser = startPresser()

const endpoints: Endpoint[] = []
for (const [name, kind] of Object.entries(KINDS)) {
  const words = [kind, String(SESSIONS)]
  const server = startChild(peerUrl('expressSession.mjs'), { words, env, measured: true })
  const { port, cookies } = await server.ask({}, Ready)
  const requests = cookies.map((cookie) => request('GET', '/me', { Cookie: cookie }))
  endpoints.push({ name, server, port, requests, holds: '"email":' })
}
for (const endpoint of endpoints) await presser.warmUp(endpoint)
const measured = await interleave(endpoints, (endpoint) => presser.measure(endpoint, ROUND_SECONDS), ROUNDS)
for (const { server } of endpoints) await server.stop()
await node.stop()
await postgres.stop()

const middle = (name: string, of: keyof Throughput) => median(measured(name).map((round) => round[of]))
report(machine, {
  title: `express-session: requests a second on one core, ${CONNECTIONS} connections`,
  columns: ['store', 'requests/s', 'of MemoryStore', 'CPU µs a request', 'p99 ms'],
  rows: Object.keys(KINDS).map((name) => [
    name,
    number(Math.round(middle(name, 'perSecond'))),
    `${number(100 * ratio(measured(name), measured(MEMORY)))} %`,
    number(middle(name, 'cpuUs')),
    number(middle(name, 'p99Ms')),
  ]),
  targets: [
    atLeast('RollcallStore, of MemoryStore', 95, 100 * ratio(measured(OURS), measured(MEMORY)), ' %'),
    atLeast('RollcallStore, of connect-pg-simple', 1.5, ratio(measured(OURS), measured(PG)), ' x'),
  ],
  notes: [
    `Each server on core 0; the load, Rollcall and PostgreSQL on the others. Medians of ${ROUNDS} interleaved rounds.`,
    `${number(SESSIONS)} sessions that are read and touched, not changed, by one process of the app.`,
  ],
})
process.exit()

/** The built-in site stores no sessions. */
async function keyOfAnApp(): Promise<string> {
  const post = async (path: string, body: object) => {
    const headers = { ...AUTHORIZATION, 'Content-Type': 'application/json' }
    const response = await fetch(`${node.url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return response.json()
  }
  const { id } = z.object({ id: z.string() }).parse(await post('/apps', { name: 'Load' }))
  const made = await post('/keys', { app: id, name: 'load', scopes: ['sessions:verify', 'sessions:write'] })
  return z.object({ secret: z.string() }).parse(made).secret
}
