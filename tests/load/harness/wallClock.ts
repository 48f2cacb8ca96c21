/**
 * The time of day to the microsecond, as PostgreSQL on this machine has it: `Date.now()` alone knows milliseconds, and
 * `performance.timeOrigin` drifts away from a clock that is being adjusted.
 *
 * @returns ms since 1970, good for a minute or so
 */
export function readWallClock(): () => number {
  // `Date.now()` is behind by less than a millisecond: it is nearest the truth where it is furthest ahead.
  let offset = Number.NEGATIVE_INFINITY
  for (const until = performance.now() + 5; performance.now() < until; ) {
    offset = Math.max(offset, Date.now() - performance.now())
  }
  return () => performance.now() + offset
}
