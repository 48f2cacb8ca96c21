import { asset } from '../../src/assets/manifest.js'
import { MAP, project } from '../../src/assets/projection.js'
import { clockText, numberText } from '../words.js'

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

export interface ChartPoint {
  at: Date
  live: number
  signIns: number
  failures: number
}

const CHART = { width: 670, height: 162, left: 30, top: 6, lineFoot: 62, barTop: 92, barFoot: 138 }

/** Live sessions as a line over sign-ins and failures as bars; the numbers stand in a table for those who can't see it. */
export function ActivityChart({ points }: { points: ChartPoint[] }) {
  const steps = points.length - 1
  const scale = niceScale(points.map((point) => point.live))
  const most = niceCeiling(Math.max(1, ...points.map((point) => point.signIns + point.failures)))
  const width = CHART.width - CHART.left
  const slot = width / points.length
  const x = (i: number) => round(CHART.left + (steps > 0 ? (i / steps) * width : width))
  const y = (live: number) =>
    round(CHART.lineFoot - ((live - scale.low) / (scale.high - scale.low)) * (CHART.lineFoot - CHART.top))
  const tall = (n: number) => round((n / most) * (CHART.barFoot - CHART.barTop))
  const line = points.map((point, i) => `${x(i)} ${y(point.live)}`).join('L')
  const last = points[steps]
  return (
    <figure>
      <svg class="chart" viewBox={`0 0 ${CHART.width} ${CHART.height}`} aria-hidden="true">
        <linearGradient id="area" x1="0" y1="0" x2="0" y2="1">
          <stop class="stop-top" offset="0" />
          <stop class="stop-end" offset="1" />
        </linearGradient>
        {[scale.high, (scale.low + scale.high) / 2, scale.low].map((value) => (
          <GridLine y={y(value)} text={shortNumber(value)} base={value === scale.low} />
        ))}
        <path class="live-area" d={`M${line}L${x(steps)} ${CHART.lineFoot}L${x(0)} ${CHART.lineFoot}Z`} />
        <path class="live-line" d={`M${line}`} />
        {last && <circle class="live-dot" cx={CHART.width - 4} cy={y(last.live)} r="4" />}
        <GridLine y={CHART.barTop} text={shortNumber(most)} />
        <GridLine y={CHART.barFoot} text="0" base />
        {points.map((point, i) => {
          const left = round(CHART.left + i * slot + slot * 0.14)
          const thick = round(slot * 0.72)
          const [good, bad] = [tall(point.signIns), tall(point.failures)]
          return (
            <>
              {good > 0 && (
                <rect class="sign-ins" x={left} y={CHART.barFoot - bad - good} width={thick} height={good} rx="1.5" />
              )}
              {bad > 0 && <rect class="failures" x={left} y={CHART.barFoot - bad} width={thick} height={bad} rx="1" />}
            </>
          )
        })}
        {points.map(
          (point, i) =>
            isThirdHour(point.at) &&
            i < steps - points.length / 16 && (
              <text x={round(CHART.left + i * slot)} y={CHART.height - 6}>
                {clockText(point.at).slice(0, 5)}
              </text>
            ),
        )}
        <text x={CHART.width} y={CHART.height - 6} text-anchor="end">
          now
        </text>
      </svg>
      <table class="visually-hidden">
        <caption>Live sessions, sign-ins and failures over the last 24 hours</caption>
        <thead>
          <tr>
            <th>From</th>
            <th>Live sessions</th>
            <th>Sign-ins</th>
            <th>Failures</th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr>
              <th>{clockText(point.at).slice(0, 5)} UTC</th>
              <td>{numberText(point.live)}</td>
              <td>{numberText(point.signIns)}</td>
              <td>{numberText(point.failures)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}

export interface MapPoint {
  latitude: number
  longitude: number
  /** Sessions there: the dot's area grows with it. */
  count: number
}

/** The world in dots, a bubble a place. The numbers stand beside it as text. */
export function WorldMap({ points }: { points: MapPoint[] }) {
  const most = Math.max(1, ...points.map((point) => point.count))
  return (
    <svg class="map" viewBox={`0 0 ${MAP.width} ${MAP.height}`} aria-hidden="true">
      <Land />
      {points.map((point) => {
        const { x, y } = project(point.latitude, point.longitude)
        return <circle class="bubble" cx={x} cy={y} r={round(2.2 + 4.6 * Math.sqrt(point.count / most))} />
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
  const [width, height] = [300, 70]
  const here = project(now.latitude, now.longitude)
  const there = before.map((pin) => ({ ...project(pin.latitude, pin.longitude), label: pin.label }))
  const xs = [here.x, ...there.map((pin) => pin.x)]
  const ys = [here.y, ...there.map((pin) => pin.y)]
  const left = clamp((Math.min(...xs) + Math.max(...xs)) / 2 - width / 2, 0, MAP.width - width)
  const top = clamp((Math.min(...ys) + Math.max(...ys)) / 2 - height / 2, 0, MAP.height - height)
  const side = (x: number) => (x > left + width * 0.7 ? { x: x - 6, anchor: 'end' } : { x: x + 6, anchor: 'start' })
  return (
    <div class="map-frame" role="img" aria-label={`Map: ${[now, ...before].map((pin) => pin.label).join('; ')}`}>
      <svg class="map" viewBox={`${round(left)} ${round(top)} ${width} ${height}`} aria-hidden="true">
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
            <text x={side(pin.x).x} y={pin.y + 9} font-size="7.5" text-anchor={side(pin.x).anchor}>
              {pin.label}
            </text>
          </>
        ))}
        <circle class="halo" cx={here.x} cy={here.y} r="6" />
        <circle class="pin" cx={here.x} cy={here.y} r="2.6" />
        <text x={side(here.x).x} y={here.y + 9} font-size="7.5" text-anchor={side(here.x).anchor}>
          {now.label}
        </text>
      </svg>
    </div>
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

function GridLine({ y, text, base }: { y: number; text: string; base?: boolean }) {
  return (
    <>
      <line class={base ? 'base' : 'grid'} x1={CHART.left} x2={CHART.width} y1={y} y2={y} />
      <text x="0" y={y + 4}>
        {text}
      </text>
    </>
  )
}

const isThirdHour = (at: Date) => at.getUTCHours() % 3 === 0 && at.getUTCMinutes() === 0

/** The next round number: what stands at the top of a scale. */
function niceCeiling(n: number): number {
  const power = 10 ** Math.floor(Math.log10(n))
  const factor = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= n) ?? 10
  return Math.max(2, factor * power)
}

/** Two round steps that hold all values; from zero unless the values lie far above it. */
function niceScale(values: number[]): { low: number; high: number } {
  const [least, most] = [Math.min(...values), Math.max(1, ...values)]
  const from = least > most * 0.4 ? least : 0
  for (let power = 1; ; power *= 10) {
    for (const step of [power, power * 2, power * 5]) {
      const low = Math.floor(from / step) * step
      if (low + 2 * step >= most) return { low, high: low + 2 * step }
    }
  }
}

function shortNumber(n: number): string {
  if (n < 1000) return numberText(Math.round(n))
  const thousands = n / 1000
  return `${Number.isInteger(thousands) ? thousands : thousands.toFixed(1)}k`
}
