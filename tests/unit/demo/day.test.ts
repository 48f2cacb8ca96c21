import { describe, expect, test } from 'vitest'
import { nextVisit, shiftOn, visitsOn, zoneOffset } from '../../../src/demo/day.js'
import { pastOf } from '../../../src/demo/past.js'
import { createCompany, type Habit, type Person } from '../../../src/demo/people.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MONDAY = Date.parse('2026-11-23T00:00:00Z')
const SATURDAY = Date.parse('2026-11-28T00:00:00Z')
const people = createCompany(new Date(MONDAY))

const habitOf = (person: Person, kind: Habit['kind']) => person.habits.find((habit) => habit.kind === kind)
const each = (kind: Habit['kind']) =>
  people.flatMap((person) => {
    const habit = habitOf(person, kind)
    return habit ? [{ person, habit }] : []
  })

describe('a day', () => {
  test.each([
    ['Asia/Tokyo', 9],
    ['America/New_York', -5],
    ['Asia/Kolkata', 5.5],
    ['Europe/London', 0],
  ])('in %s begins %d hours before UTC’s', (zone, hours) => {
    expect(zoneOffset(zone, MONDAY)).toBe(hours * HOUR)
  })

  test('knows summer time', () => {
    expect(zoneOffset('Europe/Berlin', Date.parse('2026-07-01T00:00:00Z'))).toBe(2 * HOUR)
  })

  test('at a desk lies in working hours of the person’s own clock', () => {
    for (const { person, habit } of each('desk')) {
      for (const visit of visitsOn(person, habit, MONDAY)) {
        const local = (time: number) => (time + zoneOffset(person.place.zone, MONDAY) - MONDAY) / HOUR
        expect(local(visit.from), person.name).toBeGreaterThan(6.5)
        expect(local(visit.to), person.name).toBeLessThan(21)
      }
    }
  })

  test('at the weekend few are at work', () => {
    const atWork = (day: number) => people.filter((person) => shiftOn(person, day).works).length / people.length
    expect(atWork(MONDAY)).toBeGreaterThan(0.85)
    expect(atWork(SATURDAY)).toBeLessThan(0.1)
  })

  test('has its visits in order, none within another', () => {
    for (const person of people) {
      for (const habit of person.habits) {
        const visits = visitsOn(person, habit, MONDAY)
        visits.forEach((visit, n) => {
          expect(visit.to).toBeGreaterThan(visit.from)
          expect(visit.from).toBeGreaterThanOrEqual(visits[n - 1]?.to ?? 0)
        })
      }
    }
  })

  test('phones are looked at on several networks', () => {
    const [{ person, habit } = missing()] = each('pocket')
    expect(new Set(visitsOn(person, habit, MONDAY).map(({ ip }) => ip)).size).toBeGreaterThan(1)
  })

  test('whatever the time, the next visit is on or lies ahead', () => {
    for (const { person, habit } of each('errand')) {
      for (const at of [MONDAY, MONDAY + 13.37 * HOUR, SATURDAY + 3 * HOUR]) {
        expect(nextVisit(person, habit, at).to).toBeGreaterThan(at)
      }
    }
  })
})

describe('the past', () => {
  const now = MONDAY + 15 * HOUR

  test('ends before now, and every session is used between its beginning and its end', () => {
    for (const person of people) {
      for (const session of person.habits.flatMap((habit) => pastOf(person, habit, now - 5 * DAY, now).sessions)) {
        expect(session.from).toBeLessThanOrEqual(now)
        expect(session.lastSeen).toBeLessThanOrEqual(now)
        expect(session.lastSeen).toBeGreaterThanOrEqual(session.from)
        if (session.end) expect(session.end.at).toBeGreaterThanOrEqual(session.lastSeen)
        if (session.end) expect(session.end.at).toBeLessThanOrEqual(now)
      }
    }
  })

  test('holds at most one live session of a browser', () => {
    for (const person of people) {
      for (const habit of person.habits) {
        const { sessions } = pastOf(person, habit, now - 5 * DAY, now)
        expect(sessions.filter(({ end }) => !end).length).toBeLessThanOrEqual(1)
      }
    }
  })

  test('has nothing of a person from the moment they were blocked', () => {
    const [{ person, habit } = missing()] = each('pocket')
    const from = now - 30 * HOUR
    const cut = { from, to: Number.POSITIVE_INFINITY, reason: 'blocked', by: person, note: 'Compromised' } as const
    const { sessions } = pastOf(person, habit, now - 5 * DAY, now, [cut])
    expect(sessions.at(-1)).toMatchObject({ end: { at: from, reason: 'blocked' } })
    for (const { lastSeen } of sessions) expect(lastSeen).toBeLessThanOrEqual(from)
  })
})

function missing(): never {
  throw new Error('the demo’s company has nobody like that')
}
