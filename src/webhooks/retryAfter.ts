/** Whatever it asks for: a mistyped year does not hold its deliveries back until they are given up. */
const LONGEST_S = 24 * 60 * 60

/** What a wait is asked for with: too many requests, or out of service for a while. */
const ASKS = [429, 503]

/** The three forms in which HTTP writes a date; the last one leaves out that it is GMT. */
const DATE =
  /^(?:\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT|\w{6,9}, \d{2}-\w{3}-\d{2} [\d:]{8} GMT|\w{3} \w{3} [ \d]\d [\d:]{8} \d{4})$/

/**
 * For how long an answer asks not to be tried again, at most a day.
 *
 * @param header as it came: seconds or a date
 * @returns null when it does not ask, or in no form that HTTP knows
 * @see RFC 9110 10.2.3, 5.6.7
 */
export function retryAfterOf(status: number, header: string | undefined, now: Date): number | null {
  if (!ASKS.includes(status) || header === undefined) return null
  const seconds = /^\d+$/.test(header) ? Number(header) : secondsUntil(header, now)
  return seconds > 0 ? Math.min(seconds, LONGEST_S) : null
}

function secondsUntil(date: string, now: Date): number {
  if (!DATE.test(date)) return Number.NaN
  return Math.ceil((Date.parse(date.endsWith('GMT') ? date : `${date} GMT`) - now.getTime()) / 1_000)
}
