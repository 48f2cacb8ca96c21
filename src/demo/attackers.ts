import { sprayOrder } from './attacks.js'
import type { Actor, Turnstile } from './browser.js'
import { createBrowser } from './browser.js'
import { ATTACKER_DEVICES } from './devices.js'
import type { Door } from './door.js'
import { HOSTING } from './networks.js'
import type { Person } from './people.js'
import { createRandom } from './random.js'
import { siteDoor } from './site.js'

const [SECOND, MINUTE] = [1_000, 60_000]
const WAVE = 40
const GUESSES = ['Winter2026!', 'Northwind1!', 'Password123!', 'Welcome2026']

/** Tries a few common passwords on everybody, from one address, in waves; none of them is anybody's. */
export function sprayer(origin: string, people: readonly Person[]): Actor {
  const random = createRandom('sprayer')
  const order = sprayOrder(people, 'live')
  let tried = 0
  return {
    async step(now) {
      const email = order[tried % order.length] ?? ''
      const password = GUESSES[Math.floor(tried / order.length) % GUESSES.length] ?? ''
      tried += 1
      await siteDoor({ origin, device: ATTACKER_DEVICES.browser, email, password }).enter(HOSTING.spraying)
      return now + (tried % WAVE === 0 ? random.between(8, 15) * MINUTE : random.between(20, 50) * SECOND)
    },
  }
}

/** Has one person's password and uses it: signed out, they are soon back in; only a block keeps them out. */
export function intruder(
  origin: string,
  victim: Person,
  password: string,
  token: string | undefined,
  turnstile: Turnstile,
): Actor {
  const door = siteDoor({ origin, device: ATTACKER_DEVICES.browser, email: victim.email, password, token })
  const always = { from: 0, to: Number.POSITIVE_INFINITY, ip: HOSTING.spraying, signsOut: false }
  return createBrowser({ door, visitAt: () => always, random: createRandom('intruder'), turnstile })
}

/**
 * Has a copy of one person's cookie and uses it from elsewhere, with another program. Once that session has ended the
 * copy is worth nothing, and they have to steal another one first.
 */
export function thief(origin: string, victim: Door): Actor {
  const random = createRandom('thief')
  let copy: string | undefined
  return {
    async step(now) {
      copy ??= victim.token()
      if (!copy) return now + MINUTE
      const door = siteDoor({ origin, device: ATTACKER_DEVICES.curl, email: '', password: '', token: copy })
      if (await door.use(HOSTING.theft)) return now + random.between(25, 70) * SECOND
      copy = undefined
      return now + random.between(10, 20) * MINUTE
    },
  }
}
