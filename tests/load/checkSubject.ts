import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { answerParent } from './harness/child.js'
import { APP, addressOf, startEngine } from './harness/ours.js'
import { prepareCheck } from './harness/peers.js'
import { person } from './harness/people.js'

/** One way to check a session, in a process of its own: `checkSubject.js FILE VARIANT COUNT`. */
const [file = '', variant = '', count = ''] = process.argv.slice(2)
/** Its check is told, besides the token, which of them it is. */
interface Subject {
  tokens: string[]
  check(token: string, n: number): unknown
}

/** Between two of them the event loop turns, as it does between requests: leases are renewed by timers. */
const BATCH = 500
const WARM_UPS = 4

const { tokens, check } = await prepare(Number(count))
const order = shuffled(tokens.length)
const isAsync = check(tokens[0] ?? '', 0) instanceof Promise
let at = 0
// Whoever remembers is measured when there is something to remember, what it keeps of busy ones only included.
for (let done = 0; done < WARM_UPS * order.length; done += BATCH) await batch()

answerParent(z.object({ ms: z.number() }), async ({ ms }) => {
  const until = performance.now() + ms
  let [checks, us] = [0, 0]
  for (; performance.now() < until; checks += BATCH) us += await batch()
  return { ns: (us * 1_000) / checks }
})

/** @returns CPU microseconds of the checks alone */
async function batch(): Promise<number> {
  const arrived = Array.from({ length: BATCH }, next)
  await nextTurn()
  const before = process.cpuUsage()
  if (isAsync) for (const { token, n } of arrived) assertKnown(await check(token, n))
  else for (const { token, n } of arrived) assertKnown(check(token, n))
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** A new string each time, as from a socket: one that was looked up before has its hash with it. */
function next(): { token: string; n: number } {
  at = at + 1 === order.length ? 0 : at + 1
  const n = order[at] ?? 0
  return { token: Buffer.from(tokens[n] ?? '', 'latin1').toString('latin1'), n }
}

function assertKnown(answer: unknown) {
  if (typeof answer !== 'object' || answer === null || !('email' in answer)) {
    throw new Error(`${file} ${variant} did not say who it is: ${JSON.stringify(answer)}`)
  }
}

async function prepare(sessions: number): Promise<Subject> {
  if (file === 'ours') return prepareOurs(sessions, Number(variant))
  if (file === 'floor') return prepareFloor(sessions, variant)
  return prepareCheck(file, variant, sessions)
}

/** @param refused network blocks in force; with any, each check brings the address of its request */
async function prepareOurs(sessions: number, refused: number): Promise<Subject> {
  const engine = await startEngine({ cacheSize: sessions, refused })
  const tokens = Array.from({ length: sessions }, (_, n) => engine.token(n))
  const addresses = refused > 0 ? tokens.map((_, n) => addressOf(n)) : []
  for (const [n, text] of tokens.entries()) {
    await engine.verify(text, { appId: APP, ip: addresses[n], use: true })
    if (n % BATCH === 0) await nextTurn()
  }
  return {
    tokens,
    check(text, n) {
      const verdict = engine.verifyCached(text, { appId: APP, ip: addresses[n], use: true })
      return verdict !== 'ask' && verdict.status === 'active' ? verdict.account : verdict
    },
  }
}

/** What no check can be faster than: a map by token, and by the token's hash. */
function prepareFloor(sessions: number, kind: string): Subject {
  const tokens = Array.from({ length: sessions }, (_, n) => hash('sha256', `token ${n}`, 'base64url'))
  const key = kind === 'sha256' ? (token: string) => hash('sha256', token, 'base64url') : (token: string) => token
  const known = new Map(tokens.map((token, n) => [key(token), person(n)]))
  return { tokens, check: (token) => known.get(key(token)) }
}

/** The numbers below `count`, in random order. */
function shuffled(count: number): number[] {
  const ranked = Array.from({ length: count }, (_, n) => ({ n, rank: Math.random() }))
  return ranked.sort((a, b) => a.rank - b.rank).map(({ n }) => n)
}
