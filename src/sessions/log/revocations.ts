import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../../db/connect.js'
import type { JobId } from '../../db/ids.js'
import { frozenSets, installation, revocations } from '../../db/schema.js'
import type { Told } from '../../follower/follower.js'
import { PART } from '../many/frozen.js'
import { notePosition } from './positions.js'

export type RevocationKind = (typeof revocations.$inferInsert)['kind']

/**
 * Nudges followers, when the transaction commits and not before: "read now". Of few entries it says which, so that they
 * are refused a trip to the database earlier. Nothing relies on it.
 */
export const NUDGES = 'rollcall_revocations'

/** A notice holds 8,000 bytes. */
const MOST_TOLD = 50

const Nudge = z.array(
  z.object({
    kind: z.enum(['session', 'account', 'app', 'everything', 'network', 'policy', 'key', 'stored']),
    target: z.string(),
  }),
)

/** @returns nothing where it is said in another way, by another version or by a stranger: then the log tells */
export function readNudge(payload: string): Told[] {
  try {
    return Nudge.parse(JSON.parse(payload))
  } catch {
    return []
  }
}

/**
 * Appends to the revocation log, in the transaction of what ends the trust.
 *
 * @returns the transaction's id, which a follower's snapshot sees once it has them; undefined when there was nothing
 */
export async function appendRevocations(
  tx: Database,
  entries: { kind: RevocationKind; target: string }[],
): Promise<string | undefined> {
  if (entries.length === 0) return undefined
  // By the time of the entry, not of its transaction's beginning: it must be kept an hour from when it can be seen.
  const written = JSON.stringify(entries)
  const [appended] = rowsOf<{ xid: string }>(
    await tx.execute(sql`
      with appended as (
        insert into ${revocations} (kind, target, at)
        select kind, target, clock_timestamp()
        from json_to_recordset(${written}::text::json) as entry (kind text, target text)
        returning xid
      )
      select xid::text, pg_notify(${NUDGES}, ${entries.length > MOST_TOLD ? '' : written})::text from appended limit 1`),
  )
  if (appended) notePosition(tx, appended.xid)
  return appended?.xid
}

/** So many parts of a set stand in one row of the log: a thousand sessions. */
const PARTS = 1_000 / PART

/** More are not named one by one: whoever follows forgets all verdicts instead, and asks again. */
export const MOST_NAMED = 200_000

/**
 * Appends all that a job has frozen, in the transaction of the act: a row for each thousand, which readers unpack.
 */
export async function appendFrozen(tx: Database, job: JobId, frozen: number): Promise<void> {
  if (frozen > MOST_NAMED) await appendRevocations(tx, [{ kind: 'everything', target: job }])
  if (frozen === 0 || frozen > MOST_NAMED) return
  const [appended] = rowsOf<{ xid: string }>(
    await tx.execute(sql`
      with appended as (
        insert into ${revocations} (kind, target, at)
        select 'sessions', string_agg(array_to_string(session_ids, ','), ','), clock_timestamp()
        from (
          select ${frozenSets.sessionIds} as session_ids, (row_number() over (order by ${frozenSets.firstId}) - 1) / ${PARTS} as row
          from ${frozenSets} where ${frozenSets.jobId} = ${job}) parts
        group by row
        returning xid
      )
      select xid::text, pg_notify(${NUDGES}, '')::text from appended limit 1`),
  )
  if (appended) notePosition(tx, appended.xid)
}

/** @param target of an entry of the kind `sessions` */
export const unpack = (target: string): string[] => target.split(',')

const KEPT = sql`interval '1 hour'`
const BATCH = 1_000

/** What of `installation` says how far the log has been removed: the highest transaction of any removed entry. */
export const REMOVED_TO = 'revocations-removed-to'

/**
 * Removes what no follower can still need, and says how far. Index: revocations_at. Above the horizon nothing goes: beside
 * it something older may still be under way, and a position tells the two apart only by what it has not seen yet.
 */
export async function pruneRevocations(db: Database): Promise<void> {
  let removed: number
  do {
    const [batch] = rowsOf<{ removed: number }>(
      await db.execute(sql`
        with gone as (
          delete from ${revocations} where ${revocations.id} = any(array(
            select ${revocations.id} from ${revocations}
            where ${revocations.at} < now() - ${KEPT} and ${revocations.xid} < pg_snapshot_xmin(pg_current_snapshot())
            limit ${BATCH}))
          returning xid
        ),
        noted as (
          insert into ${installation} (key, value)
          select ${REMOVED_TO}, max(xid::text::bigint)::text from gone having count(*) > 0
          on conflict (key) do update
            set value = greatest(${installation.value}::bigint, excluded.value::bigint)::text
        )
        select count(*)::int as removed from gone`),
    )
    removed = batch?.removed ?? 0
  } while (removed === BATCH)
}
