import { dailyTotals } from '../../src/accounts/activity.js'
import { calendarOf } from '../../src/http/zones.js'
import { eventsOf } from '../components/eventsOf.js'
import type { TileProps } from '../components/Tile.js'
import { countText, numberText } from '../words.js'
import type { AccountProps } from './account.js'

const DAYS = 30

export function accountTiles({ page, account, live, activity }: AccountProps): TileProps[] {
  const calendar = calendarOf(page.now, page.look.zone)
  const now = dailyTotals(activity.hours, calendar, DAYS)
  const before = dailyTotals(activity.hours, calendar, DAYS, DAYS)
  const since = { at: calendar.dayStart(DAYS - 1) }
  const failures = sum(now.failures)
  const today = now.failures.at(-1) ?? 0
  return [
    { label: 'Live sessions', value: live.length, note: whereText(live), href: `/admin/accounts/${account.id}` },
    {
      label: 'Sign-ins, 30 days',
      value: sum(now.signIns),
      note: changeNote(sum(now.signIns), sum(before.signIns)),
      href: eventsOf(since, 'sign-ins', account.id),
      trend: trendOf(now.signIns),
    },
    {
      label: 'Failures, 30 days',
      value: failures,
      note: failures === 0 ? 'None' : today > 0 ? `${numberText(today)} of them today` : 'None of them today',
      href: eventsOf(since, 'failed-sign-ins', account.id),
      trend: trendOf(now.failures),
      tone: failures > 0 ? 'red' : undefined,
    },
    {
      label: 'Blocks',
      value: activity.blocks,
      note: account.block ? 'One in force' : 'None in force',
      href: `/admin/blocks?q=${account.id}&state=all`,
    },
  ]
}

const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0)

function whereText(live: AccountProps['live']): string {
  if (live.length === 0) return 'Not signed in'
  const devices = new Set(live.map(({ device }) => `${device.browser} ${device.os} ${device.model}`)).size
  const countries = new Set(live.map(({ lastPlace }) => lastPlace.country ?? lastPlace.kind)).size
  return `${countText(devices, 'device')}, ${countText(countries, 'country', 'countries')}`
}

function changeNote(now: number, before: number): string {
  if (before === 0) return now === 0 ? 'None' : 'None in the 30 days before'
  const change = now - before
  return `${change < 0 ? '−' : '+'}${numberText(Math.abs(change))} vs the 30 days before`
}

/** Ten points of three days: one bump a day would be a comb. */
function trendOf(days: number[]): number[] | undefined {
  if (days.every((n) => n === 0)) return undefined
  return Array.from({ length: 10 }, (_, i) => sum(days.slice(i * 3, i * 3 + 3)))
}
