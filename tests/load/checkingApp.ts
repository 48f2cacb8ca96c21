import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { createVerifier } from '../../src/client/index.js'
import { answerParent } from './harness/child.js'
import { KEY } from './harness/rollcall.js'

/** An app process that checks sessions as fast as it is told, each check a use: `checkingApp.js URL SESSIONS`. */
const [url = '', count = ''] = process.argv.slice(2)
const AT_ONCE = 64
const TICK_MS = 5

const verifier = createVerifier({ url, key: KEY, name: 'load', cacheSize: Number(count) })
await verifier.started

const Live = z.object({ token: z.string(), ip: z.string() })
const Question = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('know'), sessions: z.array(Live) }),
  z.object({ kind: z.literal('check'), perSecond: z.int(), seconds: z.number() }),
])
let sessions: z.infer<typeof Live>[] = []

answerParent(Question, async (question) => {
  if (question.kind === 'check') return checkAll(question)
  sessions = question.sessions
  const waiting = [...sessions]
  const work = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await learn(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return null
})

async function checkAll({ perSecond, seconds }: { perSecond: number; seconds: number }) {
  const { hits, misses } = verifier.stats()
  const began = performance.now()
  let [checks, denied] = [0, 0]
  const count = (isActive: boolean) => {
    if (!isActive) denied += 1
  }
  while (performance.now() - began < seconds * 1_000) {
    for (const due = ((performance.now() - began) * perSecond) / 1_000; checks < due; checks++) {
      const session = sessions[Math.floor(Math.random() * sessions.length)]
      if (session) void check(session).then(count)
    }
    await pause(TICK_MS)
  }
  const after = verifier.stats()
  const took = (performance.now() - began) / 1_000
  return { perSecond: checks / took, denied, hits: after.hits - hits, misses: after.misses - misses, seconds: took }
}

/** Sixty-four at once may be more than a small machine answers in time: then once more. */
async function learn(session: z.infer<typeof Live>) {
  for (let tries = 1; !(await check(session)); tries++) {
    if (tries === 20) throw new Error('the node can not tell of a live session')
    await pause(100)
  }
}

async function check({ token, ip }: z.infer<typeof Live>): Promise<boolean> {
  return (await verifier.verify(token, { ip })).status === 'active'
}
