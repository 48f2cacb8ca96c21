import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { openDatabase, rowsOf } from '../../src/db/connect.js'
import { cpuMs, mainThreadCpuMs, startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore, pinMainThread } from './harness/machine.js'
import { CONNECTIONS, type Endpoint, request, startPresser, type Throughput } from './harness/press.js'
import { atLeast, atMost, number, report } from './harness/report.js'
import { AUTHORIZATION, makeSessions, startNode } from './harness/rollcall.js'
import { median, ROUNDS } from './harness/rounds.js'

/** Checks on one node while it tells another system of 500 sign-ins a second and more, and how many it can tell at all. */
const SESSIONS = 2_000
const ROUND_SECONDS = 3
const CHECKS_A_SECOND = 5_000
const WANTED = 500
const EVENTS_A_SECOND = 550
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

const steady = await besideChecks(CHECKS_A_SECOND)
const pressed = await besideChecks()
const most = await drainBacklog()
await database.close()
await receiver.stop()
await node.stop()
await postgres.stop()

const rate = (of: Checked[]) => median(of.map(({ perSecond }) => perSecond))
const cpu = (of: Checked[]) => median(of.map(({ checkingUs }) => checkingUs))
const more = (of: (some: Checked[]) => number, { calm, telling }: Beside) => (100 * of(telling)) / of(calm) - 100
const cells = (checked: Checked[]) => [
  number(Math.round(rate(checked))),
  number(cpu(checked)),
  number(median(checked.map(({ p50Ms }) => p50Ms))),
  number(median(checked.map(({ p99Ms }) => p99Ms))),
]
report(machine, {
  title: `Checks over HTTP while somebody is told of sign-ins: one core for the thread that checks, ${CONNECTIONS} connections`,
  columns: ['', 'checks/s', 'µs of its core a check', 'p50 ms', 'p99 ms', 'deliveries/s'],
  rows: [
    ['nobody is told', ...cells(steady.calm), '0'],
    ['one endpoint is told', ...cells(steady.telling), number(Math.round(steady.delivered))],
    ['as many checks as it can do, nobody is told', ...cells(pressed.calm), '0'],
    ['the same, one endpoint is told', ...cells(pressed.telling), number(Math.round(pressed.delivered))],
    ['nothing but deliveries', '0', '', '', '', number(Math.round(most.perSecond))],
  ],
  targets: [
    atLeast('deliveries a second on one node that does nothing else', WANTED, most.perSecond, ''),
    atLeast(`deliveries a second beside ${number(CHECKS_A_SECOND)} checks a second`, WANTED, steady.delivered, ''),
    atMost('CPU that one of those checks costs more by them', 5, more(cpu, steady), ' %'),
    atLeast('deliveries a second beside as many checks as it can do', WANTED, pressed.delivered, ''),
    atMost('CPU that one of those checks costs more by them', 5, more(cpu, pressed), ' %'),
    atMost('as many checks as it can do, fewer by them', 5, -more(rate, pressed), ' %'),
  ],
  notes: [
    `One endpoint on the same machine, each event of another account. A delivery takes ${number(most.cpuUs)} µs of CPU, of which ${number(most.checkingUs)} µs of the thread that checks.`,
    'Receiver, PostgreSQL and load share the other cores with the thread that sends: where that is one core, and checks are as many',
    'as the node can do, fewer are asked for, and what they lose says more of the machine than the CPU that a check does.',
  ],
})
process.exit()

interface Checked extends Throughput {
  /** CPU of the thread that checks, microseconds a check. */
  checkingUs: number
}

interface Beside {
  calm: Checked[]
  telling: Checked[]
  /** A second. */
  delivered: number
}

/** @param perSecond left out: as many checks as it can do */
async function besideChecks(perSecond?: number): Promise<Beside> {
  const found: Beside = { calm: [], telling: [], delivered: Number.NaN }
  const delivered: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    // The sign-ins themselves are there in both: what is compared is that somebody is told of them.
    await setDisabled(true)
    const stop = signIns()
    await pause(1_000)
    found.calm.push(await check(perSecond))
    await setDisabled(false)
    await pause(1_000)
    const [before, began] = [await received(), performance.now()]
    found.telling.push(await check(perSecond))
    delivered.push(((await received()) - before) / ((performance.now() - began) / 1_000))
    await stop()
    await drained()
  }
  return { ...found, delivered: median(delivered) }
}

async function check(perSecond?: number): Promise<Checked> {
  const before = mainThreadCpuMs(node.pid)
  const measured = await presser.measure(checks, ROUND_SECONDS, perSecond)
  const answered = measured.perSecond * ROUND_SECONDS
  return { ...measured, checkingUs: ((mainThreadCpuMs(node.pid) - before) * 1_000) / answered }
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
