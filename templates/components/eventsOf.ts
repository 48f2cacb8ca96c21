import type { AuditGroup } from '../../src/audit/groups.js'

type Counted = Extract<AuditGroup, 'sign-ins' | 'failed-sign-ins' | 'sign-in-history'>

/** The lines of the audit log that a number counts: up to a time, or up to now. */
export function eventsOf({ at, until }: { at: Date; until?: Date }, group: Counted, account?: string): string {
  const about = account ? `account=${account}&` : ''
  const end = until ? `&until=${minuteOf(until)}` : ''
  return `/admin/audit?${about}group=${group}&since=${minuteOf(at)}${end}`
}

/** "2026-11-24T12:00Z": there are hundreds of these links on a page. */
const minuteOf = (at: Date) => `${at.toISOString().slice(0, 16)}Z`
