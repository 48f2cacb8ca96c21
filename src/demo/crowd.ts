import type { Actor } from './browser.js'

/** Looks for who is due so often; nobody's next step needs to be more exact. */
const TICK_MS = 400
/** Requests under way at once: the server in this process has its own work to do. */
const AT_ONCE = 4
const AFTER_A_FAILURE_MS = 15_000

export interface CrowdOptions {
  now?: () => number
  onFailure(error: unknown): void
}

/**
 * Lets everybody do what they have to do when they are due, in real time.
 *
 * @param actors with when each wants to begin
 * @returns what stops them, once those under way are done
 */
export function startCrowd(
  actors: readonly { actor: Actor; at: number }[],
  options: CrowdOptions,
): () => Promise<void> {
  const now = options.now ?? Date.now
  const waiting = actors.map(({ actor, at }) => ({ actor, at }))
  const underWay = new Set<Promise<void>>()
  let stopped = false

  const act = async (one: (typeof waiting)[number]) => {
    one.at = Number.POSITIVE_INFINITY
    try {
      one.at = await one.actor.step(now())
    } catch (error) {
      one.at = now() + AFTER_A_FAILURE_MS
      if (!stopped) options.onFailure(error)
    }
  }
  const tick = () => {
    const due = waiting.filter(({ at }) => at <= now()).sort((a, b) => a.at - b.at)
    for (const one of due.slice(0, Math.max(0, AT_ONCE - underWay.size))) {
      const done = act(one).finally(() => underWay.delete(done))
      underWay.add(done)
    }
  }
  const timer = setInterval(tick, TICK_MS)
  return async () => {
    stopped = true
    clearInterval(timer)
    await Promise.all(underWay)
  }
}
