import { z } from 'zod'
import { startChild } from './harness/child.js'
import { startPostgres, startRedis } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { installPeers, peerUrl } from './harness/peers.js'
import { CONNECTIONS, type Endpoint, ratio, request, startPresser, type Throughput } from './harness/press.js'
import { atLeast, number, report } from './harness/report.js'
import { makeSessions, startNode } from './harness/rollcall.js'
import { interleave, median } from './harness/rounds.js'

/** Requests a second of an endpoint that says who is asking, behind each kind of check. */
const SESSIONS = 10_000
const ROUND_SECONDS = 2

const BARE = 'Hono, no check'
const NOTHING = 'Hono, reads the cookie header and does nothing'
/** The least that a check which can be taken back does: our wishes were made for a machine where it costs next to nothing. */
const LOOK_UP = 'Hono, looks the token up in a Map'
const OURS = 'Hono + Rollcall'
/** The same as those are measured that need a database, which has the load's core while that sleeps. */
const OURS_BESIDE = 'Hono + Rollcall, measured as those with a database'
const JOSE = 'Hono + jose ES256'
const PG = 'Express + express-session + connect-pg-simple'
const REDIS = 'Express + express-session + connect-redis'
const BETTER_AUTH = 'Hono + better-auth, cookie cache'

const Ready = z.object({ port: z.int(), cookies: z.array(z.string()) })

const machine = await describeMachine()
installPeers()
leaveSubjectCore()
const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
const env = { DATABASE_URL: postgres.url('rollcall'), REDIS_URL: redis.url }
const presser = startPresser()

const sessions = await makeSessions(env.DATABASE_URL, SESSIONS)
const node = await startNode({ databaseUrl: env.DATABASE_URL })

const ours = new URL('./endpoint.js', import.meta.url)
const express = peerUrl('expressSession.mjs')
const SUBJECTS = [
  { name: BARE, program: ours, words: ['bare'] },
  { name: NOTHING, program: ours, words: ['nothing'] },
  { name: LOOK_UP, program: ours, words: ['map', String(SESSIONS)] },
  { name: OURS, program: ours, words: ['rollcall', node.url] },
  { name: 'Hono + fast-jwt HS256, cached', program: ours, words: ['fastJwt.mjs', 'HS256 cached'] },
  { name: JOSE, program: ours, words: ['jose.mjs', 'ES256'] },
  { name: BETTER_AUTH, program: ours, words: ['betterAuth.mjs'] },
  { name: 'Express + express-session, memory', program: express, words: ['memory', String(SESSIONS)] },
  { name: REDIS, program: express, words: ['redis', String(SESSIONS)], awake: false },
  { name: PG, program: express, words: ['postgres', String(SESSIONS)], awake: false },
]

const endpoints: Endpoint[] = []
for (const { name, program, words, awake = true } of SUBJECTS) {
  const server = startChild(program, { words, env, measured: true })
  const { port, cookies } = await server.ask({}, Ready)
  const sent = name === OURS ? sessions.map(({ token }) => `session=${token}`) : cookies
  const requests = sent.map((cookie) => request('GET', '/me', { Cookie: cookie }))
  const endpoint = { name, server, port, requests, holds: '"email":', awake }
  endpoints.push(endpoint)
  if (name === OURS) endpoints.push({ ...endpoint, name: OURS_BESIDE, awake: false })
}
for (const endpoint of endpoints) await presser.warmUp(endpoint)
const measured = await interleave(endpoints, (endpoint) => presser.measure(endpoint, ROUND_SECONDS))
for (const { server } of endpoints.filter(({ name }) => name !== OURS_BESIDE)) await server.stop()
await node.stop()
redis.stop()
await postgres.stop()

const times = (other: string, ours = OURS) => ratio(measured(ours), measured(other))
const percent = (one: string, other: string) => `${number(100 * ratio(measured(one), measured(other)))} %`
const middle = (name: string, of: keyof Throughput) => median(measured(name).map((round) => round[of]))
report(machine, {
  title: `An authenticated endpoint: requests a second on one core, ${CONNECTIONS} connections`,
  columns: ['what', 'requests/s', 'of bare Hono', 'CPU µs a request', 'p99 ms'],
  rows: endpoints.map(({ name }) => [
    name,
    number(Math.round(middle(name, 'perSecond'))),
    `${number(100 * ratio(measured(name), measured(BARE)))} %`,
    number(middle(name, 'cpuUs')),
    number(middle(name, 'p99Ms')),
  ]),
  targets: [
    atLeast('Hono middleware, of one that does nothing', 90, 100 * times(NOTHING), ' %'),
    atLeast('Hono middleware, of express-session + connect-pg-simple', 12, times(PG, OURS_BESIDE), ' x'),
    atLeast('Hono middleware, of express-session + connect-redis', 8, times(REDIS, OURS_BESIDE), ' x'),
    atLeast('Hono middleware, of better-auth with its cookie cache', 15, times(BETTER_AUTH), ' x'),
    atLeast('Hono middleware, of jose ES256', 3.5, times(JOSE), ' x'),
  ],
  notes: [
    'Each server on core 0; the load, PostgreSQL and Redis on the others. Medians of 5 interleaved rounds.',
    'Where no database needs its core the load never sleeps: waking it up would cost a faster server more than a slower one.',
    `One that looks the token up in a Map reaches ${percent(LOOK_UP, NOTHING)} of one that does nothing; Rollcall ${percent(OURS, LOOK_UP)} of that.`,
    `${number(SESSIONS)} sessions in Rollcall, in the Map and in the stores of Express, 200 where nothing is remembered.`,
  ],
})
process.exit()
