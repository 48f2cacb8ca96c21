import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import { sessionCounts } from '../../db/schema.js'

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

/**
 * What the chart of sessions over time draws, with the same hours a week before (of 30 days: four weeks).
 *
 * @param dayStart when days begin where the viewer is, counted back from today; see `startOfDay`
 */
export async function readActivity(
  db: Database,
  range: ActivityRange,
  now: Date,
  dayStart: DayStart = utcDays(now),
): Promise<Activity> {
  const { beforeMs, barMs, stepsPerBar } = SHAPES[range]
  const edges = edgesOf(range, now, dayStart)
  const [from, until] = [(edges[0] ?? 0) - barMs / stepsPerBar, edges.at(-1) ?? 0]
  const grain = grainOf(edges)
  return foldActivity(
    range,
    now,
    await countsBySteps(db, grain, from, until),
    await countsBySteps(db, grain, from - beforeMs, until - beforeMs),
    dayStart,
  )
}

/** Sign-ins and failures by the hour of the last seven days and what there is of today. */
export async function hourlyCounts(db: Database, now: Date, dayStart: DayStart = utcDays(now)): Promise<HourCounts[]> {
  const hours = await countsBySteps(db, HOUR, dayStart(6).getTime(), dayStart(-1).getTime())
  return hours.map(({ at, signIns, failures }) => ({ at: new Date(at), signIns, failures }))
}

/** @param daysBefore today is 0, tomorrow −1 */
export type DayStart = (daysBefore: number) => Date

const utcDays =
  (now: Date): DayStart =>
  (daysBefore) =>
    new Date((Math.floor(now.getTime() / DAY) - daysBefore) * DAY)

/** By steps that are counted from the first moment. At most 2,976 rows, those of 31 days. Index: the primary key. */
async function countsBySteps(db: Database, stepMs: number, from: number, until: number): Promise<StepCounts[]> {
  const time = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`
  const rows = rowsOf<{ at: string; live: number; signIns: string; failures: string }>(
    await db.execute(sql`
      select extract(epoch from date_bin(make_interval(secs => ${stepMs / 1000}), ${sessionCounts.at}, ${time(from)}))::text as at,
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

export function foldActivity(
  range: ActivityRange,
  now: Date,
  rows: StepCounts[],
  rowsBefore: StepCounts[],
  dayStart: DayStart = utcDays(now),
): Activity {
  const { bars, barMs, stepsPerBar, beforeMs } = SHAPES[range]
  const edges = edgesOf(range, now, dayStart)
  const first = (edges[0] ?? 0) - barMs / stepsPerBar
  // Of the step before the first bar, then of each.
  const steps = intoSteps(rows, [first, ...edges])
  const stepsBefore = intoSteps(
    rowsBefore,
    [first, ...edges].map((edge) => edge - beforeMs),
  )
  const before = stepsBefore.map(({ live }) => live)
  return {
    range,
    stepsPerBar,
    live: steps.map(({ live }) => live),
    before,
    present: edges.findIndex((edge) => edge > now.getTime()),
    bars: Array.from({ length: bars }, (_, n) => {
      const end = (n + 1) * stepsPerBar
      const within = steps.slice(end - stepsPerBar + 1, end + 1)
      const sum = (of: 'signIns' | 'failures') => within.reduce((total, step) => total + step[of], 0)
      return {
        at: new Date(edges[n * stepsPerBar] ?? 0),
        until: new Date(edges[end] ?? 0),
        signIns: sum('signIns'),
        failures: sum('failures'),
        live: within.findLast((step) => step.live !== null)?.live ?? null,
        before: before[end] ?? null,
      }
    }),
  }
}

/**
 * Where steps begin, and the last one ends: bars begin with the days of the viewer, of which one may have 23 hours or 25.
 * What is over a bar's steps belongs to its last one.
 */
function edgesOf(range: ActivityRange, now: Date, dayStart: DayStart): number[] {
  const { bars, barMs, stepsPerBar } = SHAPES[range]
  const days = Math.ceil((bars * barMs) / DAY) + 1
  const starts: number[] = []
  for (let before = days - 1; before >= 0; before -= 1) {
    const [start, next] = [dayStart(before).getTime(), dayStart(before - 1).getTime()]
    for (let n = 0; n < DAY / barMs; n += 1) if (start + n * barMs < next) starts.push(start + n * barMs)
  }
  const ends = [...starts.slice(1), dayStart(-1).getTime()]
  const last = ends.findIndex((end) => end > now.getTime())
  const shown = starts.slice(last + 1 - bars, last + 1)
  const step = barMs / stepsPerBar
  const edges = shown.flatMap((start, n) => {
    const end = shown[n + 1] ?? ends[last] ?? start
    return Array.from({ length: stepsPerBar }, (_, i) => Math.min(start + i * step, end))
  })
  return [...edges, ends[last] ?? 0]
}

/** The last count and the sums between each edge and the next. One that lasts no time is as the one before. */
function intoSteps(rows: StepCounts[], edges: number[]): { live: number | null; signIns: number; failures: number }[] {
  const steps = edges.slice(1).map(() => ({ live: null as number | null, signIns: 0, failures: 0 }))
  let at = 0
  for (const row of rows.toSorted((a, b) => a.at - b.at)) {
    while (at < steps.length && row.at >= (edges[at + 1] ?? 0)) at += 1
    const step = steps[at]
    if (!step || row.at < (edges[at] ?? 0)) continue
    step.live = row.live
    step.signIns += row.signIns
    step.failures += row.failures
  }
  for (const [n, step] of steps.entries()) if (edges[n] === edges[n + 1]) step.live = steps[n - 1]?.live ?? null
  return steps
}

/** The longest time that all edges are whole numbers of, from the first one: counts are kept by the quarter of an hour. */
const grainOf = (edges: number[]): number =>
  [HOUR, 30 * MINUTE].find((ms) => edges.every((edge) => (edge - (edges[0] ?? 0)) % ms === 0)) ?? 15 * MINUTE
