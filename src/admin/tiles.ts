import { eventsOf } from '../../templates/components/eventsOf.js'
import type { TileProps } from '../../templates/components/Tile.js'
import type { Database } from '../db/connect.js'
import { type CountSlot, countLive, countsAt, endedInDay, recentSlots } from '../sessions/lists/counts.js'
import { countOnline, type Online } from '../sessions/lists/online.js'
import type { Count } from '../sessions/types.js'

const WEEK_MS = 7 * 86_400_000
const SLOTS_A_DAY = 12
const QUARTERS_A_DAY = 96
const DAY_MS = 86_400_000
const QUARTER_MS = 15 * 60_000
/** A 0 that nobody has counted is none: the list behind it may have lines already. */
const UNCOUNTED = 'Counted within a minute'

/**
 * What both the overview and the list show first; the numbers are links to the lists behind them. People, and what has
 * ended lately, have no list of their own that is cheap among ten million sessions: those links say what they lead to.
 *
 * @param live as the rest of the page says it, where it was counted already
 */
export async function sessionTiles(
  db: Database,
  live: Count | undefined,
  now: Date = new Date(),
): Promise<TileProps[]> {
  const [figures, ended] = await Promise.all([readFigures(db, live, now), endedInDay(db, now)])
  return [...liveTiles(figures), signInTile(figures, now), endedTile(figures, ended)]
}

export async function overviewTiles(
  db: Database,
  live: Count | undefined,
  now: Date = new Date(),
): Promise<TileProps[]> {
  const figures = await readFigures(db, live, now)
  return [...liveTiles(figures), signInTile(figures, now), failureTile(figures, now)]
}

interface Figures {
  live: Count
  online: Online
  slots: CountSlot[]
  lastWeek: { live: number; online: number } | undefined
}

async function readFigures(db: Database, known: Count | undefined, now: Date): Promise<Figures> {
  const live = known ?? (await countLive(db))
  const [online, slots, lastWeek] = await Promise.all([
    countOnline(db, live),
    recentSlots(db, now),
    countsAt(db, new Date(now.getTime() - WEEK_MS)),
  ])
  return { live, online, slots, lastWeek }
}

function liveTiles({ live, online, slots, lastWeek }: Figures): TileProps[] {
  return [
    {
      label: 'Live sessions',
      value: live.n,
      about: live.how === 'about',
      note: change(live.n, lastWeek?.live, 'this hour last week'),
      href: '/admin/sessions',
      trend: trend(slots, (slot) => slot.live),
      figure: 'live',
    },
    {
      label: 'People online',
      value: online.n,
      about: online.at !== undefined,
      note: change(online.n, lastWeek?.online, 'this hour last week'),
      href: '/admin/sessions?sort=seen',
      leadsTo: 'All live sessions, those that were seen last first',
      trend: trend(slots, (slot) => slot.online),
      figure: 'online',
    },
  ]
}

function signInTile({ slots }: Figures, now: Date): TileProps {
  return {
    label: 'Sign-ins, 24 h',
    href: eventsOf({ at: dayBefore(now) }, 'sign-ins'),
    ...daily(slots, (slot) => slot.signIns),
  }
}

function endedTile({ slots }: Figures, ended: number): TileProps {
  return {
    label: 'Ended, 24 h',
    href: '/admin/sessions?state=ended',
    leadsTo: 'All ended sessions, newest sign-in first',
    about: true,
    ...daily(slots, (slot) => slot.ended, ended),
    figure: 'ended',
  }
}

function failureTile({ slots }: Figures, now: Date): TileProps {
  const failures = daily(slots, (slot) => slot.failures)
  return {
    label: 'Failures, 24 h',
    href: eventsOf({ at: dayBefore(now) }, 'failed-sign-ins'),
    ...failures,
    tone: failures.value > 0 ? 'red' : undefined,
  }
}

/** Where the first quarter of an hour begins that is counted in the last 24 hours. */
const dayBefore = (now: Date) => new Date((Math.floor((now.getTime() - DAY_MS) / QUARTER_MS) + 1) * QUARTER_MS)

/**
 * The last 24 hours beside the 24 before; those unknown where nothing was counted yet.
 *
 * @param known the last 24 hours, where they are known better than by the slots
 */
function daily(
  slots: CountSlot[],
  of: (slot: CountSlot) => number,
  known?: number,
): Pick<TileProps, 'value' | 'note' | 'trend'> {
  const sum = (some: CountSlot[]) => some.reduce((total, slot) => total + of(slot), 0)
  const today = slots.filter(({ ago }) => ago < SLOTS_A_DAY)
  const value = known ?? sum(today)
  const before = slots.filter(({ ago }) => ago >= SLOTS_A_DAY)
  const counted = before.reduce((total, { quarters }) => total + quarters, 0)
  return {
    value,
    note:
      today.length === 0 && known === undefined
        ? UNCOUNTED
        : change(value, counted >= QUARTERS_A_DAY / 2 ? sum(before) : undefined, 'the day before'),
    trend: trend(slots, (slot) => of(slot) / slot.quarters),
  }
}

/** "+3.1% vs this hour last week", "9 times the day before", "none the day before"; undefined where nothing was counted then. */
function change(now: number, before: number | undefined, than: string): string | undefined {
  if (before === undefined) return undefined
  if (before === 0) return `none ${than}`
  if (now >= 3 * before) return `${Math.round(now / before)} times ${than}`
  const percent = ((now - before) / before) * 100
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '±'
  const amount = Math.abs(percent)
  return `${sign}${amount < 10 ? amount.toFixed(1) : Math.round(amount)}% vs ${than}`
}

/** Twelve points of two hours each, the oldest first. */
function trend(slots: CountSlot[], of: (slot: CountSlot) => number): number[] | undefined {
  const known = slots
    .filter(({ ago }) => ago < SLOTS_A_DAY)
    .sort((a, b) => b.ago - a.ago)
    .map(of)
  return known.length >= 3 ? known : undefined
}
