import { ATTACKER_DEVICES } from './devices.js'
import { type EventRow, type PlaceAt, refusal } from './events.js'
import { HOSTING } from './networks.js'
import type { PastSession } from './past.js'
import type { Person } from './people.js'
import { createRandom } from './random.js'

const [SECOND, MINUTE, DAY] = [1_000, 60_000, 86_400_000]

/** Addresses that every sprayer tries, whether they are anybody's or not. */
const GUESSED = ['admin@northwind.example', 'info@northwind.example', 'test@northwind.example', 'hr@northwind.example']

/** Whom passwords are tried on, in what order: it starts anew at the end. */
export function sprayOrder(people: readonly Person[], wave: string): string[] {
  const random = createRandom(`spray|${wave}`)
  const order = [...people.filter(({ role }) => role === 'person').map(({ email }) => email), ...GUESSED]
  for (let n = order.length - 1; n > 0; n--) {
    const other = random.whole(0, n)
    ;[order[n], order[other]] = [order[other] ?? '', order[n] ?? '']
  }
  return order
}

/** What was tried before the demo began: a wave nine days ago, and one that is under way. */
export function pastAttacks(people: readonly Person[], now: number, placeAt: PlaceAt): EventRow[] {
  const wave = (name: string, from: number, to: number, ip: string, gap: number) => {
    const random = createRandom(`wave|${name}`)
    const events: EventRow[] = []
    const order = sprayOrder(people, name)
    for (let at = from, n = 0; at < to; at += random.between(0.6, 1.4) * gap, n++) {
      const email = order[n % order.length] ?? ''
      const account = people.find((one) => one.email === email)
      events.push(refusal(at, email, ip, account, account ? 'wrong-password' : 'unknown-account', placeAt))
    }
    return events
  }
  const before = HOSTING.blocked.replace('.0/24', '.17')
  return [
    ...wave('first', now - 9 * DAY, now - 9 * DAY + 49 * MINUTE, before, 40 * SECOND),
    ...wave('now', now - 38 * MINUTE, now - MINUTE, HOSTING.spraying, 35 * SECOND),
  ]
}

/** The password that was guessed: somebody is in with it, from where the others were tried. */
export function intruder(victim: Person, now: number): PastSession {
  const from = now - 12 * MINUTE
  return {
    person: victim,
    habit: { app: 'Rollcall', device: ATTACKER_DEVICES.browser, kind: 'errand' },
    from,
    lastSeen: now - 20 * SECOND,
    requests: 31,
    addresses: [{ ip: HOSTING.spraying, at: from }],
    lastIp: HOSTING.spraying,
    end: null,
  }
}

/** Passwords that people mistype before they get in. Apps check their own: only the built-in site's are seen here. */
export function mistypes(sessions: readonly PastSession[], placeAt: PlaceAt): EventRow[] {
  return sessions.flatMap(({ person, habit, from, addresses: [first] }) => {
    const random = createRandom(`mistyped|${person.email}|${from}`)
    if (habit.app !== 'Rollcall' || !first || !random.chance(0.07)) return []
    const tries = random.chance(0.2) ? 2 : 1
    return Array.from({ length: tries }, (_, n) =>
      refusal(from - (n + 1) * 9 * SECOND, person.email, first.ip, person, 'wrong-password', placeAt),
    )
  })
}
