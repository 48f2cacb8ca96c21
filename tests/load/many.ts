import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { z } from 'zod'
import { startPostgres } from './harness/databases.js'
import { describeMachine } from './harness/machine.js'
import { addressOf } from './harness/ours.js'
import { person } from './harness/people.js'
import { request, startPresser } from './harness/press.js'
import { atMost, number, report } from './harness/report.js'
import { AUTHORIZATION, startNode } from './harness/rollcall.js'
import { quantile } from './harness/rounds.js'

/**
 * Many sessions are ended by a filter on one node, while another one checks: when they are refused there, when the rows
 * are marked, what the checks feel. `npm run bench:many`: on a database of `--sessions`, or of `DATABASE_URL` that `npm run
 * seed` filled before (its sessions are ended by it).
 */
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    ended: { type: 'string', default: '100000' },
    json: { type: 'string' },
  },
})
const Counted = z.object({ count: z.int() })
const JobOut = z.object({
  state: z.string(),
  at: z.string(),
  doneAt: z.string().nullable(),
  total: z.int().nullable(),
  ended: z.int(),
})
const SignedIn = z.object({
  token: z.string(),
  session: z.object({
    device: z.object({ browser: z.string().nullable() }),
    place: z.object({ country: z.string().nullable() }),
  }),
})
const WANTED = Number(values.ended)
const OTHERS = 2_000
const CHECKS_A_SECOND = 2_000
const CALM_SECONDS = 20
/** A node that has just started has seen none of these sessions, nor compiled what it does with them. */
const WARM_UP_SECONDS = 15

const machine = await describeMachine()
const own = process.env['DATABASE_URL'] ? undefined : await startPostgres()
const databaseUrl = process.env['DATABASE_URL'] ?? own?.url('rollcall') ?? ''
if (own) seed(databaseUrl, values.sessions)
const sql = postgres(databaseUrl, { max: 1 })
const nodeA = await startNode({ databaseUrl })
const nodeB = await startNode({ databaseUrl })
// What the seed counted is added up by the node: until then each count does it.
while ((await sql`select 1 from session_changes limit 1`).length > 0) await pause(500)

const { country, browser, ip, user_agent: userAgent } = await nearest(WANTED)
const filter = { country, browser }
const { count } = await ask(nodeA.url, 'POST', '/sessions/revoke', { filter, reason: 'load', dryRun: true }, Counted)
const victim = await signIn({ email: 'victim@load.example', name: 'Victim' }, { ip, userAgent })
if (victim.session.place.country !== country || victim.session.device.browser !== browser)
  throw new Error(`${ip} is not in ${country} any more, or its browser not ${browser}`)

const presser = startPresser()
const requests: string[] = []
for (let n = 0; n < OTHERS; n++)
  requests.push(verifying((await signIn(person(n), { ip: addressOf(n), userAgent: 'load' })).token))
await press(WARM_UP_SECONDS)
const calm = await press(CALM_SECONDS)
let under = press(5)
const found = await endThem()
const during = [await under]
while ((await jobOf(found.job)).state !== 'done') {
  under = press(5)
  during.push(await under)
}
const job = await jobOf(found.job)
await sql.end()
await nodeA.stop()
await nodeB.stop()
await own?.stop()

const markedSeconds = (Date.parse(job.doneAt ?? '') - Date.parse(job.at)) / 1_000
const p99During = quantile(
  during.map(({ p99Ms }) => p99Ms),
  0.5,
)
report(machine, {
  title: `${number(job.total ?? 0)} sessions ended by a filter (${country}, ${browser}), ${number(count)} counted before`,
  columns: ['what', 'measured'],
  rows: [
    ['the answer, after which they are over', `${number(found.answeredMs)} ms`],
    ['refused on the other node, from the request on', `${number(found.refusedMs)} ms`],
    ['all rows marked', `${number(markedSeconds)} s`],
    [`checks on the other node before: a second, p99`, `${number(calm.perSecond)}, ${number(calm.p99Ms)} ms`],
    [
      'the same meanwhile, slices of 5 s: the middle one, the slowest',
      `${number(p99During)} ms, ${number(Math.max(...during.map(({ p99Ms }) => p99Ms)))} ms`,
    ],
  ],
  targets: [
    atMost('in effect on the other node', 1, found.refusedMs / 1_000, ' s'),
    atMost('rows marked', 60, markedSeconds, ' s'),
  ],
  notes: [
    `${number(OTHERS)} other sessions, ${number(CHECKS_A_SECOND)} checks a second. Two nodes, PostgreSQL and this program on ${machine.cores} cores.`,
  ],
})
process.exit()

/** The two values that together have about so many. */
async function nearest(wanted: number) {
  const [found] = await sql<{ country: string; browser: string; ip: string; user_agent: string }[]>`
    select country, browser, host(min(ip)) as ip, min(user_agent) as user_agent
    from sessions where ended_at is null and family(ip) = 4 and country <> '' and browser <> ''
    group by country, browser order by abs(count(*) - ${wanted}) limit 1`
  if (!found) throw new Error('there is nothing to end in this database')
  return found
}

async function endThem() {
  const isGood = async () => {
    const body = { token: victim.token }
    return (
      (await ask(nodeB.url, 'POST', '/sessions/verify', body, z.object({ status: z.string() }))).status === 'active'
    )
  }
  if (!(await isGood())) throw new Error('a live session is refused')
  const began = performance.now()
  const ending = ask(
    nodeA.url,
    'POST',
    '/sessions/revoke',
    { filter, reason: 'load' },
    z.object({ job: z.object({ id: z.string() }) }),
  ).then(({ job: { id } }) => ({ job: id, answeredMs: performance.now() - began }))
  while (await isGood()) await pause(1)
  const refusedMs = performance.now() - began
  return { ...(await ending), refusedMs }
}

function verifying(token: string): string {
  return request('POST', '/api/v1/sessions/verify', AUTHORIZATION, JSON.stringify({ token }))
}

async function signIn(account: { email: string; name: string }, client: { ip: string; userAgent: string }) {
  return ask(nodeA.url, 'POST', '/sessions', { account, client, method: 'password' }, SignedIn)
}

async function press(seconds: number) {
  const { answered, p99Ms, ...pressed } = await presser.press({
    port: nodeB.port,
    requests,
    connections: 32,
    seconds,
    perSecond: CHECKS_A_SECOND,
    holds: '"active"',
  })
  return { perSecond: answered / pressed.seconds, p99Ms }
}

function jobOf(id: string) {
  return ask(nodeA.url, 'GET', `/jobs/${id}`, undefined, JobOut)
}

async function ask<T>(url: string, method: string, path: string, body: unknown, answer: z.ZodType<T>): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...AUTHORIZATION, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const said: unknown = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(said)}`)
  return answer.parse(said)
}

function seed(url: string, sessions: string) {
  const program = fileURLToPath(new URL('../../server/seed/main.js', import.meta.url))
  execFileSync(process.execPath, [program, '--sessions', sessions], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: 'inherit',
  })
}
