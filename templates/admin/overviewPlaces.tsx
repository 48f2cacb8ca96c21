import { countryName } from '../../src/devices/words.js'
import type { SessionPlace } from '../../src/sessions/lists/places.js'
import type { Facet } from '../../src/sessions/types.js'
import { Card } from '../components/Card.js'
import { WorldMap } from '../components/charts.js'
import { Flag } from '../components/Icon.js'
import { Figure, Numbers } from '../components/Picture.js'
import { countText, numberText } from '../words.js'
import { FacetCount } from './sessionFilters.js'
import { sessionsPath } from './sessionsQuery.js'

interface PlacesProps {
  /** Where live sessions are: one a city or country, most first. */
  places: SessionPlace[]
  /** How many countries they are in. */
  countries: number
  /** Countries, most sessions first. */
  top: Facet[]
}

export function PlacesCard({ places, countries, top }: PlacesProps) {
  const inCountry = new Map(top.map((facet) => [facet.value, facet.count]))
  const known = top.filter((facet) => facet.value !== 'unknown')
  const says = `Live sessions in ${countText(countries, 'country', 'countries')}${known[0] ? `, most in ${countryName(known[0].value)}` : ''}.`
  return (
    <Card
      flush
      title={
        <>
          Where from{' '}
          {countries > 0 && <span class="map-countries">{countText(countries, 'country', 'countries')}</span>}
        </>
      }
    >
      <Figure says={says} numbers={places.length > 0 && <PlaceNumbers places={places} />}>
        <div class="map-box">
          <WorldMap
            points={places.map((place) => ({
              ...place,
              says: placeText(place, inCountry.get(place.country)),
              href: sessionsPath({ country: place.country }),
            }))}
          />
        </div>
        <div class="map-legend">
          {known.slice(0, 5).map((facet) => (
            <a href={sessionsPath({ country: facet.value })}>
              <Flag country={facet.value} />
              <FacetCount {...facet} short />
            </a>
          ))}
          {!known.length && <span class="muted">Places appear as people sign in from the internet.</span>}
        </div>
      </Figure>
    </Card>
  )
}

function PlaceNumbers({ places }: Pick<PlacesProps, 'places'>) {
  return (
    <Numbers of="the map">
      <caption class="visually-hidden">Live sessions by place, most first</caption>
      <thead>
        <tr>
          <th scope="col">Place</th>
          <th scope="col">Country</th>
          <th scope="col">Live sessions</th>
        </tr>
      </thead>
      <tbody>
        {places.map((place) => (
          <tr>
            <th scope="row">{place.city ?? 'City not known'}</th>
            <td>
              <a href={sessionsPath({ country: place.country })}>{countryName(place.country)}</a>
            </td>
            <td>{numberText(place.count)}</td>
          </tr>
        ))}
      </tbody>
    </Numbers>
  )
}

/** "Bengaluru, India: 21 live sessions. Shows all 41 in India": lists go by country. */
function placeText(place: SessionPlace, inCountry: number | undefined): string {
  const said = `${placeName(place)}: ${countText(place.count, 'live session')}`
  if (inCountry === undefined || inCountry === place.count) return said
  return `${said}. Shows all ${numberText(inCountry)} in ${countryName(place.country)}`
}

const placeName = ({ city, country }: SessionPlace) => [city, countryName(country)].filter(Boolean).join(', ')
