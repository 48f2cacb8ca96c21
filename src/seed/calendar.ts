/** An hour of the time that is filled, or a part of one, and how many sessions begin in it. */
export interface SeedHour {
  /** Milliseconds since 1970. */
  at: number
  /** Milliseconds. */
  lasts: number
  live: number
  ended: number
}

const HOUR = 3_600_000
/** Half of the sessions that begin are over after so many days. */
const HALF_LIFE_DAYS = 6

/**
 * When so many sessions began: weekdays and days have their shape, each week is a little busier than the one before,
 * and those that are still live began lately, most of them.
 */
export function createCalendar(live: number, ended: number, days: number, now: number): SeedHour[] {
  const hours = Array.from({ length: days * 24 }, (_, n) => now - (days * 24 - n) * HOUR)
  const busy = hours.map((at) => business(at, now))
  const survival = hours.map((at, n) => (busy[n] ?? 0) * 0.5 ** ((now - at) / (HALF_LIFE_DAYS * 24 * HOUR)))
  const liveShares = split(live, survival)
  const endedShares = split(ended, busy)
  return hours.map((at, n) => ({ at, lasts: HOUR, live: liveShares[n] ?? 0, ended: endedShares[n] ?? 0 }))
}

function business(at: number, now: number): number {
  const date = new Date(at)
  const day = [0.35, 1, 1.05, 1.05, 1, 0.9, 0.4][date.getUTCDay()] ?? 1
  const hour = 0.25 + Math.max(0, Math.sin(((date.getUTCHours() - 5) / 15) * Math.PI))
  const growth = 1 - ((now - at) / (7 * 24 * HOUR)) * 0.01
  return day * hour * Math.max(0.1, growth)
}

/** Whole numbers by the weights, whose sum is the total. */
function split(total: number, weights: number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  let passed = 0
  let given = 0
  return weights.map((weight) => {
    passed += weight
    const here = Math.round((passed / sum) * total) - given
    given += here
    return here
  })
}
