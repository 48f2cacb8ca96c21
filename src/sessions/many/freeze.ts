import { sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import type { AccountId, JobId, SessionId } from '../../db/ids.js'
import { accounts, frozenSets } from '../../db/schema.js'
import type { SessionFilter } from '../types.js'
import { PART } from './frozen.js'
import { findMatching, OPEN } from './matching.js'

export interface Frozen {
  /** In the set. */
  frozen: number
  /** Out of the actor's reach (S-35, S-38). */
  refused: { id: SessionId; account: { id: AccountId; name: string } }[]
  /** 1 where the actor's own session matched and was left out. */
  spared: number
}

/**
 * Freezes, as the set of a job, what matches a filter and nobody has ended. What of it went by its own deadlines is not
 * looked for, which would take several times as long: refusing it once more changes nothing, and whoever marks the rows
 * tells it apart. The statement's snapshot decides: a sign-in that commits later is not in the set.
 *
 * One act at a time in the whole installation: the next one sees what this one froze. Indexes: those of the list's filters.
 */
export async function freeze(
  tx: Database,
  job: JobId,
  filter: SessionFilter,
  by: Actor,
  except: SessionId | undefined,
): Promise<Frozen> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall freeze'))`)
  const [row] = rowsOf<Frozen>(
    await tx.execute(sql`
      with found as materialized (${await findMatching(tx, filter, by, except, OPEN)}),
      numbered as (select id, row_number() over (order by id) - 1 as n from found where not own and not refused),
      frozen as (
        insert into ${frozenSets} (job_id, first_id, session_ids)
        select ${job}::uuid, (array_agg(id) filter (where n % ${PART} = 0))[1], array_agg(id)
        from numbered group by n / ${PART} returning cardinality(session_ids) as size)
      select (select coalesce(sum(size), 0) from frozen)::int as frozen,
        (select count(*) from found where own)::int as spared,
        (select coalesce(json_agg(json_build_object('id', found.id, 'account', json_build_object('id', ${accounts.id}, 'name', ${accounts.name}))), '[]')
          from found join ${accounts} on ${accounts.id} = found.account_id where refused and not own) as refused`),
  )
  if (!row) throw new Error('a count gave no row')
  return row
}
