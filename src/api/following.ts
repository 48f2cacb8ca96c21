import { setTimeout as wait } from 'node:timers/promises'
import { formatSnapshot } from '../follower/snapshot.js'
import type { Answer } from '../follower/types.js'
import type { RevocationsAnswer } from '../follower/wire.js'
import type { AppContext } from '../http/env.js'
import { PublicError, unavailable } from '../http/errors.js'
import { MOST_A_KEY } from '../sessions/log/appProcesses.js'
import { LeaseOver, type Node, TooManyProcesses } from '../sessions/log/node.js'
import { positionOut, tellsAgain } from './positionOut.js'
import type { Following } from './routes/revocationSchemas.js'

const SOON_SECONDS = 1

/**
 * What an app process polls for. Who tells of itself is listed with it, and counts in receipts.
 *
 * @throws PublicError 503 while this node does not know itself, 429 for a process that can't be listed
 */
export async function follow(c: AppContext, following: Following): Promise<Answer> {
  try {
    const asksAgain = noteProcess(c, following)
    await pause(c.var.node, following)
    const answer = await c.var.node.answer(following.after)
    return asksAgain && answer.entries.length > MOST_SENT_AGAIN ? toForget(answer, c.var.node) : answer
  } catch (error) {
    if (error instanceof LeaseOver) throw unavailable(SOON_SECONDS)
    if (error instanceof TooManyProcesses) throw tooManyProcesses()
    throw error
  }
}

/** Who was told something reads on at once: where the next answer tells it again, they would do nothing else. */
async function pause({ engine, leaseMs }: Node, following: Following) {
  const { position } = engine.follower
  if (position && tellsAgain(position)) await wait((following.leaseMs ?? leaseMs) / 20)
}

const tooManyProcesses = () =>
  new PublicError(
    429,
    'too-many-processes',
    'More processes follow with this key than are told apart',
    `${MOST_A_KEY.toLocaleString('en')} did within the last minute. Give each app a key of its own; until then this process checks by asking.`,
    { retryAfterSeconds: 60 },
  )

/** @returns whether it asks from where it asked before */
function noteProcess(c: AppContext, { process, after, ...told }: Following): boolean {
  if (process === undefined) return false
  const { node, apiKey } = c.var
  const { name = apiKey.name, version = '', leaseMs = node.leaseMs, hits = 0, misses = 0 } = told
  return node.hear({
    process,
    name,
    version,
    leaseMs,
    hits,
    misses,
    onUnavailable: told.onUnavailable ?? 'deny',
    app: apiKey.app,
    keyId: apiKey.id,
    position: after,
  })
}

/**
 * More than these take longer to send than a poll may last, to many processes or over a slow line, and would be sent anew
 * each time. Forgetting is faster, as in `readLog`: what is asked about then, this node still has in memory.
 */
const MOST_SENT = 50_000
/** And of one that asks for them again, which did not get them in its time: with a short lease, over a slow line. */
const MOST_SENT_AGAIN = 1_000

const toForget = (answer: Answer, { engine }: Pick<Node, 'engine'>): Answer => ({
  ...answer,
  entries: [],
  anew: true,
  networks: engine.networks(),
})

/** As it travels: durations in the place of instants. */
export function answerOut(answer: Answer, node: Pick<Node, 'engine'>): RevocationsAnswer {
  const { snapshot, entries, ageMs, anew, networks } =
    answer.entries.length > MOST_SENT ? toForget(answer, node) : answer
  const now = node.engine.follower.now()
  return {
    position: formatSnapshot(positionOut(snapshot)),
    age: ageMs,
    anew,
    items: entries.map(({ kind, target }) => ({ kind, target })),
    ...(networks
      ? {
          networks: networks.map(({ network, ask, endsAt }) => ({
            network,
            ask,
            endsInMs: endsAt === null ? null : Math.max(0, endsAt - now),
          })),
        }
      : {}),
  }
}
