import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { AccountId, JobId, SessionId } from '../db/ids.js'
import { handOvers } from '../db/schema/forward.js'
import { accounts, apps, frozenSets, sessionActivity, sessions, settings } from '../db/schema.js'
import { PART } from './frozen.js'
import { isOpen } from './live.js'
import { outOfReach } from './reach.js'
import { matches } from './search.js'
import type { SessionFilter } from './types.js'

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
      with found as materialized (${await findOpen(tx, filter, by, except)}),
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

/** The tables of `liveJoins`; those that no condition names are not read. */
const tables = sql`${sessions}
  join ${apps} on ${apps.id} = ${sessions.appId}
  join ${settings} on ${settings.id} = 1
  left join ${accounts} on ${accounts.id} = ${sessions.accountId}
  left join ${sessionActivity} on ${sessionActivity.sessionId} = ${sessions.id}`

/** A sign-in at Rollcall takes along what it was handed over to. Index: hand_overs_from. */
async function findOpen(tx: Database, filter: SessionFilter, by: Actor, except: SessionId | undefined): Promise<SQL> {
  const own = except ? sql`${sessions.id} = ${except}` : sql`false`
  return sql`
    with matching as materialized (
      select ${sessions.id} as id, ${sessions.accountId} as account_id, ${own} as own,
        coalesce(${(await outOfReach(tx, by)) ?? sql`false`}, false) as refused
      from ${tables} where ${isOpen} and ${matches({ ...filter, state: 'all' })})
    select * from matching
    union all
    select ${sessions.id}, ${sessions.accountId}, false, false from ${tables}
    where ${isOpen} and ${sessions.id} = any(array(
      select handed.to_session from matching join ${handOvers} handed on handed.from_session = matching.id
      where not own and not refused and not exists (select 1 from matching known where known.id = handed.to_session)))`
}
