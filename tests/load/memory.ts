import { z } from 'zod'
import { startChild } from './harness/child.js'
import { describeMachine, leaveSubjectCore } from './harness/machine.js'
import { atMost, number, report } from './harness/report.js'

/** What a million remembered sessions take, and whether anybody waits while they come and go. */
const SESSIONS = 1_000_000
const PER_SECOND = 1_000
const SECONDS = 30

const Found = z.object({
  remembered: z.int(),
  accounts: z.int(),
  filledInMs: z.number(),
  rssBytes: z.number(),
  heapBytes: z.number(),
  outsideBytes: z.number(),
  came: z.int(),
  ended: z.int(),
  longestPauseMs: z.number(),
  p99PauseMs: z.number(),
  longestOwnPauseMs: z.number(),
  longestTurnMs: z.number(),
  longestTurnCpuMs: z.number(),
  longestCollectionMs: z.number(),
  collections: z.int(),
  churnedSeconds: z.number(),
})

const machine = await describeMachine()
leaveSubjectCore()
const idle = await measure({ sessions: 1_000, perSecond: 0 })
const found = await measure({ sessions: SESSIONS, perSecond: PER_SECOND })

const mb = (bytes: number) => `${number(bytes / 2 ** 20)} MB`
const ms = (value: number) => `${number(value)} ms`
report(machine, {
  title: `${number(SESSIONS)} remembered sessions, each of an account of its own`,
  columns: ['what', 'measured'],
  rows: [
    ['remembered: sessions, accounts', `${number(found.remembered)}, ${number(found.accounts)}`],
    ['resident memory', mb(found.rssBytes)],
    ['of it on the heap', mb(found.heapBytes)],
    ['of it outside the heap', mb(found.outsideBytes)],
    ['a session, with its account', `${number(found.rssBytes / found.remembered)} bytes`],
    ['filled in', `${number(found.filledInMs / 1_000)} s`],
    [`came and were ended in ${number(found.churnedSeconds)} s`, `${number(found.came)}, ${number(found.ended)}`],
    ['pause of the event loop, longest and p99', `${ms(found.longestPauseMs)}, ${ms(found.p99PauseMs)}`],
    ['the longest, as far as the process was computing in it', ms(found.longestOwnPauseMs)],
    [
      'longest and p99 of a process that remembers 1,000 and has nothing to do',
      `${ms(idle.longestPauseMs)}, ${ms(idle.p99PauseMs)}`,
    ],
    ['garbage collection, longest', `${ms(found.longestCollectionMs)} of ${number(found.collections)}`],
    ['a turn of coming and going, longest, and its CPU', `${ms(found.longestTurnMs)}, ${ms(found.longestTurnCpuMs)}`],
  ],
  targets: [
    atMost('1,000,000 sessions in memory', 250, found.rssBytes / 2 ** 20, ' MB'),
    atMost('longest pause while 1,000 a second come and go', 10, found.longestPauseMs, ' ms'),
    atMost('longest pause of its own while 1,000 a second come and go', 10, found.longestOwnPauseMs, ' ms'),
  ],
  notes: [
    'Growth of the process from its first thousand sessions on, after a full garbage collection.',
    'A pause is by how much a timer of one millisecond was late. Its own is as much of it as the process took of the processor, all threads together: for the rest another program had the core, as the process that has nothing to do shows.',
  ],
})
process.exit()

async function measure(what: { sessions: number; perSecond: number }) {
  const child = startChild(new URL('./memorySubject.js', import.meta.url), {
    measured: true,
    nodeOptions: ['--expose-gc'],
  })
  const measured = await child.ask({ ...what, seconds: SECONDS }, Found)
  await child.stop()
  return measured
}
