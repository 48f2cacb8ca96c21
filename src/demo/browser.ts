import type { Visit } from './day.js'
import type { Door } from './door.js'
import type { Random } from './random.js'

const [SECOND, MINUTE] = [1_000, 60_000]

/** Somebody who does one thing at a time, and says when they want to do the next. Times are milliseconds since 1970. */
export interface Actor {
  step(now: number): Promise<number>
}

/** Lets one through at a time, so that many who come back together do not all have their passwords checked at once. */
export type Turnstile = (now: number) => boolean

export interface BrowserOptions {
  door: Door
  /** The visit that is on at that time, or the next one. */
  visitAt(at: number): Visit
  random: Random
  turnstile: Turnstile
}

/**
 * A simulated browser: signs in when its person comes, looks at something now and then, signs out when they go.
 *
 * Signed out by somebody else, it notices with its next request and signs in again after half a minute to three. Where
 * that is refused it tries once more, and then gives up for a good while.
 */
export function createBrowser({ door, visitAt, random, turnstile }: BrowserOptions): Actor {
  let latest: Visit | undefined
  let returnsAt = 0
  let refusals = 0

  const signIn = async (now: number, visit: Visit): Promise<number> => {
    if (now < returnsAt) return returnsAt
    if (!turnstile(now)) return now + random.between(2, 5) * SECOND
    if ((await door.enter(visit.ip)) === 'in') {
      refusals = 0
      return now + random.between(3, 12) * SECOND
    }
    refusals += 1
    returnsAt = now + (refusals % 2 ? random.between(0.7, 2) : random.between(30, 60)) * MINUTE
    return returnsAt
  }

  return {
    async step(now) {
      const visit = visitAt(now)
      if (visit.from > now) {
        if (latest?.signsOut && door.token()) await door.leave(latest.ip)
        latest = undefined
        return visit.from
      }
      latest = visit
      if (!door.token()) return signIn(now, visit)
      if (await door.use(visit.ip)) return Math.min(visit.to, now + random.between(18, 80) * SECOND)
      returnsAt = now + random.between(0.5, 3) * MINUTE
      return returnsAt
    },
  }
}

export function createTurnstile(gapMs: number): Turnstile {
  let nextAt = 0
  return (now) => {
    if (now < nextAt) return false
    nextAt = now + gapMs
    return true
  }
}
