import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { memoryMb } from './harness/child.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { panelEmbedded, panelPostgres, settle, withoutServer } from './harness/panelDatabase.js'
import { ownerEnv, signInOwner } from './harness/panelOwner.js'
import { type Group, panelQuestions } from './harness/panelQuestions.js'
import { askInTurn, p95, type Times } from './harness/panelRequests.js'
import { atMost, number, report } from './harness/report.js'
import { AUTHORIZATION, startNode } from './harness/rollcall.js'

/**
 * The panel and the list API on a database of `--sessions` live and twice as many ended ones: `npm run bench:panel`.
 * `DATABASE_URL` names one that `npm run seed` filled before; without it one is filled, which takes its minutes.
 * With `--embedded` it is the embedded database, in a temporary directory or, to be measured again, in `--data DIR`.
 */
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '200' },
    embedded: { type: 'boolean', default: false },
    data: { type: 'string' },
    json: { type: 'string' },
  },
})
const REQUESTS = Number(values.requests)
const kind = values.embedded ? 'pglite' : 'postgres'

const machine = await describeMachine()
leaveSubjectCore()
const database = values.embedded ? panelEmbedded(values.sessions, values.data) : await panelPostgres(values.sessions)
const { size, groups } = await withoutServer(database, async (open) => ({
  size: await settle(open),
  groups: await panelQuestions(open.db, REQUESTS),
}))

/** The same each time: the database may be one that was measured before. */
const owner = {
  email: 'owner@panel.example',
  password: createHash('sha256').update(database.name).digest('base64url'),
}
const began = performance.now()
const node = await startNode({ databaseUrl: database.url, dataDir: database.dataDir, env: ownerEnv(owner) })
const readyMs = performance.now() - began
const cookie = await signInOwner(node, owner)
const found: { group: Group; times: Times }[] = []
const headersOf = (as: 'page' | 'key') => (as === 'page' ? { Cookie: cookie } : AUTHORIZATION)
for (const { as, warmUp } of groups) await askInTurn(node, headersOf(as), warmUp)
for (const group of groups) {
  const times = await askInTurn(node, headersOf(group.as), group.questions)
  found.push({ group, times })
  console.error(
    `${group.what}: p95 ${number(p95(times.wall))} ms, of it ${number(p95(times.computed))} ms the server’s processor time`,
  )
}
const memory = memoryMb(node.pid)
await node.stop()
await database.remove()

report(machine, {
  title: `The panel on ${kind === 'pglite' ? 'the embedded database' : 'PostgreSQL'}: ${number(size.live)} live sessions, ${number(size.ended)} ended, ${number(size.accounts)} accounts; ms, ${REQUESTS} different requests each`,
  columns: ['what', 'p50', 'p95', 'p99', 'longest', 'computed, p95', 'longest'],
  rows: found.map(({ group, times }) => [
    group.what,
    ...[0.5, 0.95, 0.99, 1].map((share) => number(p95(times.wall, share))),
    ...[0.95, 1].map((share) => number(p95(times.computed, share))),
  ]),
  targets: found.flatMap(({ group: { what, most }, times }) => {
    const wanted = most[kind]
    return wanted === undefined ? [] : [atMost(`${what}, p95`, wanted, p95(times.wall), ' ms')]
  }),
  notes: [
    'One at a time, over HTTP with the connection kept, each twice: the second counts, so that the pages are in memory.',
    'Computed: processor time of the server’s main thread, in which the embedded database works too. What others do on the machine does not count, what the server does in the background meanwhile does.',
    `The server was ready after ${number(readyMs / 1_000)} s, and took ${number(memory.now)} MB of memory in the end, ${number(memory.most)} MB at most.`,
  ],
})
process.exit()
