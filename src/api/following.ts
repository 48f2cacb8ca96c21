import { formatSnapshot } from '../follower/snapshot.js'
import type { Answer } from '../follower/types.js'
import type { RevocationsAnswer } from '../follower/wire.js'
import type { AppContext } from '../http/env.js'
import { unavailable } from '../http/errors.js'
import { LeaseOver, type Node } from '../sessions/node.js'
import type { Following } from './routes/revocationSchemas.js'

const SOON_SECONDS = 1

/**
 * What an app process polls for. Who tells of itself is listed with it, and counts in receipts.
 *
 * @throws PublicError 503 while this node does not know itself
 */
export async function follow(c: AppContext, following: Following): Promise<Answer> {
  noteProcess(c, following)
  try {
    return await c.var.node.answer(following.after)
  } catch (error) {
    if (error instanceof LeaseOver) throw unavailable(SOON_SECONDS)
    throw error
  }
}

function noteProcess(c: AppContext, { process, after, ...told }: Following) {
  if (process === undefined) return
  const { node, apiKey } = c.var
  const { name = apiKey.name, version = '', leaseMs = node.leaseMs, hits = 0, misses = 0 } = told
  const hasMovedOn = node.processes.note({
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
  if (hasMovedOn) node.report()
}

/** As it travels: durations in the place of instants. */
export function answerOut(answer: Answer, node: Pick<Node, 'engine'>): RevocationsAnswer {
  const { snapshot, entries, ageMs, anew, networks } = answer
  const now = node.engine.follower.now()
  return {
    position: formatSnapshot(snapshot),
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
