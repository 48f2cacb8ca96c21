import { describe, expect, test } from 'vitest'
import { isZone, offsetText, startOfDay } from '../../../src/http/zones.js'
import { absoluteText, dayText, momentText, relativeText } from '../../../templates/words.js'

describe('a time zone', () => {
  test('is one by its name, and what is none is none', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Calcutta', 'Etc/GMT+5'])
      expect(isZone(zone)).toBe(true)
    for (const none of ['', 'Nowhere/Land', '<b>', '../etc', 'x'.repeat(65)]) expect(isZone(none)).toBe(false)
  })

  test.each([
    ['2026-11-24T23:30:00Z', 'Europe/Berlin', 0, '2026-11-24T23:00:00.000Z'],
    ['2026-11-24T22:30:00Z', 'Europe/Berlin', 0, '2026-11-23T23:00:00.000Z'],
    ['2026-11-24T12:00:00Z', 'UTC', 6, '2026-11-18T00:00:00.000Z'],
    // The clocks go back on 25 October in Berlin, and forward on 29 March.
    ['2026-10-25T12:00:00Z', 'Europe/Berlin', 0, '2026-10-24T22:00:00.000Z'],
    ['2026-10-26T12:00:00Z', 'Europe/Berlin', 2, '2026-10-23T22:00:00.000Z'],
    ['2026-03-29T12:00:00Z', 'Europe/Berlin', 0, '2026-03-28T23:00:00.000Z'],
    ['2026-11-24T00:10:00Z', 'Asia/Kolkata', 0, '2026-11-23T18:30:00.000Z'],
  ])('at %s in %s the day %i days before began at %s', (now, zone, before, began) => {
    expect(startOfDay(new Date(now), zone, before).toISOString()).toBe(began)
  })

  test('says how far its clocks are ahead then', () => {
    const winter = new Date('2026-11-24T12:00:00.123Z')
    expect(
      ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns'].map((zone) => offsetText(winter, zone)),
    ).toEqual(['UTC', 'UTC+1', 'UTC+5:30', 'UTC−3:30'])
    expect(offsetText(new Date('2026-07-24T12:00:00Z'), 'Europe/Berlin')).toBe('UTC+2')
  })

  test('decides what is today, and is named where a time is whole', () => {
    const now = new Date('2026-11-24T23:30:00Z')
    const at = new Date('2026-11-24T10:03:58Z')
    expect([dayText(at, now), dayText(at, now, 'Asia/Tokyo')]).toEqual(['Today, 24 November', 'Yesterday, 24 November'])
    expect(relativeText(at, now, 'Asia/Tokyo')).toBe('Yesterday')
    expect(momentText(new Date('2026-11-25T09:00:00Z'), now, 'Asia/Tokyo')).toBe('today at 18:00')
    expect(absoluteText(at, 'Asia/Tokyo')).toBe('24 November 2026, 19:03:58 UTC+9')
  })
})
