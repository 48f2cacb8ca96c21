import type { Habit, Person } from './people.js'
import { createRandom, type Random } from './random.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A stretch of time in which somebody uses one browser. Times are milliseconds since 1970. */
export interface Visit {
  from: number
  to: number
  ip: string
  /** Whether they sign out at its end, or leave the session open. */
  signsOut: boolean
}

/**
 * When a person uses one of their browsers on one day (of their own calendar), in order. The same question always has
 * the same answer, so what the history says and what happens live are one story.
 *
 * @param day a UTC midnight that names the date
 */
export function visitsOn(person: Person, habit: Habit, day: number): Visit[] {
  const random = createRandom(`day|${person.email}|${habit.app}|${habit.kind}|${day}`)
  const shift = shiftOn(person, day)
  const visits = { desk, errand, pocket, panel }[habit.kind](person, shift, random)
  const midnight = day - zoneOffset(person.place.zone, day)
  return visits.map((visit) => ({ ...visit, from: midnight + visit.from, to: midnight + visit.to }))
}

/** The visit that is on at that time, or the next one. */
export function nextVisit(person: Person, habit: Habit, at: number): Visit {
  // Their calendar may be a day ahead of or behind UTC's.
  const today = Math.floor(at / DAY) * DAY
  for (let day = today - DAY; day < today + 10 * DAY; day += DAY) {
    const visit = visitsOn(person, habit, day).find(({ to }) => to > at)
    if (visit) return visit
  }
  return { from: at + 10 * DAY, to: at + 11 * DAY, ip: person.home, signsOut: true }
}

/** A moment at which somebody was busy at their desk, the last one at least so long ago. */
export function busyMoment(person: Person, now: number, atLeastAgo: number): number {
  for (let day = Math.floor(now / DAY) * DAY + DAY; day > now - 30 * DAY; day -= DAY) {
    const { works, from, to } = shiftOn(person, day)
    const at = day - zoneOffset(person.place.zone, day) + from + (to - from) * 0.31
    if (works && at <= now - atLeastAgo) return at
  }
  return now - atLeastAgo
}

/** A working day in milliseconds after midnight of the person's own clock. */
interface Shift {
  works: boolean
  from: number
  to: number
  /** Where they sit in the morning and in the afternoon. */
  morning: string
  afternoon: string
}

/** All browsers of a person share it: they get up once. */
export function shiftOn(person: Person, day: number): Shift {
  const random = createRandom(`shift|${person.email}|${day}`)
  const from = (8.5 + person.late) * HOUR + random.between(-20, 20) * MINUTE
  const remote = random.chance(person.remoteShare / 100)
  const place = remote ? person.home : person.office
  return {
    works: random.chance(isWeekend(person.place.country, day) ? 0.04 : 0.93),
    from,
    to: from + random.between(7.8, 9.6) * HOUR,
    morning: place,
    afternoon: !remote && random.chance(0.15) ? person.home : place,
  }
}

/** `day` is a UTC midnight that stands for the person's own date. */
const isWeekend = (country: string, day: number) => {
  const weekday = new Date(day).getUTCDay()
  return country === 'LB' ? weekday === 0 : weekday === 0 || weekday === 6
}

/** All day, with a break; some move home in it and take the session along. */
function desk(_person: Person, shift: Shift, random: Random): Visit[] {
  if (!shift.works) return []
  const noon = shift.from + random.between(3.5, 4.5) * HOUR
  const back = noon + random.between(30, 70) * MINUTE
  return [
    { from: shift.from, to: noon, ip: shift.morning, signsOut: random.chance(0.06) },
    { from: back, to: shift.to, ip: shift.afternoon, signsOut: random.chance(0.6) },
  ]
}

/** A few short looks, each with a sign-in of its own most of the time. */
function errand(person: Person, shift: Shift, random: Random): Visit[] {
  if (!shift.works) return []
  const visits = random.whole(3, 7)
  const each = (shift.to - shift.from) / visits
  return Array.from({ length: visits }, (_, n) => {
    const from = shift.from + each * (n + random.between(0.05, 0.4))
    const ip = n < visits / 2 ? shift.morning : shift.afternoon
    const away = random.chance(0.06) ? (person.phone[0] ?? ip) : ip
    return { from, to: from + random.between(4, 26) * MINUTE, ip: away, signsOut: random.chance(0.85) }
  })
}

/** A phone: looked at every half hour or so from morning to night, weekends too, on whatever network it finds. */
function pocket(person: Person, shift: Shift, random: Random): Visit[] {
  const visits: Visit[] = []
  const night = random.between(22, 23.6) * HOUR
  for (let at = random.between(6.3, 8.2) * HOUR; at < night; ) {
    const to = at + random.between(2, 14) * MINUTE
    const atWork = shift.works && at > shift.from && at < shift.to
    const wifi = atWork ? shift.morning : person.home
    visits.push({ from: at, to, ip: random.chance(0.7) ? wifi : random.pick(person.phone), signsOut: false })
    at = to + random.between(8, 48) * MINUTE
  }
  return visits
}

/** An admin looks at the panel a few times a day; what they leave open is over after a quarter of an hour. */
function panel(_person: Person, shift: Shift, random: Random): Visit[] {
  if (!shift.works) return []
  const visits = random.whole(3, 5)
  const each = (shift.to - shift.from) / visits
  return Array.from({ length: visits }, (_, n) => {
    const from = shift.from + each * (n + random.between(0, 0.3))
    const to = from + each * random.between(0.3, 0.65)
    return { from, to, ip: n < visits / 2 ? shift.morning : shift.afternoon, signsOut: random.chance(0.5) }
  })
}

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()

/** Milliseconds that a zone's clocks are ahead of UTC on that day, by what holds at its noon. */
export function zoneOffset(zone: string, day: number): number {
  const key = `${zone}|${day}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  formats.set(zone, format)
  const name = format.formatToParts(day + 12 * HOUR).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
  const offset = (Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * MINUTE) * (sign === '-' ? -1 : 1)
  offsets.set(key, offset)
  return offset
}
