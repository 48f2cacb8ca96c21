import { expect, test } from 'vitest'
import { dailyTotals, weekGrid } from '../../../src/accounts/activity.js'

const NOW = new Date('2026-11-24T12:34:00Z')
const hour = (at: string, signIns: number, failures = 0) => ({ at: new Date(at), signIns, failures })

test('days are totalled with today last; what is older is left out', () => {
  const hours = [hour('2026-11-20T09:00:00Z', 9), hour('2026-11-23T23:00:00Z', 2), hour('2026-11-24T00:00:00Z', 1, 4)]
  expect(dailyTotals(hours, NOW, 3)).toEqual({ signIns: [0, 2, 1], failures: [0, 0, 4] })
  expect(dailyTotals(hours, NOW, 3, 3)).toEqual({ signIns: [0, 9, 0], failures: [0, 0, 0] })
})

test('the week has 7 days of 24 hours, today last', () => {
  const grid = weekGrid([hour('2026-11-24T11:00:00Z', 3, 1), hour('2026-11-18T00:00:00Z', 2)], NOW)
  expect(grid.map((day) => day.hours.length)).toEqual([24, 24, 24, 24, 24, 24, 24])
  expect(grid[6]?.hours[11]).toMatchObject({ signIns: 3, failures: 1 })
  expect(grid[0]?.hours[0]).toMatchObject({ signIns: 2 })
  expect(grid[6]?.day.toISOString()).toBe('2026-11-24T00:00:00.000Z')
})
