import { asset } from '../../src/assets/manifest.js'
import { MAP, project } from '../../src/assets/projection.js'
import { PictureLink } from './Picture.js'

/* Inline SVG with classes for colours: both themes, no style attribute (S-40), and every name is escaped text (S-43). */

/** A line of 96 x 28 beside a number that says the same. */
export function Sparkline({ values, tone }: { values: number[]; tone?: 'red' | undefined }) {
  if (values.length < 2) return null
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const points = values.map((value, i) => [
    round((i / (values.length - 1)) * 96),
    round(26 - ((value - low) / (high - low || 1)) * (high === low ? 0 : 24)),
  ])
  const line = points.map(([x, y]) => `${x} ${y}`).join('L')
  return (
    <svg class="sparkline" viewBox="0 0 96 28" data-tone={tone} aria-hidden="true">
      <path class="area" d={`M${line}L96 28L0 28Z`} />
      <path class="line" d={`M${line}`} />
    </svg>
  )
}

export interface MapPoint {
  latitude: number
  longitude: number
  /** Sessions there: the dot's area grows with it. */
  count: number
  says: string
  href: string
}

/** The world in dots, a bubble a place, each a link; the land is one file that all maps share. */
export function WorldMap({ points }: { points: MapPoint[] }) {
  const most = Math.max(1, ...points.map((point) => point.count))
  return (
    <svg class="map" viewBox={`0 0 ${MAP.width} ${MAP.height}`} aria-hidden="true">
      <Land />
      {points.map(({ latitude, longitude, count, says, href }) => {
        const { x, y } = project(latitude, longitude)
        return (
          <PictureLink href={href} says={says}>
            <circle class="bubble" cx={x} cy={y} r={round(2.2 + 4.6 * Math.sqrt(count / most))} />
          </PictureLink>
        )
      })}
    </svg>
  )
}

export interface MapPin {
  latitude: number
  longitude: number
  label: string
}

/** Where a session is, and where it was before: a window of the map around them. */
export function PlaceMap({ now, before }: { now: MapPin; before: MapPin[] }) {
  const here = project(now.latitude, now.longitude)
  const there = before.map((pin) => ({ ...project(pin.latitude, pin.longitude), label: pin.label }))
  const xs = [here.x, ...there.map((pin) => pin.x)]
  const ys = [here.y, ...there.map((pin) => pin.y)]
  const across = around(xs, { least: 300, room: 20, end: MAP.width })
  const down = around(ys, { least: 70, room: ROOM_FOR_A_LABEL, end: MAP.height + ROOM_FOR_A_LABEL })
  const labelOf = (pin: { x: number; y: number; label: string }) => (
    <PinLabel {...pin} end={across.from + across.size} />
  )
  return (
    <div class="map-frame" role="img" aria-label={`Map: ${[now, ...before].map((pin) => pin.label).join('; ')}`}>
      <svg
        class="map"
        viewBox={[across.from, down.from, across.size, down.size].map(round).join(' ')}
        aria-hidden="true"
      >
        <Land />
        {there.map((pin, i) => {
          const to = there[i - 1] ?? here
          return (
            <path
              class="path"
              d={`M${pin.x} ${pin.y}Q${round((pin.x + to.x) / 2)} ${round(Math.min(pin.y, to.y) - Math.abs(pin.x - to.x) / 8)} ${to.x} ${to.y}`}
            />
          )
        })}
        {there.map((pin) => (
          <>
            <circle class="pin-past" cx={pin.x} cy={pin.y} r="2.2" />
            {labelOf(pin)}
          </>
        ))}
        <circle class="halo" cx={here.x} cy={here.y} r="6" />
        <circle class="pin" cx={here.x} cy={here.y} r="2.6" />
        {labelOf({ ...here, label: now.label })}
      </svg>
    </div>
  )
}

const ROOM_FOR_A_LABEL = 16

/** The part of one axis that shows them all, with room beside them. */
function around(all: number[], { least, room, end }: { least: number; room: number; end: number }) {
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const size = clamp(high - low + 2 * room, least, end)
  return { from: clamp((low + high - size) / 2, 0, end - size), size }
}

/** About as wide as a letter of the map is on average. */
const LETTER = 4.2

/** Below the pin to its right; where the map ends before the words do, above it to its left, clear of those to the right. */
function PinLabel({ x, y, label, end }: { x: number; y: number; label: string; end: number }) {
  const fits = x + 6 + label.length * LETTER <= end
  return (
    <text
      x={round(fits ? x + 6 : x - 6)}
      y={round(fits ? y + 9 : y - 5)}
      font-size="7.5"
      text-anchor={fits ? 'start' : 'end'}
    >
      {label}
    </text>
  )
}

/** A bar behind a label, as long as its share of the longest. */
export function BarFill({ share }: { share: number }) {
  return (
    <svg class="bar-fill" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <rect width={round(Math.max(1, share * 100))} height="24" rx="1.5" />
    </svg>
  )
}

function Land() {
  return <use href={`${asset('land.svg')}#land`} width={MAP.width} height={MAP.height} />
}

const round = (n: number) => Math.round(n * 10) / 10
const clamp = (n: number, low: number, high: number) => Math.min(high, Math.max(low, n))
