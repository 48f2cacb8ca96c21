import { createTouches, type Touches } from '../follower/touches.js'
import type { Clock } from '../follower/types.js'
import { readEnded } from './answers.js'
import { type Calls, oddAnswer } from './calls.js'
import { RollcallFailure } from './failure.js'
import { inRequests, readable } from './transport.js'

/** As long as a lease by default, as a check waits: an app that is told to stop waits for the last of them. */
const TIMEOUT_MS = 2_000
/** After a request without an answer the others of its batch are not tried: they would each wait as long. */
const QUIET_MS = 1_000
/** What is older the API does not take. */
const OLDEST_S = 86_400

export interface UsesOptions {
  calls: Pick<Calls, 'send'>
  clock: Clock
  /** Told with a touch that these are over, or never were. */
  onEnded(sessionId: string): void
  onFailure(error: unknown): void
}

/** Uses of sessions, told to a node in batches. A late one never brings a session back. */
export function createUses({ calls, clock, onEnded, onFailure }: UsesOptions): Touches<string> {
  let failed: { at: number; error: unknown } | undefined

  return createTouches<string>({
    clock,
    inParts,
    async write(touches) {
      const items = touches
        .filter(({ secondsAgo }) => secondsAgo < OLDEST_S)
        .map(({ id, ip, secondsAgo, requests }) => ({ id, secondsAgo, requests, ip: readable(ip) }))
      if (items.length === 0) return
      if (failed && clock.monotonicMs() - failed.at < QUIET_MS) throw failed.error
      try {
        const ended = readEnded(await calls.send('POST', '/sessions/touch', { timeoutMs: TIMEOUT_MS, body: { items } }))
        if (!ended) throw oddAnswer('/sessions/touch')
        for (const id of ended) onEnded(id)
      } catch (error) {
        // What is refused for itself would be refused again.
        if (error instanceof RollcallFailure && error.code === 'request-refused') return onFailure(error)
        failed = { at: clock.monotonicMs(), error }
        throw error
      }
    },
    onFailure,
  })
}

/** One address of each session a request, which takes none of them twice, in the order of time. */
function inParts<T extends { id: string }>(uses: readonly T[]): T[][] {
  const rounds: T[][] = []
  let [round, before] = [0, '']
  for (const use of uses) {
    round = use.id === before ? round + 1 : 0
    before = use.id
    rounds[round] ??= []
    rounds[round]?.push(use)
  }
  return rounds.flatMap((round) => inRequests(round))
}
