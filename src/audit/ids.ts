import { type SQL, sql } from 'drizzle-orm'
import type { AuditEventId } from '../db/ids.js'

/**
 * So far at most is the time in an event's id from the time that the event says: lists of a time look for ids, which are
 * all that the indexes know. An id is made by the clock of a process, in the order of writing; where that clock is wrong,
 * or was for a moment (ids never go back by themselves), the transaction's time takes its place.
 */
export const APART_MS = 60 * 60_000

/** So much of an id is its time (RFC 9562, 5.7). */
const TIME = 13

/** An event's id as it is to be written. */
export const corrected = (id: AuditEventId): SQL<AuditEventId> =>
  sql`(coalesce(${otherTime(id)}, ${id.slice(0, TIME)}) || ${id.slice(TIME)}::text)::uuid`

/** What it is to begin with; null where its own time is right. */
export function otherTime(id: AuditEventId): SQL<string | null> {
  const ms = Number.parseInt(id.slice(0, TIME).replace('-', ''), 16)
  return sql`case when abs(${ms}::float8 - extract(epoch from now()) * 1000) >= ${APART_MS}::int then ${timeInId(sql`now()`)} end`
}

export const withTime = (id: AuditEventId, other: string | null): AuditEventId =>
  other === null ? id : (`${other}${id.slice(TIME)}` as AuditEventId)

/** What ids of that time begin with. */
export const timeInId = (at: SQL): SQL<string> =>
  sql`overlay(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') placing '-' from 9 for 0)`
