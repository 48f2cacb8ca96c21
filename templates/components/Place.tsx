import type { Place } from '../../src/devices/types.js'
import { networkText, placeText } from '../../src/devices/words.js'
import { Flag } from './Icon.js'

/** Flag, place: "Berlin, DE". */
export function PlaceName({ place }: { place: Place }) {
  return (
    <span class="with-mark">
      <Flag country={place.country} />
      <span class="clip">{placeText(place)}</span>
    </span>
  )
}

/** Flag and address over place and network: the cell of the lists. */
export function Where({ ip, place }: { ip: string | null; place: Place }) {
  const network = networkText(place)
  return (
    <div class="s-where-box">
      <Flag country={place.country} />
      <span class="mono clip s-ip">{ip ?? 'No address'}</span>
      <span class="clip s-place" title={[placeText(place), network].filter(Boolean).join(' · ')}>
        {placeText(place)}
        {network && <span class="s-network"> · {network}</span>}
      </span>
    </div>
  )
}
