import { cast } from './admins.js'
import { intruder, sprayer, thief } from './attackers.js'
import { appDoor } from './backend.js'
import { type Actor, createBrowser, createTurnstile } from './browser.js'
import { nextVisit } from './day.js'
import { ATTACKER_DEVICES } from './devices.js'
import type { Door } from './door.js'
import type { History } from './history.js'
import type { Habit, Person } from './people.js'
import { createRandom } from './random.js'
import { PAGES_OF, siteDoor } from './site.js'

const SIGN_IN_GAP_MS = 2_000

export interface Simulation {
  /** Where the server is, for this machine. */
  origin: string
  people: readonly Person[]
  history: History
  /** Everybody's but the owner's. */
  password: string
  now: number
}

/** Everybody who acts from now on, with when they begin: the company goes on from its history, and so do the attackers. */
export function everybody(simulation: Simulation): { actor: Actor; at: number }[] {
  const { origin, people, history, password, now } = simulation
  const turnstile = createTurnstile(SIGN_IN_GAP_MS)
  const { priya, tomas } = cast(people)
  const doors: { person: Person; habit: Habit; door: Door }[] = people.flatMap((person) =>
    person.habits
      // The owner's panel is for whoever watches.
      .filter(({ kind }) => !(person.role === 'owner' && kind === 'panel'))
      .map((habit) => ({ person, habit, door: doorTo(simulation, person, habit) })),
  )
  const browsers = doors.map(({ person, habit, door }) => {
    const random = createRandom(`browser|${person.email}|${habit.app}|${habit.kind}`)
    const visitAt = (at: number) => nextVisit(person, habit, at)
    const at = now + random.between(2, 45) * (door.token() ? 1_000 : 10_000)
    return { actor: createBrowser({ door, visitAt, random, turnstile }), at }
  })
  const guessed = history.open.find(({ habit }) => habit.device === ATTACKER_DEVICES.browser)?.token
  const robbed = doors.filter(({ habit, door }) => habit.app === 'Rollcall' && door.token())
  const victim = robbed.find(({ person }) => person === tomas) ?? robbed.find(({ person }) => person.role === 'person')
  return [
    ...browsers,
    { actor: sprayer(origin, people), at: now + 8_000 },
    { actor: intruder(origin, priya, password, guessed, turnstile), at: now + 5_000 },
    ...(victim ? [{ actor: thief(origin, victim.door), at: now + 20_000 }] : []),
  ]
}

function doorTo({ origin, history, password }: Simulation, person: Person, habit: Habit): Door {
  const open = history.open.find((session) => session.person === person && session.habit === habit)
  const app = history.apps.find(({ name }) => name === habit.app)
  return app
    ? appDoor({ origin, app, device: habit.device, email: person.email, open })
    : siteDoor({
        origin,
        device: habit.device,
        email: person.email,
        password,
        token: open?.token,
        pages: PAGES_OF[person.role],
      })
}
