import { setTimeout as pause } from 'node:timers/promises'
import { inArray } from 'drizzle-orm'
import { z } from 'zod'
import { openDatabase } from '../../src/db/connect.js'
import { accounts, sessions as sessionRows } from '../../src/db/schema.js'
import { cpuMs, startChild } from './harness/child.js'
import { startPostgres } from './harness/databases.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { atMost, number, report } from './harness/report.js'
import { makeSessions, startNode } from './harness/rollcall.js'
import { interleave, median } from './harness/rounds.js'

/** What open pages of the panel cost a node while others sign in and out. CPU time, so that a busy machine matters less. */
const PAGES = 200
const ADMINS = 20
const SESSIONS = 60_000
const CHANGES_A_SECOND = 500
const ROUND_SECONDS = 10

const machine = await describeMachine()
leaveSubjectCore()
const postgres = await startPostgres()
const databaseUrl = postgres.url('rollcall')
const sessions = await makeSessions(databaseUrl, SESSIONS)
const admins = await makeAdmins()
const profile = process.env['PROFILE']
const node = await startNode({
  databaseUrl,
  measured: true,
  nodeOptions: profile ? ['--cpu-prof', '--cpu-prof-dir', profile] : [],
})
const changes = startChild(new URL('./liveChanges.js', import.meta.url), { words: [databaseUrl] })
const pages = startChild(new URL('./livePages.js', import.meta.url), { words: [String(node.port)] })

const Counted = z.object({
  events: z.int(),
  bytes: z.int(),
  asked: z.int(),
  wrong: z.int(),
  askedBytes: z.int(),
  refusals: z.record(z.string(), z.int()),
})
const subjects = [
  { name: 'no page', open: 0, asking: false },
  { name: 'streams', open: PAGES, asking: false },
  { name: 'pages', open: PAGES, asking: true },
]
const found = await interleave(subjects, async ({ open, asking }) => {
  const tokens = Array.from({ length: open }, (_, n) => admins[n % ADMINS]?.token ?? '')
  await pages.ask({ kind: 'open', tokens, asking }, z.null())
  await press(2)
  const before = { cpu: cpuMs(node.pid), at: performance.now() }
  const changed = await press(ROUND_SECONDS)
  const took = performance.now() - before.at
  const share = (100 * (cpuMs(node.pid) - before.cpu)) / took
  const counted = await pages.ask({ kind: 'close' }, Counted)
  process.stderr.write(
    `${open} ${asking ? 'pages' : 'streams'}: ${number(share)} % of a core at ${number(changed.perSecond)} changes/s\n`,
  )
  for (const [why, times] of Object.entries(counted.refusals)) process.stderr.write(`  ${times} refused: ${why}\n`)
  await pause(500)
  return { share, ...changed, ...counted, seconds: took / 1_000 + 2 }
})
for (const child of [pages, changes, node]) await child.stop()
await postgres.stop()

const share = (name: string) => median(found(name).map((round) => round.share))
const more = (name: string) =>
  median(found(name).map((round, n) => round.share - (found('no page')[n]?.share ?? Number.NaN)))
const each = (name: string, of: (round: ReturnType<typeof found>[number]) => number) =>
  number(median(found(name).map((round) => of(round) / round.seconds)))
report(machine, {
  title: `CPU of one node, ${PAGES} open pages of the panel, ${CHANGES_A_SECOND} sign-ins and sign-outs a second elsewhere`,
  columns: [
    '',
    '% of a core',
    'more than without',
    'changes/s',
    'whole',
    'events/s',
    'KB/s',
    'requests/s',
    'KB/s asked',
  ],
  rows: subjects.map(({ name }) => [
    name,
    number(share(name)),
    name === 'no page' ? '' : number(more(name)),
    number(median(found(name).map(({ perSecond }) => perSecond))),
    number(median(found(name).map(({ whole }) => whole))),
    each(name, ({ events }) => events),
    each(name, ({ bytes }) => bytes / 1_024),
    each(name, ({ asked }) => asked),
    each(name, ({ askedBytes }) => askedBytes / 1_024),
  ]),
  targets: [atMost(`${PAGES} pages, all that they ask for included`, 10, more('pages'), ' % of a core')],
  notes: [
    `Each page shows the list of live sessions, 18 rows on its screen; ${ADMINS} admins have ${PAGES / ADMINS} each.`,
    'Whole: changes through the domain functions; the others end the row and tell of it as those do.',
    `Wrong answers: ${found('pages').reduce((sum, { wrong }) => sum + wrong, 0)}.`,
  ],
})
process.exit()

function press(seconds: number) {
  return changes.ask({ perSecond: CHANGES_A_SECOND, seconds }, z.object({ perSecond: z.number(), whole: z.number() }))
}

async function makeAdmins() {
  const some = sessions.slice(0, ADMINS)
  const open = await openDatabase({ url: databaseUrl, dataDir: '' })
  const ids = some.map(({ id }) => id)
  const owners = open.db.select({ id: sessionRows.accountId }).from(sessionRows).where(inArray(sessionRows.id, ids))
  await open.db.update(accounts).set({ role: 'viewer' }).where(inArray(accounts.id, owners))
  await open.close()
  return some
}
