import type { Role } from '../accounts/types.js'
import { type AccountId, newId } from '../db/ids.js'
import { type DemoDevice, deviceFor } from './devices.js'
import { emailFor, nameIn } from './names.js'
import { type DemoPlace, PLACES, placeIn } from './networks.js'
import { createRandom, type Random } from './random.js'

export const APPS = ['Console', 'Billing', 'Mobile', 'Warehouse'] as const
/** The built-in site is an app like the others. */
export type DemoApp = (typeof APPS)[number] | 'Rollcall'

export interface Person {
  id: AccountId
  name: string
  email: string
  role: Role
  place: DemoPlace
  /** Addresses that they are at: their own at home and on the phone, one shared by all in the office. */
  home: string
  office: string
  phone: string[]
  /** Works from home on so many of a hundred days. */
  remoteShare: number
  /** Hours that their day begins later than half past eight. */
  late: number
  habits: Habit[]
}

/** How a person uses one app on one device; each is a browser with cookies of its own. */
export interface Habit {
  app: DemoApp
  device: DemoDevice
  /** desk: all day; errand: now and then; pocket: looked at from morning to night; panel: an admin's short looks. */
  kind: 'desk' | 'errand' | 'pocket' | 'panel'
}

/** How one gets into an app: each checks its own people, but for the built-in site. */
export const methodIn = (app: DemoApp): string =>
  ({ Rollcall: 'password', Console: 'passkey', Mobile: 'passkey', Billing: 'password', Warehouse: 'password' })[app]

/** The ones whom the story is about. */
const CAST: readonly (readonly [name: string, city: string, role?: Role])[] = [
  ['Ada Byrne', 'Dublin', 'owner'],
  ['Jonas Weber', 'Berlin', 'responder'],
  ['Mara Lindqvist', 'London', 'viewer'],
  ['Aiko Tanaka', 'Osaka'],
  ['Priya Raman', 'Bengaluru'],
  ['Sam Okafor', 'Lagos'],
  ['Noor Haddad', 'Beirut'],
  ['Nguyễn Linh', 'Da Nang'],
  ['Zofia Wiśniewska', 'Kraków'],
  ['Tomás Silva', 'São Paulo'],
  ['Kofi Mensah', 'Accra'],
  ['Diego Fuentes', 'Mexico City'],
  ['Leila Haddadi', 'Paris'],
  ['Marta Kowalczyk', 'Warsaw'],
  ['Victor Hale', 'London'],
  ['Elena Petrova', 'Munich'],
]

/** How many more of the company sit in each country. */
const STAFF: Record<string, number> = {
  US: 36, DE: 26, GB: 18, IN: 20, JP: 12, BR: 11, FR: 9, PL: 8, IE: 7, CA: 8,
  NL: 6, ES: 6, MX: 5, SE: 5, AU: 5, NG: 3, VN: 3, ZA: 4, GH: 2, LB: 2,
} // biome-ignore format: a table

/** The company: about 200 people in 20 countries, the same ones each time but for their ids. */
export function createCompany(now: Date): Person[] {
  const named = CAST.map(([name, city, role]) => ({ name, place: placeIn(city), role: role ?? 'person' }) as const)
  const taken = new Set(named.map(({ name }) => emailFor(name)))
  const others = Object.entries(STAFF).flatMap(([country, count]) => {
    const places = PLACES.filter((place) => place.country === country)
    const names: string[] = []
    for (let n = 0; names.length < count; n++) {
      const name = nameIn(country, n)
      if (taken.has(emailFor(name))) continue
      taken.add(emailFor(name))
      names.push(name)
    }
    return names.map(
      (name, n) => ({ name, place: places[n % places.length] ?? placeIn('Berlin'), role: 'person' }) as const,
    )
  })
  const neighbours = new Map<string, number>()
  // Their accounts are older than what the history tells.
  const since = now.getTime() - 40 * 86_400_000
  return [...named, ...others].map((who, n) => person(who, new Date(since + n * 3_600_000), neighbours))
}

function person(
  { name, place, role }: { name: string; place: DemoPlace; role: Role },
  since: Date,
  neighbours: Map<string, number>,
): Person {
  const email = emailFor(name)
  const random = createRandom(`person|${email}`)
  /** Nobody's address is another one's, but for the office. */
  const own = (networks: string[]) => {
    const network = random.pick(networks)
    const host = (neighbours.get(network) ?? random.whole(4, 40)) + random.whole(1, 9)
    neighbours.set(network, host)
    return `${network}.${host}`
  }
  return {
    id: newId<AccountId>(since),
    name,
    email,
    role,
    place,
    home: own(place.home),
    office: `${place.office[0]}.130`,
    phone: [own(place.phone), own(place.phone)],
    remoteShare: random.pick([0, 20, 40, 40, 60, 100, 100]),
    late: random.between(-1.2, 1.8),
    habits: habitsOf(
      email,
      role,
      random,
      CAST.some(([known]) => known === name),
    ),
  }
}

/** Nobody of the cast has Linux: that the attacker does is what gives them away. */
function habitsOf(email: string, role: Role, random: Random, inCast: boolean): Habit[] {
  const developer = random.chance(0.35) && !inCast
  const device = deviceFor(email, 'computer', { developer })
  const habits: Habit[] = []
  if (role !== 'person') habits.push({ app: 'Rollcall', device, kind: 'panel' })
  const desk = random.pick(['Console', 'Console', 'Console', 'Warehouse', 'Billing', 'Rollcall'] as const)
  if (desk !== 'Rollcall' || role === 'person') habits.push({ app: desk, device, kind: 'desk' })
  const errand = random.pick((['Billing', 'Console', 'Warehouse'] as const).filter((app) => app !== desk))
  habits.push({ app: errand, device, kind: 'errand' })
  if (role === 'person' && desk !== 'Rollcall' && random.chance(0.15)) {
    habits.push({ app: 'Rollcall', device, kind: 'errand' })
  }
  if (random.chance(0.74) || inCast) habits.push({ app: 'Mobile', device: deviceFor(email, 'phone'), kind: 'pocket' })
  if (random.chance(0.12))
    habits.push({
      app: random.pick(['Console', 'Mobile'] as const),
      device: deviceFor(email, 'tablet'),
      kind: 'errand',
    })
  return habits
}
