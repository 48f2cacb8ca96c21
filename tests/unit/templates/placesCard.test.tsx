import { expect, test } from 'vitest'
import { PlacesCard } from '../../../templates/admin/overviewPlaces.js'

const place = (country: string, city: string, count: number) => ({ country, city, count, latitude: 13, longitude: 77 })

test('a bubble of the map says how many more its link shows: lists go by country', () => {
  const markup = String(
    <PlacesCard
      places={[place('IN', 'Bengaluru', 21), place('IN', 'Pune', 20), place('PT', 'Lisbon', 1)]}
      countries={2}
      top={[
        { value: 'IN', label: 'IN', count: 41 },
        { value: 'PT', label: 'PT', count: 1 },
      ]}
    />,
  )
  const bubbles = [...markup.matchAll(/<a href="([^"]+)" tabindex="-1"><title>([^<]+)<\/title>/g)]
  expect(bubbles.map(([, href, says]) => [href, says])).toEqual([
    ['/admin/sessions?country=IN', 'Bengaluru, India: 21 live sessions. Shows all 41 in India'],
    ['/admin/sessions?country=IN', 'Pune, India: 20 live sessions. Shows all 41 in India'],
    ['/admin/sessions?country=PT', 'Lisbon, Portugal: 1 live session'],
  ])
})
