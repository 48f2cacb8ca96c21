import { setTimeout as pause } from 'node:timers/promises'
import postgres from 'postgres'
import { z } from 'zod'
import { type Child, startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { openLine } from './harness/line.js'
import { describeMachine } from './harness/machine.js'
import { request, startPresser } from './harness/press.js'
import { atMost, number, report } from './harness/report.js'
import { AUTHORIZATION, type LiveSession, makeSessions, startNode } from './harness/rollcall.js'
import { quantile } from './harness/rounds.js'
import { readWallClock } from './harness/wallClock.js'

/** From a sign-out on one node to the first refusal on another, and in an app process that follows the other. */
const REVOCATIONS = 500
/** On a machine that is too busy for all of them. */
const LONGEST_MS = 60_000
/** Slept on between looks: asking without a rest would take a core of the two from those that are measured. */
const BETWEEN_LOOKS = new Int32Array(new SharedArrayBuffer(4))
const OTHERS = 5_000
const CHECKS_A_SECOND = 2_000

const machine = await describeMachine()
const cluster = await startPostgres()
const databaseUrl = cluster.url('rollcall')
const sessions = await makeSessions(databaseUrl, OTHERS + 2 * REVOCATIONS)
const others = sessions.slice(0, OTHERS)
const nodeA = await startNode({ databaseUrl })
const nodeB = await startNode({ databaseUrl })
const app = startChild(new URL('./followingApp.js', import.meta.url), { words: [nodeB.url] })
const [toA, toB] = await Promise.all([openAsker(nodeA.port), openAsker(nodeB.port)])
const presser = startPresser()
const sql = postgres(databaseUrl, { max: 1 })

const idle = await revokeAll(sessions.slice(OTHERS, OTHERS + REVOCATIONS))
const { found: loaded, checked } = await underLoad(() => revokeAll(sessions.slice(OTHERS + REVOCATIONS)))

await sql.end()
for (const child of [app, nodeA, nodeB] satisfies Child[]) await child.stop()
await cluster.stop()

const cells = (values: number[]) => [0.5, 0.95, 0.99, 1].map((share) => number(quantile(values, share)))
const busy = `${number(CHECKS_A_SECOND)} checks/s`
report(machine, {
  title: `From the commit of a sign-out to the first refusal elsewhere, ms; ${idle.length} and ${loaded.length}`,
  columns: ['what', 'p50', 'p95', 'p99', 'longest'],
  rows: [
    ['another node, idle', ...cells(idle.map(({ onNodeMs }) => onNodeMs))],
    [`another node, ${busy}`, ...cells(loaded.map(({ onNodeMs }) => onNodeMs))],
    ['an app process that follows it, idle', ...cells(idle.map(({ inAppMs }) => inAppMs))],
    [`an app process that follows it, ${busy}`, ...cells(loaded.map(({ inAppMs }) => inAppMs))],
    ['for comparison, the answer to the sign-out itself, idle', ...cells(idle.map(({ answeredMs }) => answeredMs))],
    [`the same, ${busy}`, ...cells(loaded.map(({ answeredMs }) => answeredMs))],
  ],
  targets: [...targets('idle', idle), ...targets(busy, loaded)],
  notes: [
    `Committed: PostgreSQL's own time stamp of the commit, before it is flushed to disk. Refused: when the answer that says so is here, over HTTP; in the app process a look at memory each millisecond.`,
    `Load: ${number(checked.perSecond)} checks a second at the second node, p99 ${number(checked.p99Ms)} ms. Nothing is pinned: ${machine.cores} cores for two nodes, an app, PostgreSQL and this program.`,
  ],
})
process.exit()

interface Revoked {
  /** From the commit; the answer is what the caller of the API waits for. */
  onNodeMs: number
  inAppMs: number
  answeredMs: number
}

function targets(when: string, found: Revoked[]) {
  const [onNode, inApp] = [found.map(({ onNodeMs }) => onNodeMs), found.map(({ inAppMs }) => inAppMs)]
  return [
    atMost(`refused on another node, ${when}, p50`, 3, quantile(onNode, 0.5), ' ms'),
    atMost(`refused on another node, ${when}, p99`, 20, quantile(onNode, 0.99), ' ms'),
    atMost(`refused in an app process, ${when}, p50`, 8, quantile(inApp, 0.5), ' ms'),
    atMost(`refused in an app process, ${when}, p99`, 25, quantile(inApp, 0.99), ' ms'),
  ]
}

async function revokeAll(victims: readonly LiveSession[]): Promise<Revoked[]> {
  const seen: { xid: string; onNode: number; inApp: number; answered: number }[] = []
  const until = performance.now() + LONGEST_MS
  for (const victim of victims) if (performance.now() < until) seen.push(await revoke(victim))
  const rows = await sql<{ xid: string; at: number }[]>`
    select asked.xid, (extract(epoch from pg_xact_commit_timestamp(asked.xid::xid8::xid)) * 1000)::float8 as at
    from unnest(${seen.map(({ xid }) => xid)}::text[]) asked(xid)`
  const committed = new Map(rows.map(({ xid, at }) => [xid, at]))
  return seen.map(({ xid, onNode, inApp, answered }) => {
    const at = committed.get(xid) ?? Number.NaN
    return { onNodeMs: onNode - at, inAppMs: inApp - at, answeredMs: answered - at }
  })
}

async function revoke({ id, token }: LiveSession) {
  const check = request('POST', '/api/v1/sessions/verify', AUTHORIZATION, JSON.stringify({ token }))
  const before = await toB(check)
  if (!before.includes('"active"')) throw new Error(`a live session is refused: ${before}`)
  await app.ask({ kind: 'know', token }, z.null())
  const now = readWallClock()
  // Not in step with any poll.
  await pause(10 + Math.random() * 20)
  const ending = toA(request('DELETE', `/api/v1/sessions/${id}?reason=load`, AUTHORIZATION)).then((answer) => {
    const xid = /\r\nrollcall-position: x(\d+)/i.exec(answer)?.[1]
    if (!xid) throw new Error(`the sign-out has no place in the log: ${answer}`)
    return { xid, answered: now() }
  })
  while ((await toB(check)).includes('"active"')) Atomics.wait(BETWEEN_LOOKS, 0, 0, 0.3)
  const onNode = now()
  return { ...(await ending), onNode, inApp: await app.ask({ kind: 'watch' }, z.number()) }
}

async function underLoad<T>(work: () => Promise<T>) {
  const requests = others.map(({ token }) =>
    request('POST', '/api/v1/sessions/verify', AUTHORIZATION, JSON.stringify({ token })),
  )
  const press = (seconds: number, perSecond?: number) =>
    presser.press({ port: nodeB.port, requests, connections: 32, seconds, perSecond, holds: '"active"' })
  await press(OTHERS / CHECKS_A_SECOND, CHECKS_A_SECOND)
  const slices: { perSecond: number; p99Ms: number }[] = []
  let done = false
  const pressing = (async () => {
    while (!done) {
      const { answered, seconds, p99Ms } = await press(2, CHECKS_A_SECOND)
      slices.push({ perSecond: answered / seconds, p99Ms })
    }
  })()
  const found = await work()
  done = true
  await pressing
  const middle = (of: 'perSecond' | 'p99Ms') =>
    quantile(
      slices.map((slice) => slice[of]),
      0.5,
    )
  return { found, checked: { perSecond: middle('perSecond'), p99Ms: middle('p99Ms') } }
}

/** One kept connection: asks, and waits for the answer. */
async function openAsker(port: number): Promise<(text: string) => Promise<string>> {
  let asked = Buffer.alloc(0)
  let answered = (_text: string) => {}
  const line = await openLine(
    port,
    () => asked,
    (_send, _due, text) => answered(text),
  )
  return (text) =>
    new Promise((resolve) => {
      asked = Buffer.from(text)
      answered = resolve
      line.send(performance.now())
    })
}
