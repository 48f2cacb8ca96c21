import { expect, test } from 'vitest'
import { dailyTotals, weekGrid } from '../../../src/accounts/activity.js'
import { calendarOf } from '../../../src/http/zones.js'

const NOW = new Date('2026-11-24T12:34:00Z')
const UTC = calendarOf(NOW, 'UTC')
const hour = (at: string, signIns: number, failures = 0) => ({ at: new Date(at), signIns, failures })

test('days are totalled with today last; what is older is left out', () => {
  const hours = [hour('2026-11-20T09:00:00Z', 9), hour('2026-11-23T23:00:00Z', 2), hour('2026-11-24T00:00:00Z', 1, 4)]
  expect(dailyTotals(hours, UTC, 3)).toEqual({ signIns: [0, 2, 1], failures: [0, 0, 4] })
  expect(dailyTotals(hours, UTC, 3, 3)).toEqual({ signIns: [0, 9, 0], failures: [0, 0, 0] })
})

test('the week has 7 days of 24 hours, today last', () => {
  const grid = weekGrid([hour('2026-11-24T11:00:00Z', 3, 1), hour('2026-11-18T00:00:00Z', 2)], UTC)
  expect(grid.map((day) => day.hours.length)).toEqual([24, 24, 24, 24, 24, 24, 24])
  expect(grid[6]?.hours[11]).toMatchObject({ signIns: 3, failures: 1 })
  expect(grid[0]?.hours[0]).toMatchObject({ signIns: 2 })
  expect(grid[6]?.day.toISOString()).toBe('2026-11-24T00:00:00.000Z')
})

test('days and hours are those of the viewer’s zone', () => {
  const berlin = calendarOf(NOW, 'Europe/Berlin')
  const late = [hour('2026-11-23T23:00:00Z', 2)]
  expect(dailyTotals(late, berlin, 3)).toEqual({ signIns: [0, 0, 2], failures: [0, 0, 0] })
  expect(weekGrid(late, berlin)[6]?.hours[0]).toMatchObject({ signIns: 2 })
  const kolkata = weekGrid([hour('2026-11-23T18:30:00Z', 5)], calendarOf(NOW, 'Asia/Kolkata'))
  expect(kolkata[6]?.hours[0]).toMatchObject({ at: new Date('2026-11-23T18:30:00Z'), signIns: 5 })
})

test('an hour that comes twice is one square with both, one that never was is empty', () => {
  const back = weekGrid(
    [hour('2026-10-25T00:00:00Z', 1), hour('2026-10-25T01:00:00Z', 2, 1)],
    calendarOf(new Date('2026-10-25T12:00:00Z'), 'Europe/Berlin'),
  )[6]
  expect(back?.hours).toHaveLength(24)
  expect(back?.hours[2]).toEqual({
    at: new Date('2026-10-25T00:00:00Z'),
    until: new Date('2026-10-25T02:00:00Z'),
    signIns: 3,
    failures: 1,
  })
  const forward = weekGrid(
    [hour('2026-03-29T01:00:00Z', 4)],
    calendarOf(new Date('2026-03-29T12:00:00Z'), 'Europe/Berlin'),
  )[6]
  expect(forward?.hours).toHaveLength(24)
  expect(forward?.hours[2]).toMatchObject({ signIns: 0 })
  expect(forward?.hours[3]).toMatchObject({ at: new Date('2026-03-29T01:00:00Z'), signIns: 4 })
})
