import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { openDatabase, rowsOf } from '../../src/db/connect.js'
import { cpuMs, mainThreadCpuMs, startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore, pinMainThread } from './harness/machine.js'
import { CONNECTIONS, type Endpoint, request, startPresser } from './harness/press.js'
import { atLeast, atMost, number, report } from './harness/report.js'
import { AUTHORIZATION, makeSessions, startNode } from './harness/rollcall.js'
import { median, ROUNDS } from './harness/rounds.js'

/** Checks on one node while it tells another system of 500 sign-ins a second, and how many it can tell at all. */
const SESSIONS = 2_000
const ROUND_SECONDS = 3
const EVENTS_A_SECOND = 500
const TICK_MS = 100
const BACKLOG = 10_000

const machine = await describeMachine()
leaveSubjectCore()
const postgres = await startPostgres()
const databaseUrl = postgres.url('rollcall')
const sessions = await makeSessions(databaseUrl, SESSIONS)
const env = { ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: 'true' }
const node = await startNode({ databaseUrl, env })
const receiver = startChild(new URL('./receiver.js', import.meta.url))
const asked = () => receiver.ask({}, z.object({ port: z.int(), received: z.int() }))
const received = async () => (await asked()).received
const database = await openDatabase({ url: databaseUrl, dataDir: '' })
const webhook = await addEndpoint((await asked()).port)
await insertEvents(1)
while ((await received()) === 0) await pause(50)
// The thread that checks has a core to itself. The one that sends, which is there by now, shares the others with the load,
// the receiver and PostgreSQL: on a machine of two cores each delivery takes from what makes the checks.
pinMainThread(node.pid)

const presser = startPresser()
const requests = sessions.map(({ token, ip }) =>
  request('POST', '/api/v1/sessions/verify', AUTHORIZATION, JSON.stringify({ token, client: { ip, userAgent: 'a' } })),
)
const checks: Endpoint = { name: 'checks', server: node, port: node.port, requests, holds: '"active"' }
await presser.warmUp(checks)

const calm: Awaited<ReturnType<typeof check>>[] = []
const telling: typeof calm = []
const delivered: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  // The sign-ins themselves are there in both: what is compared is that somebody is told of them.
  await setDisabled(true)
  const stop = signIns()
  await pause(1_000)
  calm.push(await check())
  await setDisabled(false)
  await pause(1_000)
  const [before, began] = [await received(), performance.now()]
  telling.push(await check())
  delivered.push(((await received()) - before) / ((performance.now() - began) / 1_000))
  await stop()
  await drained()
}
const most = await drainBacklog()
await database.close()
await receiver.stop()
await node.stop()
await postgres.stop()

const rate = (of: typeof calm) => median(of.map(({ perSecond }) => perSecond))
const slowed = 100 - (100 * rate(telling)) / rate(calm)
const cpu = (of: typeof calm) => median(of.map(({ checkingUs }) => checkingUs))
report(machine, {
  title: `Checks over HTTP while somebody is told of 500 sign-ins a second: one core for the thread that checks, ${CONNECTIONS} connections`,
  columns: ['', 'checks/s', 'µs of its core a check', 'p99 ms', 'deliveries/s'],
  rows: [
    [
      'nobody is told',
      number(Math.round(rate(calm))),
      number(cpu(calm)),
      number(median(calm.map(({ p99Ms }) => p99Ms))),
      '0',
    ],
    [
      'one endpoint is told',
      number(Math.round(rate(telling))),
      number(cpu(telling)),
      number(median(telling.map(({ p99Ms }) => p99Ms))),
      number(Math.round(median(delivered))),
    ],
    ['nothing but deliveries', '0', '', '', number(Math.round(most.perSecond))],
  ],
  targets: [
    atLeast('deliveries a second on one node that does nothing else', EVENTS_A_SECOND, most.perSecond, ''),
    atLeast('deliveries a second beside as many checks as it can do', EVENTS_A_SECOND, median(delivered), ''),
    atMost('checks slowed by them', 5, slowed, ' %'),
    atMost('CPU a check of the thread that checks, more by them', 5, (100 * cpu(telling)) / cpu(calm) - 100, ' %'),
  ],
  notes: [
    `One endpoint on the same machine, each event of another account. A delivery takes ${number(most.cpuUs)} µs of CPU, of which ${number(most.checkingUs)} µs of the thread that checks.`,
    'Checks are as many as the core gives. Receiver, PostgreSQL and load share the other cores with the thread that sends:',
    'where that is one core, fewer checks are asked for, and what they lose says more of the machine than the CPU a check does.',
  ],
})
process.exit()

/** As many checks as it can do, and what each took of the thread that does them. */
async function check() {
  const before = mainThreadCpuMs(node.pid)
  const { perSecond, p99Ms } = await presser.measure(checks, ROUND_SECONDS)
  return { perSecond, p99Ms, checkingUs: ((mainThreadCpuMs(node.pid) - before) * 1_000) / (perSecond * ROUND_SECONDS) }
}

async function addEndpoint(port: number) {
  const added = await fetch(`${node.url}/api/v1/webhooks`, {
    method: 'POST',
    headers: { ...AUTHORIZATION, 'Content-Type': 'application/json' },
    body: JSON.stringify({ url: `http://127.0.0.1:${port}/`, events: ['session.started'] }),
  })
  if (added.status !== 201) throw new Error(await added.text())
  return z.object({ webhook: z.object({ id: z.string() }) }).parse(await added.json()).webhook.id
}

async function setDisabled(disabled: boolean) {
  await fetch(`${node.url}/api/v1/webhooks/${webhook}`, {
    method: 'PATCH',
    headers: { ...AUTHORIZATION, 'Content-Type': 'application/json' },
    body: JSON.stringify({ disabled }),
  })
}

/** The lines that so many sign-ins leave in the audit log: what the outbox is written from. */
async function insertEvents(count: number) {
  await database.db.execute(sql`
    insert into audit_events (id, action, actor_kind, actor_name, account_id, session_id)
    select gen_random_uuid(), 'session.started', 'system', 'Rollcall', account_id, id
    from sessions order by random() limit ${count}`)
}

/** @returns what ends it */
function signIns(): () => Promise<void> {
  let over = false
  const going = (async () => {
    while (!over) {
      const next = pause(TICK_MS)
      await insertEvents((EVENTS_A_SECOND * TICK_MS) / 1_000)
      await next
    }
  })()
  return async () => {
    over = true
    await going
  }
}

async function drained() {
  for (;;) {
    const [waiting] = rowsOf<{ there: boolean }>(
      await database.db.execute(sql`select exists (select from deliveries where state = 'pending') as there`),
    )
    if (!waiting?.there) return
    await pause(100)
  }
}

/** Of accounts of their own, written by one statement: all of them are there at once, and nothing else has to be done. */
async function drainBacklog() {
  const [before, cpu, checking] = [await received(), cpuMs(node.pid), mainThreadCpuMs(node.pid)]
  const began = performance.now()
  await database.db.execute(sql`
    with one as (select source, facts from outbox limit 1),
    told as (insert into outbox (source, facts) select source, facts from one, generate_series(1, ${BACKLOG}::int) returning id)
    insert into deliveries (webhook_id, outbox_id, lane, expires_at)
    select ${webhook}::uuid, id, id::text, now() + interval '1 day' from told`)
  await drained()
  const count = (await received()) - before
  return {
    perSecond: count / ((performance.now() - began) / 1_000),
    cpuUs: ((cpuMs(node.pid) - cpu) * 1_000) / count,
    checkingUs: ((mainThreadCpuMs(node.pid) - checking) * 1_000) / count,
  }
}
