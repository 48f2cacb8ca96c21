import { placeText } from '../../src/devices/words.js'
import { offsetText } from '../../src/http/zones.js'
import { type Life, lifePicture, lifeSpot, type Moment } from '../../src/pictures/life.js'
import type { SessionDetail } from '../../src/sessions/types.js'
import { Drawing, Figure, type Spot } from '../components/Picture.js'
import { usePage } from '../components/page.js'
import { clockText, countText, dayMonthText } from '../words.js'
import { sessionsPath } from './sessionsQuery.js'

const SHORTEST_MS = 60_000
const MOST_LANES = 5
/** A dot that a finger meets. */
const REACH = 20

/** When a session that moved was first seen where. The list below it says the same in words. */
export function SessionLife({ session }: { session: SessionDetail }) {
  const { life, told } = lifeOf(session, usePage().look.zone)
  const [first, last] = [life.moments[0], life.moments.at(-1)]
  if (session.addresses.length < 2 || !first || !last || last.at - first.at < SHORTEST_MS) return null
  return (
    <div class="session-life">
      <Figure says={`Seen from ${countText(session.addresses.length, 'address', 'addresses')}.`}>
        <div class="desktop-only">
          <Plot life={life} told={told} width={448} />
        </div>
        <div class="phone-only">
          <Plot life={life} told={told} width={326} />
        </div>
      </Figure>
    </div>
  )
}

/** Of each moment, in the same order. */
interface Told {
  says: string
  /** The address that it was seen from. */
  ip: string | null
}

function Plot({ life, told, width }: { life: Life; told: Told[]; width: number }) {
  const spots = life.moments.flatMap((moment, i): Spot[] => {
    const { says, ip } = told[i] ?? { says: '', ip: null }
    if (!ip) return []
    const { x, y } = lifeSpot(life, moment, width)
    const href = sessionsPath({ ip, state: 'all' })
    return [{ x: round(x - REACH / 2), y: y - REACH / 2, width: REACH, height: REACH, says, href }]
  })
  return <Drawing picture={lifePicture(life, width)} spots={spots} />
}

function lifeOf({ addresses, createdAt, lastSeenAt, lastIp, lastPlace, end }: SessionDetail, zone: string) {
  const all = [...addresses, { ip: lastIp ?? '', place: lastPlace }]
  const places = new Set(all.map(({ place }) => placeText(place)))
  // Within one place the addresses are what tells.
  const laneName = ({ ip, place }: (typeof all)[number]) => (places.size > 1 ? placeText(place) : ip)
  const names = [...new Set(all.map(laneName))]
  const lanes = names.length > MOST_LANES ? [...names.slice(0, MOST_LANES - 1), 'Elsewhere'] : names
  const laneOf = (seen: (typeof all)[number]) => Math.min(names.indexOf(laneName(seen)), lanes.length - 1)
  const now = laneOf({ ip: lastIp ?? '', place: lastPlace })
  const moments: (Moment & Told)[] = [
    ...addresses.map(({ ip, place, firstSeenAt }) => ({
      at: firstSeenAt.getTime(),
      lane: laneOf({ ip, place }),
      kind: firstSeenAt.getTime() === createdAt.getTime() ? ('sign-in' as const) : ('move' as const),
      says: `${ip}, ${placeText(place)}: from ${momentText(firstSeenAt, zone)}`,
      ip,
    })),
    {
      at: lastSeenAt.getTime(),
      lane: now,
      kind: 'seen',
      says: `Last seen ${momentText(lastSeenAt, zone)}`,
      ip: lastIp,
    },
    ...(end ? [{ at: end.at.getTime(), lane: now, kind: 'end' as const, says: '', ip: null }] : []),
  ]
  moments.sort((a, b) => a.at - b.at)
  return {
    life: { lanes, moments: moments.map(({ at, lane, kind }) => ({ at, lane, kind })) },
    told: moments.map(({ says, ip }) => ({ says, ip })),
  }
}

const momentText = (at: Date, zone: string) =>
  `${dayMonthText(at, zone)}, ${clockText(at, zone).slice(0, 5)} ${offsetText(at, zone)}`
const round = (n: number) => Math.round(n * 10) / 10
