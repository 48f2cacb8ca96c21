import { clockText, numberText } from '../words.js'

export interface ChartPoint {
  at: Date
  live: number
  signIns: number
  failures: number
}

/** Live sessions as a line over sign-ins and failures as bars; the numbers stand in a table for those who can't see it. */
export function ActivityChart({ points }: { points: ChartPoint[] }) {
  return (
    <figure>
      <div class="desktop-only">
        <Plot points={points} width={670} hours={3} />
      </div>
      <div class="phone-only">
        <Plot points={points} width={326} hours={6} />
      </div>
      <div class="visually-hidden">
        <table>
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
      </div>
    </figure>
  )
}

const CHART = { height: 162, left: 30, top: 6, lineFoot: 62, barTop: 92, barFoot: 138 }

/** Drawn for a width, so that its letters have their size. `hours` lie between two of its labels. */
function Plot({ points, width: full, hours }: { points: ChartPoint[]; width: number; hours: number }) {
  const steps = points.length - 1
  const scale = niceScale(points.map((point) => point.live))
  const most = niceCeiling(Math.max(1, ...points.map((point) => point.signIns + point.failures)))
  const width = full - CHART.left
  const slot = width / points.length
  const x = (i: number) => round(CHART.left + (steps > 0 ? (i / steps) * width : width))
  const y = (live: number) =>
    round(CHART.lineFoot - ((live - scale.low) / (scale.high - scale.low)) * (CHART.lineFoot - CHART.top))
  const line = points.map((point, i) => `${x(i)} ${y(point.live)}`).join('L')
  const area = `area-${full}`
  const isLabelled = (at: Date, i: number) =>
    at.getUTCHours() % hours === 0 && at.getUTCMinutes() === 0 && i * slot < width - 56
  return (
    <svg class="chart" viewBox={`0 0 ${full} ${CHART.height}`} aria-hidden="true">
      <linearGradient id={area} x1="0" y1="0" x2="0" y2="1">
        <stop class="stop-top" offset="0" />
        <stop class="stop-end" offset="1" />
      </linearGradient>
      {[scale.high, (scale.low + scale.high) / 2, scale.low].map((value) => (
        <GridLine y={y(value)} end={full} text={shortNumber(value)} base={value === scale.low} />
      ))}
      <path fill={`url(#${area})`} d={`M${line}L${x(steps)} ${CHART.lineFoot}L${x(0)} ${CHART.lineFoot}Z`} />
      <path class="live-line" d={`M${line}`} />
      <circle class="live-dot" cx={full - 4} cy={y(points[steps]?.live ?? 0)} r="4" />
      <GridLine y={CHART.barTop} end={full} text={shortNumber(most)} />
      <GridLine y={CHART.barFoot} end={full} text="0" base />
      {points.map((point, i) => (
        <Bar point={point} most={most} left={round(CHART.left + i * slot + slot * 0.14)} width={round(slot * 0.72)} />
      ))}
      {points.map(
        ({ at }, i) =>
          isLabelled(at, i) && (
            <text x={round(CHART.left + i * slot)} y={CHART.height - 6}>
              {clockText(at).slice(0, 5)}
            </text>
          ),
      )}
      <text x={full} y={CHART.height - 6} text-anchor="end">
        now
      </text>
    </svg>
  )
}

/** Failures at the foot, sign-ins on top of them. */
function Bar({ point, most, left, width }: { point: ChartPoint; most: number; left: number; width: number }) {
  const tall = (n: number) => round((n / most) * (CHART.barFoot - CHART.barTop))
  const [good, bad] = [tall(point.signIns), tall(point.failures)]
  return (
    <>
      {good > 0 && (
        <rect class="sign-ins" x={left} y={round(CHART.barFoot - bad - good)} width={width} height={good} rx="1.5" />
      )}
      {bad > 0 && <rect class="failures" x={left} y={CHART.barFoot - bad} width={width} height={bad} rx="1" />}
    </>
  )
}

function GridLine({ y, end, text, base }: { y: number; end: number; text: string; base?: boolean }) {
  return (
    <>
      <line class={base ? 'base' : 'grid'} x1={CHART.left} x2={end} y1={y} y2={y} />
      <text x="0" y={y + 4}>
        {text}
      </text>
    </>
  )
}

const round = (n: number) => Math.round(n * 10) / 10

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
