import type { TileProps } from '../../templates/components/Tile.js'
import type { Database } from '../db/connect.js'
import { type CountPoint, countLive, countOnline, countsSince, type Online } from '../sessions/counts.js'
import type { Count } from '../sessions/types.js'

const WEEK_MS = 7 * 86_400_000
const DAY_MS = 86_400_000
const QUARTERS_A_DAY = 96

/** What both the overview and the list show first; the numbers are links to the lists behind them. */
export async function sessionTiles(db: Database, now: Date = new Date()): Promise<TileProps[]> {
  const { live, online, ended, recent } = await figures(db, now)
  return [
    ...liveTiles(live, online, recent, now),
    signInTile(recent, now),
    {
      label: 'Ended, 24 h',
      value: ended.today,
      note: change(ended.today, ended.before, 'the day before'),
      href: '/admin/sessions?state=ended',
      trend: trend(recent, now, (point) => point.ended),
    },
  ]
}

export async function overviewTiles(db: Database, now: Date = new Date()): Promise<TileProps[]> {
  const { live, online, recent } = await figures(db, now)
  const failures = sums(recent, now, (point) => point.failures)
  return [
    ...liveTiles(live, online, recent, now),
    signInTile(recent, now),
    {
      label: 'Failures, 24 h',
      value: failures.today,
      note: change(failures.today, failures.before, 'the day before'),
      href: '/admin/audit?group=failures',
      trend: trend(recent, now, (point) => point.failures),
      tone: failures.today > 0 ? 'red' : undefined,
    },
  ]
}

async function figures(db: Database, now: Date) {
  const recent = await countsSince(db, 24 * 8)
  return {
    live: await countLive(db),
    online: await countOnline(db),
    ended: sums(recent, now, (point) => point.ended),
    recent,
  }
}

function liveTiles(live: Count, online: Online, recent: CountPoint[], now: Date): TileProps[] {
  const lastWeek = recent.find((point) => Math.abs(now.getTime() - WEEK_MS - point.at.getTime()) < 8 * 60_000)
  return [
    {
      label: 'Live sessions',
      value: live.n,
      about: live.how === 'about',
      note: change(live.n, lastWeek?.live, 'this hour last week'),
      href: '/admin/sessions',
      trend: trend(recent, now, (point) => point.live),
      figure: 'live',
    },
    {
      label: 'People online',
      value: online.n,
      about: online.at !== undefined,
      note: change(online.n, lastWeek?.online, 'this hour last week'),
      href: '/admin/sessions',
      trend: trend(recent, now, (point) => point.online),
      figure: 'online',
    },
  ]
}

function signInTile(recent: CountPoint[], now: Date): TileProps {
  const signIns = sums(recent, now, (point) => point.signIns)
  return {
    label: 'Sign-ins, 24 h',
    value: signIns.today,
    note: change(signIns.today, signIns.before, 'the day before'),
    href: '/admin/audit?group=sign-ins',
    trend: trend(recent, now, (point) => point.signIns),
  }
}

/** The last 24 hours and the 24 before; those undefined where nothing was counted yet. */
function sums(
  points: CountPoint[],
  now: Date,
  of: (point: CountPoint) => number,
): { today: number; before: number | undefined } {
  const since = (ms: number) => points.filter((point) => now.getTime() - point.at.getTime() <= ms)
  const today = since(DAY_MS)
  const before = points.filter((point) => !today.includes(point) && now.getTime() - point.at.getTime() <= 2 * DAY_MS)
  const sum = (some: CountPoint[]) => some.reduce((total, point) => total + of(point), 0)
  return { today: sum(today), before: before.length >= QUARTERS_A_DAY / 2 ? sum(before) : undefined }
}

/** "+3.1% vs this hour last week", "9 times the day before"; nothing where there is nothing to compare with. */
function change(now: number, before: number | undefined, than: string): string | undefined {
  if (!before) return undefined
  if (now >= 3 * before) return `${Math.round(now / before)} times ${than}`
  const percent = ((now - before) / before) * 100
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '±'
  const amount = Math.abs(percent)
  return `${sign}${amount < 10 ? amount.toFixed(1) : Math.round(amount)}% vs ${than}`
}

/** Twelve points of two hours each. */
function trend(points: CountPoint[], now: Date, of: (point: CountPoint) => number): number[] | undefined {
  const slots = Array.from({ length: 12 }, (_, index) => {
    const end = now.getTime() - (11 - index) * 2 * 3_600_000
    const inside = points.filter((point) => point.at.getTime() > end - 2 * 3_600_000 && point.at.getTime() <= end)
    return inside.length > 0 ? inside.reduce((sum, point) => sum + of(point), 0) / inside.length : undefined
  })
  const known = slots.filter((value) => value !== undefined)
  return known.length >= 3 ? known : undefined
}
