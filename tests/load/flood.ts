import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { CONNECTIONS, type Endpoint, request, startPresser } from './harness/press.js'
import { atLeast, number, report } from './harness/report.js'
import { AUTHORIZATION, makeSessions, startNode } from './harness/rollcall.js'
import { median, ROUNDS } from './harness/rounds.js'

/** S-73: checks while strangers flood the sign-in page, each attempt from an address of its own and with a name of its own. */
const SESSIONS = 500
const ROUND_SECONDS = 3
const ATTEMPTS_AT_ONCE = 100

const machine = await describeMachine()
leaveSubjectCore()
const postgres = await startPostgres()
const databaseUrl = postgres.url('rollcall')
const sessions = await makeSessions(databaseUrl, SESSIONS)
const node = await startNode({ databaseUrl, measured: true, env: { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1' } })
const presser = startPresser()
const requests = sessions.map(({ token, ip }) =>
  request('POST', '/api/v1/sessions/verify', AUTHORIZATION, JSON.stringify({ token, client: { ip, userAgent: 'a' } })),
)
const checks: Endpoint = { name: 'checks', server: node, port: node.port, requests, holds: '"active"' }
await presser.warmUp(checks)

const calm: { perSecond: number; p99Ms: number }[] = []
const flooded: typeof calm = []
const answers = new Map<number, number>()
for (let round = 0; round < ROUNDS; round++) {
  calm.push(await presser.measure(checks, ROUND_SECONDS))
  const stop = flood()
  // Until each attempt that may be under way is.
  await pause(1_000)
  flooded.push(await presser.measure(checks, ROUND_SECONDS))
  await stop()
}
await node.stop()
await postgres.stop()

const rate = (of: typeof calm) => median(of.map(({ perSecond }) => perSecond))
report(machine, {
  title: `Checks over HTTP during a flood of sign-ins: one core for the server, ${CONNECTIONS} connections`,
  columns: ['', 'checks/s', 'p99 ms'],
  rows: [
    ['calm', number(Math.round(rate(calm))), number(median(calm.map(({ p99Ms }) => p99Ms)))],
    [
      `${ATTEMPTS_AT_ONCE} sign-ins at once`,
      number(Math.round(rate(flooded))),
      number(median(flooded.map(({ p99Ms }) => p99Ms))),
    ],
  ],
  targets: [
    atLeast(
      'checks during a flood, of those in calm',
      50,
      median(flooded.map(({ perSecond }, round) => (100 * perSecond) / (calm[round]?.perSecond ?? Number.NaN))),
      ' %',
    ),
  ],
  notes: [
    `The flood was answered ${[...answers].map(([status, times]) => `${status} ${number(times)} times`).join(', ')}.`,
  ],
})
process.exit()

/** @returns what ends it */
function flood(): () => Promise<void> {
  let over = false
  const attackers = Array.from({ length: ATTEMPTS_AT_ONCE }, async () => {
    while (!over) {
      const status = await attempt()
      answers.set(status, (answers.get(status) ?? 0) + 1)
    }
  })
  return async () => {
    over = true
    await Promise.all(attackers)
  }
}

async function attempt(): Promise<number> {
  const part = () => Math.floor(Math.random() * 250) + 1
  const answer = await fetch(`${node.url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin: node.url,
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': `${part()}.${part()}.${part()}.${part()}`,
    },
    body: new URLSearchParams({ email: `${part()}.${part()}.${part()}@example.com`, password: 'a guess of mine' }),
  })
  await answer.arrayBuffer()
  return answer.status
}
