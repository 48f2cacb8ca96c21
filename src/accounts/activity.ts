import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { auditEvents, blocks } from '../db/schema.js'

/** Sign-ins and refused ones within one hour (UTC); hours with neither are left out. */
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

/** How an account has been signing in. Index: audit_events_account. */
export async function accountActivity(db: Database, id: AccountId): Promise<AccountActivity> {
  const rows = rowsOf<{ hour: string; signIns: string; failures: string }>(
    await db.execute(sql`
      select extract(epoch from date_trunc('hour', ${auditEvents.at}))::text as hour,
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

const DAY = 86_400_000

export interface DailyTotals {
  /** One number a day, oldest first, the last one today. */
  signIns: number[]
  failures: number[]
}

/** @param skip days to leave out at the end, for the time before */
export function dailyTotals(hours: ActivityHour[], now: Date, days: number, skip = 0): DailyTotals {
  const today = Math.floor(now.getTime() / DAY) - skip
  const totals = { signIns: Array<number>(days).fill(0), failures: Array<number>(days).fill(0) }
  for (const hour of hours) {
    const slot = days - 1 - (today - Math.floor(hour.at.getTime() / DAY))
    if (slot < 0 || slot >= days) continue
    totals.signIns[slot] = (totals.signIns[slot] ?? 0) + hour.signIns
    totals.failures[slot] = (totals.failures[slot] ?? 0) + hour.failures
  }
  return totals
}

/** The last seven days by the hour: `grid[day][hour]`, today last. */
export function weekGrid(hours: ActivityHour[], now: Date): { day: Date; hours: ActivityHour[] }[] {
  const today = Math.floor(now.getTime() / DAY)
  const known = new Map(hours.map((hour) => [hour.at.getTime(), hour]))
  return Array.from({ length: 7 }, (_, i) => {
    const day = new Date((today - 6 + i) * DAY)
    return {
      day,
      hours: Array.from({ length: 24 }, (_, hour) => {
        const at = new Date(day.getTime() + hour * 3_600_000)
        return known.get(at.getTime()) ?? { at, signIns: 0, failures: 0 }
      }),
    }
  })
}
