import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { auditSealed, auditSeals } from '../db/schema/seals.js'
import { auditEvents } from '../db/schema.js'
import { membersOf } from './canonical.js'
import { recordAudit } from './record.js'
import { takeTurn } from './seal.js'
import { SYSTEM } from './types.js'

/** Of 500 events each, at most: a transaction of some 100 ms. */
const SEALS_AT_ONCE = 4

/**
 * Removes the events whose time is over, whole seals from the front, in small transactions (S-64). What is left still
 * verifies: each removal is an event of the chain itself, with the hash that the next seal goes on from. The last seal
 * stays, however old.
 *
 * @returns how many events went
 */
export async function removeOldAudit(db: Database, keptDays: number, stopping?: AbortSignal): Promise<number> {
  let total = 0
  while (!stopping?.aborted) {
    const removed = await db.transaction(async (tx) => ((await takeTurn(tx)) ? removeSeals(tx, keptDays) : 0))
    if (removed === 0) break
    total += removed
  }
  return total
}

/** Indexes: the primary keys of all three tables. */
async function removeSeals(tx: Database, keptDays: number): Promise<number> {
  const [old] = rowsOf<{ position: number | null; hash: string | null; at: string | null }>(
    await tx.execute(sql`
      select position, encode(hash, 'hex') as hash, at::text as at from (
        select position, hash, at from ${auditSeals} order by position limit ${SEALS_AT_ONCE}) first
      where at < now() - make_interval(days => ${keptDays})
        and exists (select from ${auditSeals} later where later.position > first.position)
      order by position desc limit 1`),
  )
  if (!old?.position || !old.hash || !old.at) return 0
  await letDelete(tx, true)
  const [gone] = rowsOf<{ events: number }>(
    await tx.execute(sql`
      with seals as (delete from ${auditSeals} where position <= ${old.position} returning members),
      named as materialized (select m.id from seals, lateral ${membersOf(sql`seals.members`)} m),
      sealed as (delete from ${auditSealed} where event_id in (select id from named)),
      events as (delete from ${auditEvents} where id in (select id from named) returning 1)
      select count(*)::int as events from events`),
  )
  await letDelete(tx, false)
  const events = gone?.events ?? 0
  await recordAudit(tx, SYSTEM, 'audit.removed', {
    target: { kind: 'audit', id: null, name: 'Audit log' },
    details: { events, until: new Date(old.at).toISOString(), seal: old.position, hash: old.hash },
  })
  return Math.max(events, 1)
}

/** For this transaction alone: otherwise neither the trigger nor the role's privileges let anything go (S-62). */
async function letDelete(tx: Database, may: boolean): Promise<void> {
  await tx.execute(sql`select set_config('rollcall.removing', ${may ? 'on' : 'off'}, true)`)
  await tx.execute(
    may
      ? sql`grant delete on ${auditEvents}, ${auditSeals}, ${auditSealed} to current_user`
      : sql`revoke delete on ${auditEvents}, ${auditSeals}, ${auditSealed} from current_user`,
  )
}
