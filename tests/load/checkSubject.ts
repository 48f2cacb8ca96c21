import { hash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { answerParent } from './harness/child.js'
import { APP, addressOf, startEngine } from './harness/ours.js'
import { type Prepared, prepareCheck } from './harness/peers.js'
import { person } from './harness/people.js'

/** One way to check a session, in a process of its own: `checkSubject.js FILE VARIANT COUNT`. */
const [file = '', variant = '', count = ''] = process.argv.slice(2)
/** Between two of them the event loop turns, as it does between requests: leases are renewed by timers. */
const BATCH = 500

const { tokens, check } = await prepare(Number(count))
const order = shuffled(tokens)
const isAsync = check(order[0] ?? '') instanceof Promise
let at = 0
// Whoever remembers is measured when there is something to remember.
for (let done = 0; done < order.length; done += BATCH) await batch()

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
  if (isAsync) for (const token of arrived) assertKnown(await check(token))
  else for (const token of arrived) assertKnown(check(token))
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** A new string each time, as from a socket: one that was looked up before has its hash with it. */
function next(): string {
  at = at + 1 === order.length ? 0 : at + 1
  return Buffer.from(order[at] ?? '', 'latin1').toString('latin1')
}

function assertKnown(answer: unknown) {
  if (typeof answer !== 'object' || answer === null || !('email' in answer)) {
    throw new Error(`${file} ${variant} did not say who it is: ${JSON.stringify(answer)}`)
  }
}

async function prepare(sessions: number): Promise<Prepared> {
  if (file === 'ours') return prepareOurs(sessions, Number(variant))
  if (file === 'floor') return prepareFloor(sessions, variant)
  return prepareCheck(file, variant, sessions)
}

/** @param refused network blocks in force; with any, each check brings the address of its request */
async function prepareOurs(sessions: number, refused: number): Promise<Prepared> {
  const engine = await startEngine({ cacheSize: sessions, refused })
  const tokens = Array.from({ length: sessions }, (_, n) => engine.token(n))
  const addresses = new Map(refused > 0 ? tokens.map((text, n) => [text, addressOf(n)]) : [])
  for (const [n, text] of tokens.entries()) {
    await engine.verify(text, { appId: APP, ip: addresses.get(text), use: true })
    if (n % BATCH === 0) await nextTurn()
  }
  return {
    tokens,
    check(text) {
      const ip = refused > 0 ? addresses.get(text) : undefined
      const verdict = engine.verifyCached(text, { appId: APP, ip, use: true })
      return verdict !== 'ask' && verdict.status === 'active' ? verdict.account : verdict
    },
  }
}

/** What no check can be faster than: a map by token, and by the token's hash. */
function prepareFloor(sessions: number, kind: string): Prepared {
  const tokens = Array.from({ length: sessions }, (_, n) => hash('sha256', `token ${n}`, 'base64url'))
  const key = kind === 'sha256' ? (token: string) => hash('sha256', token, 'base64url') : (token: string) => token
  const known = new Map(tokens.map((token, n) => [key(token), person(n)]))
  return { tokens, check: (token) => known.get(key(token)) }
}

function shuffled(list: readonly string[]): string[] {
  const ranked = list.map((text) => ({ text, rank: Math.random() }))
  return ranked.sort((a, b) => a.rank - b.rank).map(({ text }) => text)
}
