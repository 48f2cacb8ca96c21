import { z } from 'zod'
import { startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { CONNECTIONS, type Endpoint, ratio, request, startPresser } from './harness/press.js'
import { atLeast, number, report } from './harness/report.js'
import { AUTHORIZATION, makeSessions, startNode } from './harness/rollcall.js'
import { interleave, median } from './harness/rounds.js'

/** `POST /api/v1/sessions/verify` from memory, against a bare echo of JSON in the same lengths. */
const SESSIONS = 10_000
const ROUND_SECONDS = 3
const OURS = 'Rollcall, POST /api/v1/sessions/verify'
const ECHO = 'bare Hono, JSON in, JSON out'

const machine = await describeMachine()
leaveSubjectCore()
const postgres = await startPostgres()
const databaseUrl = postgres.url('rollcall')
const sessions = await makeSessions(databaseUrl, SESSIONS)
const node = await startNode({ databaseUrl, measured: true })
const presser = startPresser()

const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const requests = sessions.map(({ token, ip }) =>
  request('POST', '/api/v1/sessions/verify', AUTHORIZATION, JSON.stringify({ token, client: { ip, userAgent } })),
)
const echo = startChild(new URL('./echo.js', import.meta.url), { measured: true })
const { port } = await echo.ask({ answer: await oneAnswer() }, z.object({ port: z.int() }))
const endpoints: Endpoint[] = [
  { name: OURS, server: node, port: node.port, requests, holds: '"active"', awake: true },
  { name: ECHO, server: echo, port, requests, holds: '"active"', awake: true },
]

for (const endpoint of endpoints) await presser.warmUp(endpoint)
const measured = await interleave(endpoints, (endpoint) => presser.measure(endpoint, ROUND_SECONDS))
for (const { server } of endpoints) await server.stop()
await postgres.stop()

report(machine, {
  title: `A check over HTTP: requests a second on one core, ${CONNECTIONS} connections, ${number(SESSIONS)} sessions`,
  columns: ['what', 'requests/s', 'CPU µs a request', 'p99 ms'],
  rows: endpoints.map(({ name }) => [
    name,
    number(Math.round(median(measured(name).map(({ perSecond }) => perSecond)))),
    number(median(measured(name).map(({ cpuUs }) => cpuUs))),
    number(median(measured(name).map(({ p99Ms }) => p99Ms))),
  ]),
  targets: [
    atLeast('POST /api/v1/sessions/verify, of a bare echo', 60, 100 * ratio(measured(OURS), measured(ECHO)), ' %'),
  ],
  notes: [
    'With the address and the user agent of the client, so last seen is noted. Medians of 5 interleaved rounds.',
    'The load never sleeps: waking it up would cost a faster server more than a slower one.',
  ],
})
process.exit()

async function oneAnswer() {
  const response = await fetch(`${node.url}/api/v1/sessions/verify`, {
    method: 'POST',
    headers: { ...AUTHORIZATION, 'Content-Type': 'application/json' },
    body: requests[0]?.split('\r\n\r\n')[1] ?? '',
  })
  return response.json()
}
