import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { auditEvents, blocks } from '../db/schema.js'

/** Sign-ins and refused ones within one hour of somebody's clocks; hours with neither are left out. */
export interface ActivityHour {
  at: Date
  signIns: number
  failures: number
}

export interface AccountActivity {
  /** The last 60 days, oldest first. */
  hours: ActivityHour[]
  /** Ever. */
  blocks: number
}

/**
 * How an account has been signing in. Index: audit_events_account.
 *
 * @param from a moment at which an hour begins where the viewer is: some zones are half an hour off
 */
export async function accountActivity(db: Database, id: AccountId, from: Date = new Date(0)): Promise<AccountActivity> {
  const rows = rowsOf<{ hour: string; signIns: string; failures: string }>(
    await db.execute(sql`
      select extract(epoch from date_bin('1 hour', ${auditEvents.at}, ${from.toISOString()}::timestamptz))::text as hour,
        count(*) filter (where ${auditEvents.action} = 'session.started') as "signIns",
        count(*) filter (where ${auditEvents.action} = 'sign-in.refused') as failures
      from ${auditEvents}
      where ${auditEvents.accountId} = ${id} and ${auditEvents.action} in ('session.started', 'sign-in.refused')
        and ${auditEvents.at} > now() - interval '60 days'
      group by 1 order by 1`),
  )
  const hours = rows.map(({ hour, signIns, failures }) => ({
    at: new Date(Number(hour) * 1000),
    signIns: Number(signIns),
    failures: Number(failures),
  }))
  return { hours, blocks: await db.$count(blocks, sql`${blocks.accountId} = ${id}`) }
}

const HOUR = 3_600_000

export interface DailyTotals {
  /** One number a day, oldest first, the last one today. */
  signIns: number[]
  failures: number[]
}

/** How days and hours go where somebody is. */
export interface Calendar {
  /** When a day begins; today is 0, tomorrow −1. */
  dayStart(daysBefore: number): Date
  /** What the clocks show then, 0 to 23. */
  hourOf(at: Date): number
}

/** @param skip days to leave out at the end, for the time before */
export function dailyTotals(hours: ActivityHour[], { dayStart }: Calendar, days: number, skip = 0): DailyTotals {
  const starts = Array.from({ length: days + 1 }, (_, i) => dayStart(skip + days - 1 - i))
  const totals = { signIns: Array<number>(days).fill(0), failures: Array<number>(days).fill(0) }
  for (const hour of hours) {
    const slot = starts.findLastIndex((start) => start <= hour.at)
    if (slot < 0 || slot >= days) continue
    totals.signIns[slot] = (totals.signIns[slot] ?? 0) + hour.signIns
    totals.failures[slot] = (totals.failures[slot] ?? 0) + hour.failures
  }
  return totals
}

/** What the clocks show as one hour: none where they go forward, two where they go back. */
export interface ClockHour extends ActivityHour {
  until: Date
}

/** The last seven days by the hours of the clock: `grid[day][hour]`, today last. */
export function weekGrid(hours: ActivityHour[], { dayStart, hourOf }: Calendar): { day: Date; hours: ClockHour[] }[] {
  const known = new Map(hours.map((hour) => [hour.at.getTime(), hour]))
  return Array.from({ length: 7 }, (_, i) => {
    const [day, next] = [dayStart(6 - i), dayStart(5 - i)]
    const clock: ClockHour[] = []
    for (let at = day.getTime(); at < next.getTime(); at += HOUR) {
      const shown = hourOf(new Date(at))
      while (clock.length < shown) clock.push({ at: new Date(at), until: new Date(at), signIns: 0, failures: 0 })
      const { signIns, failures } = known.get(at) ?? { signIns: 0, failures: 0 }
      const before = clock[shown] ?? { at: new Date(at), signIns: 0, failures: 0 }
      clock[shown] = {
        at: before.at,
        until: new Date(at + HOUR),
        signIns: before.signIns + signIns,
        failures: before.failures + failures,
      }
    }
    return { day, hours: clock }
  })
}
