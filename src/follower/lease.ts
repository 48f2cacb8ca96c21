import type { Clock } from './types.js'

/** What the two clocks said at one moment. */
export interface Reading {
  monotonic: number
  wall: number
}

export const read = (clock: Clock): Reading => ({ monotonic: clock.monotonicMs(), wall: clock.wallMs() })

/**
 * Wall clocks jump, and the monotonic one stands still while Linux is suspended: a duration counts only where both
 * clocks agree about it this well.
 */
const DISAGREEMENT_MS = 100

export function clocksAgree(from: Reading, to: Reading): boolean {
  return Math.abs(to.wall - from.wall - (to.monotonic - from.monotonic)) <= DISAGREEMENT_MS
}

/** For how long the memory may be trusted, counted from the sending of the poll that confirmed it. */
export interface Lease {
  sent: Reading
  /** How old the answer was already when it was given. */
  ageMs: number
}

/** @returns ms; 0 when it has run out, or when nobody can tell */
export function leaseLeft(lease: Lease | undefined, leaseMs: number, now: Reading): number {
  if (!lease || !clocksAgree(lease.sent, now)) return 0
  return Math.max(0, lease.ageMs >= 0 ? leaseMs - lease.ageMs - (now.monotonic - lease.sent.monotonic) : 0)
}
