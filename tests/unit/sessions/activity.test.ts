import { describe, expect, test } from 'vitest'
import { calendarOf } from '../../../src/http/zones.js'
import { ACTIVITY_RANGES, foldActivity, type StepCounts } from '../../../src/sessions/lists/activity.js'

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

  describe('where the viewer’s days are others', () => {
    const foldIn = (zone: string, now: Date, range: '24h' | '7d' | '30d', rows: StepCounts[] = []) =>
      foldActivity(range, now, rows, [], calendarOf(now, zone).dayStart)

    test('bars begin with them, and count what happened in them', () => {
      const rows = [
        step('2026-11-22T22:45:00Z', 9, 9),
        step('2026-11-22T23:00:00Z', 10, 1),
        step('2026-11-23T22:00:00Z', 30, 2),
      ]
      const { bars, live } = foldIn('Europe/Berlin', NOW, '30d', rows)
      expect(bars.at(-2)).toMatchObject({
        at: new Date('2026-11-22T23:00:00Z'),
        until: new Date('2026-11-23T23:00:00Z'),
        signIns: 3,
        live: 30,
      })
      expect(live).toHaveLength(30 * 6 + 1)
    })

    test('also those half an hour off', () => {
      const { bars } = foldIn('Asia/Kolkata', NOW, '7d')
      expect(bars).toHaveLength(56)
      expect(bars.at(-1)?.at).toEqual(new Date('2026-11-24T12:30:00Z'))
    })

    test('of 23 and 25 hours', () => {
      const days = foldIn('Europe/Berlin', new Date('2026-10-27T12:00:00Z'), '30d').bars
      const lengths = days.map(({ at, until }) => (until.getTime() - at.getTime()) / 3_600_000)
      expect(lengths.slice(-4)).toEqual([24, 25, 24, 24])
      expect(days.every(({ until }, i) => i === days.length - 1 || until.getTime() === days[i + 1]?.at.getTime())).toBe(
        true,
      )
      const spring = foldIn('Europe/Berlin', new Date('2026-03-30T12:00:00Z'), '7d', [
        step('2026-03-29T20:00:00Z', 7, 3),
      ])
      expect(spring.bars).toHaveLength(56)
      expect(spring.bars.reduce((sum, bar) => sum + bar.signIns, 0)).toBe(3)
      expect(spring.live).toHaveLength(56 * 3 + 1)
    })
  })
})
