import type { Child } from 'hono/jsx'
import { numberText, shortNumberText } from '../words.js'
import { Sparkline } from './charts.js'

export interface TileProps {
  label: string
  value: number
  /** An estimate. */
  about?: boolean
  note?: Child
  /** The list behind the number. */
  href?: string
  /** What that list holds, where it is another than the number counts. */
  leadsTo?: string
  trend?: number[] | undefined
  tone?: 'red' | undefined
  /** Open pages are told it as it changes. */
  figure?: 'live' | 'online' | 'ended'
}

export function Tile({ label, value, about, note, href, leadsTo, trend, tone, figure }: TileProps) {
  const inside = (
    <>
      <span class="tile-label">{label}</span>
      <span class="tile-value" data-figure={figure}>
        {about ? shortNumberText(value) : numberText(value)}
      </span>
      <span class="tile-note">{note ?? '\u00a0'}</span>
      {trend && <Sparkline values={trend} tone={tone} />}
    </>
  )
  return href ? (
    <a class="tile" href={href} title={leadsTo}>
      {inside}
    </a>
  ) : (
    <div class="tile">{inside}</div>
  )
}

export function Tiles({ tiles }: { tiles: TileProps[] }) {
  return (
    <div class="tiles">
      {tiles.map((tile) => (
        <Tile {...tile} />
      ))}
    </div>
  )
}

/** "+3.1% vs last week"; undefined while there is nothing to compare with. */
export function changeText(now: number, before: number | undefined, than: string): string | undefined {
  if (!before) return undefined
  const change = ((now - before) / before) * 100
  const size = Math.abs(change) < 10 ? Math.abs(change).toFixed(1).replace('.0', '') : Math.abs(change).toFixed(0)
  return `${change < 0 ? '−' : '+'}${size}% vs ${than}`
}
