import { describe, expect, test } from 'vitest'
import { ACTIVITY_RANGES, foldActivity, type StepCounts } from '../../../src/sessions/activity.js'

const NOW = new Date('2026-11-24T12:34:00Z')
const HALF_HOUR = 1_800_000
const WEEK = 7 * 86_400_000
const step = (at: string, live: number, signIns = 0, failures = 0): StepCounts => ({
  at: Date.parse(at),
  live,
  signIns,
  failures,
})

describe('sessions over time', () => {
  test.each(ACTIVITY_RANGES)('%s ends with the bar that is under way', (range) => {
    const { bars, live, stepsPerBar, present } = foldActivity(range, NOW, [], [])
    const last = bars.at(-1)
    expect(last && last.at <= NOW && NOW < last.until).toBe(true)
    expect(live).toHaveLength(bars.length * stepsPerBar + 1)
    const stepMs = ((bars[0]?.until.getTime() ?? 0) - (bars[0]?.at.getTime() ?? 0)) / stepsPerBar
    const ends = (bars[0]?.at.getTime() ?? 0) + present * stepMs
    expect(ends - stepMs <= NOW.getTime() && NOW.getTime() < ends).toBe(true)
  })

  test('a half hour is what was counted in it, beside the same one a week before', () => {
    const rows = [step('2026-11-24T11:30:00Z', 90), step('2026-11-24T12:00:00Z', 100, 7, 2)]
    const before = [{ ...step('2026-11-24T12:00:00Z', 80), at: Date.parse('2026-11-24T12:00:00Z') - WEEK }]
    const { bars, live } = foldActivity('24h', NOW, rows, before)
    expect(bars.slice(-2)).toMatchObject([
      { at: new Date('2026-11-24T12:00:00Z'), signIns: 7, failures: 2, live: 100, before: 80 },
      { at: new Date('2026-11-24T12:30:00Z'), signIns: 0, failures: 0, live: null, before: null },
    ])
    expect(live.slice(-3)).toEqual([90, 100, null])
  })

  test('the line begins with what was counted before the first bar', () => {
    const { bars, live } = foldActivity('24h', NOW, [], [])
    const first = bars[0]?.at.getTime() ?? 0
    const rows = [{ at: first - HALF_HOUR, live: 55, signIns: 9, failures: 9 }]
    const { live: line, bars: told } = foldActivity('24h', NOW, rows, [])
    expect([live[0], line[0]]).toEqual([null, 55])
    expect(told[0]).toMatchObject({ signIns: 0, live: null })
  })

  test('days are whole ones by UTC, and their steps are summed', () => {
    const rows = [step('2026-11-23T00:00:00Z', 10, 1), step('2026-11-23T20:00:00Z', 30, 2, 5)]
    const { bars } = foldActivity('30d', NOW, rows, [])
    expect(bars).toHaveLength(30)
    expect(bars.at(-2)).toMatchObject({ at: new Date('2026-11-23T00:00:00Z'), signIns: 3, failures: 5, live: 30 })
  })

  test('30 days are held against four weeks before, so that Mondays meet Mondays', () => {
    const before = [{ ...step('2026-11-23T20:00:00Z', 44), at: Date.parse('2026-11-23T20:00:00Z') - 4 * WEEK }]
    expect(foldActivity('30d', NOW, [], before).bars.at(-2)).toMatchObject({ before: 44 })
  })
})
