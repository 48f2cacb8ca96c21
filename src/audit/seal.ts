import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { idArray } from '../db/idArray.js'
import type { AuditEventId } from '../db/ids.js'
import { auditSealed, auditSeals, auditUnsealed } from '../db/schema/seals.js'
import { auditEvents } from '../db/schema.js'
import { eventHash, sealHash } from './canonical.js'
import { withoutJit } from './withoutJit.js'

/** Events under one seal, at most. A seal with fewer had taken all that waited. */
export const SEALED_AT_ONCE = 500

/** A seal is named by its place and its hash: who notes that elsewhere can prove later that nothing before it changed. */
export type Head = `${number}.${string}`
export const headOf = (position: number, hash: string): Head => `${position}.${hash}`

/**
 * Seals what waits (S-63), after its commit and in the background: neither a sign-in nor an act waits for another one
 * because of the chain. What commits late stays in `audit_unsealed` until then, so nothing is ever jumped over, and no
 * open transaction holds anything back.
 *
 * One seal at a time in the whole installation; who finds another process at it leaves it to that one.
 *
 * @returns how many events were sealed
 */
export async function sealAudit(db: Database, stopping?: AbortSignal): Promise<number> {
  let total = 0
  while (!stopping?.aborted) {
    const sealed = await withoutJit(db, async (tx) => ((await takeTurn(tx)) ? sealBatch(tx) : 0))
    total += sealed
    if (sealed < SEALED_AT_ONCE) break
  }
  return total
}

/** A statement of its own: the next one's snapshot must be later than the lock. */
export async function takeTurn(tx: Database): Promise<boolean> {
  const [turn] = rowsOf<{ free: boolean }>(
    await tx.execute(sql`select pg_try_advisory_xact_lock(hashtext('rollcall audit seals')) as free`),
  )
  return turn?.free ?? false
}

/**
 * Indexes: the primary keys of all four tables; `offset 0` has them looked up one by one, whatever the planner thinks of
 * tables that it has no figures of. An event that waited and is gone is left where it is, for the verification to find.
 */
async function sealBatch(tx: Database): Promise<number> {
  const [sealed] = rowsOf<{ count: number }>(
    await tx.execute(sql`
      with waiting as (
        select u.event_id as id, e.hash
        from (select event_id from ${auditUnsealed} order by event_id) u
        cross join lateral (
          select ${eventHash('e')} as hash from ${auditEvents} e where e.id = u.event_id offset 0) e
        where not exists (select from ${auditSealed} m where m.event_id = u.event_id offset 0)
        order by u.event_id limit ${SEALED_AT_ONCE}),
      last as (
        select s.position, s.hash from ${auditSeals} s
        union all select 0, decode(repeat('00', 32), 'hex')
        order by position desc limit 1),
      next as (
        select last.position + 1 as position, clock_timestamp() as at, last.hash as previous,
          (select string_agg(uuid_send(id) || hash, ''::bytea order by id) from waiting) as members
        from last where exists (select from waiting)),
      sealed as (
        insert into ${auditSeals} (position, at, previous, members, hash)
        select position, at, previous, members, ${sealHash(COLUMNS)} from next),
      noted as (insert into ${auditSealed} (event_id, seal) select id, next.position from waiting, next),
      taken as (delete from ${auditUnsealed} where event_id in (select id from waiting))
      select count(*)::int as count from waiting`),
  )
  return sealed?.count ?? 0
}

/**
 * Clears away what sealing left of the rows that waited: the embedded database does not vacuum by itself, and each
 * sealing would step over all of it.
 */
export async function tidyUnsealed(db: Database): Promise<void> {
  await db.execute(sql`vacuum ${auditUnsealed}`)
}

/** Named here as `next` names them. */
const COLUMNS = { position: sql`position`, at: sql`at`, previous: sql`previous`, members: sql`members` }

/** What a page says of an event's seal. */
export interface Seal {
  position: number
  at: Date
  /** Hexadecimal, of the seal and of the one before it. */
  hash: string
  previous: string
}

/** The seals of the events that have one. Index: audit_sealed_pkey. */
export async function sealsOf(db: Database, events: readonly AuditEventId[]): Promise<Map<AuditEventId, Seal>> {
  if (events.length === 0) return new Map()
  const rows = rowsOf<{ event: AuditEventId; position: number; at: number; hash: string; previous: string }>(
    await db.execute(sql`
      select m.event_id as event, s.position, (extract(epoch from s.at) * 1000)::float8 as at,
        encode(s.hash, 'hex') as hash, encode(s.previous, 'hex') as previous
      from ${auditSealed} m join ${auditSeals} s on s.position = m.seal
      where m.event_id = any(${idArray(events)})`),
  )
  return new Map(rows.map(({ event, at, ...seal }) => [event, { ...seal, at: new Date(at) }]))
}
