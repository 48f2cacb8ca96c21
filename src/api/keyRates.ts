import { systemClock } from '../follower/clock.js'
import type { Clock } from '../follower/types.js'

const WINDOW_MS = 60_000

/** Where a key stands after a request, in whole seconds. */
export interface Turn {
  allowed: boolean
  limit: number
  left: number
  resetSeconds: number
}

/** How many requests a key may make a minute, of one process. What is set counts from the next request on. */
export interface KeyRates {
  /**
   * @param own the key's own limit, 0: none; null: that of the server
   * @returns undefined where no limit is set
   */
  take(keyId: string, own?: number | null): Turn | undefined
}

/**
 * Counts in memory, in windows of a minute that begin with a key's first request: one look-up and one addition. Keys are
 * known by then, so there are only as many counters as there are keys. No library: what is common counts by the wall
 * clock, or asks a store for each request.
 *
 * @param usual for keys without a limit of their own; 0: none
 */
export function createKeyRates(usual: number, clock: Pick<Clock, 'monotonicMs'> = systemClock): KeyRates {
  const windows = new Map<string, { endsAt: number; taken: number }>()
  return {
    take(keyId, own) {
      const limit = own ?? usual
      if (limit === 0) return undefined
      const now = clock.monotonicMs()
      let window = windows.get(keyId)
      if (window === undefined || window.endsAt <= now) {
        window = { endsAt: now + WINDOW_MS, taken: 0 }
        windows.set(keyId, window)
      }
      window.taken += 1
      return {
        allowed: window.taken <= limit,
        limit,
        left: Math.max(0, limit - window.taken),
        resetSeconds: Math.max(1, Math.ceil(Math.round(window.endsAt - now) / 1_000)),
      }
    },
  }
}
