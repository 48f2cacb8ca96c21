import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { sessionCounts } from '../db/schema.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const ACTIVITY_RANGES = ['24h', '7d', '30d'] as const
export type ActivityRange = (typeof ACTIVITY_RANGES)[number]

/**
 * How the quarters of an hour are folded to fit: bars that are still told apart, and a line fine enough to keep the
 * shape of a day. What it is held against lies whole weeks before, so that Mondays meet Mondays.
 */
const SHAPES: Record<ActivityRange, { bars: number; barMs: number; stepsPerBar: number; beforeMs: number }> = {
  '24h': { bars: 48, barMs: 30 * MINUTE, stepsPerBar: 1, beforeMs: 7 * DAY },
  '7d': { bars: 56, barMs: 3 * HOUR, stepsPerBar: 3, beforeMs: 7 * DAY },
  '30d': { bars: 30, barMs: DAY, stepsPerBar: 6, beforeMs: 28 * DAY },
}

/** One bar's worth of time. */
export interface ActivityBar {
  at: Date
  until: Date
  signIns: number
  failures: number
  /** Live sessions when it ended, or at the last count in it; null where no process was counting. */
  live: number | null
  /** The same, weeks before. */
  before: number | null
}

export interface Activity {
  range: ActivityRange
  /** Oldest first; the last one is under way. */
  bars: ActivityBar[]
  stepsPerBar: number
  /** Live sessions at the beginning of the first bar, and from there at the end of each step; null where not counted. */
  live: (number | null)[]
  before: (number | null)[]
  /** Where in `live` the present is. */
  present: number
}

/** A step's sums, and the last count of live sessions in it. */
export interface StepCounts {
  /** Milliseconds since 1970. */
  at: number
  live: number
  signIns: number
  failures: number
}

export interface HourCounts {
  at: Date
  signIns: number
  failures: number
}

/** What the chart of sessions over time draws, with the same hours a week before (of 30 days: four weeks). */
export async function readActivity(db: Database, range: ActivityRange, now: Date): Promise<Activity> {
  const { from, until, stepMs, beforeMs } = windowOf(range, now)
  return foldActivity(
    range,
    now,
    await countsBySteps(db, stepMs, from - stepMs, until),
    await countsBySteps(db, stepMs, from - stepMs - beforeMs, until - beforeMs),
  )
}

/** Sign-ins and failures by the hour (UTC) of the last seven days and what there is of today. */
export async function hourlyCounts(db: Database, now: Date): Promise<HourCounts[]> {
  const today = Math.floor(now.getTime() / DAY) * DAY
  const hours = await countsBySteps(db, HOUR, today - 6 * DAY, today + DAY)
  return hours.map(({ at, signIns, failures }) => ({ at: new Date(at), signIns, failures }))
}

/** At most 2,976 rows, those of 31 days. Index: the primary key. */
async function countsBySteps(db: Database, stepMs: number, from: number, until: number): Promise<StepCounts[]> {
  const time = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`
  const rows = rowsOf<{ at: string; live: number; signIns: string; failures: string }>(
    await db.execute(sql`
      select extract(epoch from date_bin(make_interval(secs => ${stepMs / 1000}), ${sessionCounts.at}, 'epoch'))::text as at,
        (array_agg(${sessionCounts.live} order by ${sessionCounts.at} desc))[1] as live,
        sum(${sessionCounts.signIns})::text as "signIns", sum(${sessionCounts.failures})::text as failures
      from ${sessionCounts}
      where ${sessionCounts.at} >= ${time(from)} and ${sessionCounts.at} < ${time(until)}
      group by 1 order by 1`),
  )
  return rows.map((row) => ({
    at: Number(row.at) * 1000,
    live: row.live,
    signIns: Number(row.signIns),
    failures: Number(row.failures),
  }))
}

export function foldActivity(range: ActivityRange, now: Date, rows: StepCounts[], rowsBefore: StepCounts[]): Activity {
  const { bars, barMs, stepsPerBar } = SHAPES[range]
  const { from, stepMs, beforeMs } = windowOf(range, now)
  const [known, knownBefore] = [byTime(rows), byTime(rowsBefore)]
  const ends = Array.from({ length: bars * stepsPerBar + 1 }, (_, n) => from + n * stepMs)
  const live = ends.map((end) => known.get(end - stepMs)?.live ?? null)
  const before = ends.map((end) => knownBefore.get(end - stepMs - beforeMs)?.live ?? null)
  return {
    range,
    stepsPerBar,
    live,
    before,
    present: Math.floor((now.getTime() - from) / stepMs) + 1,
    bars: Array.from({ length: bars }, (_, n) => {
      const at = from + n * barMs
      const steps = Array.from({ length: stepsPerBar }, (_, i) => known.get(at + i * stepMs))
      const sum = (of: 'signIns' | 'failures') => steps.reduce((total, step) => total + (step?.[of] ?? 0), 0)
      const end = (n + 1) * stepsPerBar
      return {
        at: new Date(at),
        until: new Date(at + barMs),
        signIns: sum('signIns'),
        failures: sum('failures'),
        live: steps.findLast((step) => step !== undefined)?.live ?? null,
        before: before[end] ?? null,
      }
    }),
  }
}

function windowOf(range: ActivityRange, now: Date) {
  const { bars, barMs, stepsPerBar, beforeMs } = SHAPES[range]
  const until = (Math.floor(now.getTime() / barMs) + 1) * barMs
  return { from: until - bars * barMs, until, stepMs: barMs / stepsPerBar, beforeMs }
}

const byTime = (rows: StepCounts[]) => new Map(rows.map((row) => [row.at, row]))
