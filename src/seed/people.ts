import { COUNTRIES, emailFor, nameIn } from '../demo/names.js'
import type { Catalog, SeedDevice, SeedNetwork } from './catalog.js'
import { idAt } from './ids.js'

/** Somebody with habits: the same ones each time for the same number. */
export interface SeedPerson {
  id: string
  city: number
  home: SeedNetwork
  homeEnd: string
  phone: SeedNetwork
  computer: SeedDevice
  mobile: SeedDevice
  /** The app that they use most. */
  app: number
}

const YEAR = 365 * 86_400_000
const COMPANIES = 60

/** Everybody who may sign in, made from their numbers when asked for: two millions of them would fill the memory. */
export function createPeople(catalog: Catalog, count: number, apps: number, now: number) {
  const cityAt = cityByShare(catalog)
  return {
    count,
    person(n: number): SeedPerson {
      const random = createDice(n)
      const city = cityAt(random())
      const { home, phone } = catalog.cities[city] as Catalog['cities'][number]
      const network = pick(home, random() ** 1.4)
      return {
        id: idOf(n),
        city,
        home: network,
        homeEnd: endIn(network, random()),
        phone: pick(phone, random()),
        computer: pick(catalog.devices.computer, random()),
        mobile: pick(random() < 0.85 ? catalog.devices.phone : catalog.devices.tablet, random()),
        app: Math.floor(random() ** 1.8 * apps),
      }
    },
    nameAndEmail(n: number): { id: string; name: string; email: string; createdAt: Date } {
      const country = catalog.cities[cityAt(createDice(n)())]?.country ?? 'US'
      const name = nameOf(country, n)
      const company = Math.floor(createDice(n + 0.5)() ** 2 * COMPANIES)
      const email = emailFor(name).replace(/@.*/, `.${n}@company${company}.example`)
      return { id: idOf(n), name, email, createdAt: new Date(bornAt(n)) }
    },
  }

  function bornAt(n: number): number {
    return now - 2 * YEAR + Math.floor((n / count) * (2 * YEAR - 100 * 86_400_000))
  }
  function idOf(n: number): string {
    const random = createDice(-n - 1)
    return idAt(bornAt(n), random() * 2 ** 32, random() * 2 ** 32)
  }
}

/** Most have a name of their country, some a family name of elsewhere, some two: few of a million share theirs. */
function nameOf(country: string, n: number): string {
  const random = createDice(n + 0.25)
  const own = nameIn(country, Math.floor(random() * 1_000))
  const share = random()
  if (share < 0.5) return own
  const other = nameIn(pick(COUNTRIES, random()), Math.floor(random() * 1_000))
    .split(' ')
    .at(-1)
  return share < 0.75 ? `${own.split(' ')[0]} ${other}` : `${own}-${other}`
}

/** An address in the network: most homes keep theirs, so a person's number decides. */
export function endIn({ version }: SeedNetwork, share: number): string {
  return version === 4 ? String(1 + Math.floor(share * 254)) : `${(1 + Math.floor(share * 65_000)).toString(16)}::7`
}

export function pick<T>(list: readonly T[], share: number): T {
  return list[Math.min(list.length - 1, Math.floor(share * list.length))] as T
}

/** A few cities have most of the people. */
function cityByShare({ cities }: Catalog): (share: number) => number {
  const weights = cities.map((_, n) => 1 / (n + 1.5) ** 0.8)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const ends: number[] = []
  for (const weight of weights) ends.push((ends.at(-1) ?? 0) + weight / sum)
  return (share) => {
    const found = ends.findIndex((end) => share < end)
    return found < 0 ? cities.length - 1 : found
  }
}

/** mulberry32 from a number: a hundred times as fast as from a text, and there are tens of millions of rows. */
export function createDice(seed: number): () => number {
  let state = Math.imul(Math.floor(seed * 2) ^ 0x9e3779b9, 0x85ebca6b)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
