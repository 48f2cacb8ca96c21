import { expect, test } from 'vitest'
import { type MapPin, PlaceMap } from '../../../templates/components/charts.js'

const pin = (latitude: number, longitude: number, label: string): MapPin => ({ latitude, longitude, label })
const NEW_YORK = pin(40.7, -74, 'New York, US, now')
/** A letter of the map is about as wide: the widest ones are wider, most are not. */
const LETTER = 4.1

test.each([
  ['east of it', pin(47, 28.8, 'Chisinau, MD, today at 19:01')],
  ['west of it', pin(37.7, -122.4, 'San Francisco, US, yesterday at 23:59')],
  ['at the edge of the world', pin(-36.8, 174.7, 'Auckland, NZ, today at 19:01')],
])('what a pin %s is called stands on the map whole', (_, before) => {
  const markup = String(<PlaceMap now={NEW_YORK} before={[before]} />)
  const [left = 0, top = 0, width = 0, height = 0] = /viewBox="([^"]+)"/.exec(markup)?.[1]?.split(' ').map(Number) ?? []
  const labels = [...markup.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"[^>]*text-anchor="(\w+)">([^<]+)/g)]
  expect(labels.map(([, , , , text]) => text).sort()).toEqual([before.label, NEW_YORK.label].sort())
  for (const [, x, y, anchor, text = ''] of labels) {
    const begins = Number(x) - (anchor === 'end' ? text.length * LETTER : 0)
    expect(begins, text).toBeGreaterThanOrEqual(left)
    expect(begins + text.length * LETTER, text).toBeLessThanOrEqual(left + width)
    expect(Number(y) - 7, text).toBeGreaterThanOrEqual(top)
    expect(Number(y), text).toBeLessThanOrEqual(top + height)
  }
})
