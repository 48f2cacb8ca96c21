import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { SessionId } from '../../db/ids.js'
import { handOvers } from '../../db/schema/forward.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../../db/schema.js'
import { matches } from '../lists/search.js'
import { lastSweep, stillThere } from '../lists/swept.js'
import { isLiveOfMany, isOpen, liveTables } from '../live.js'
import { outOfReach } from '../reach.js'
import type { SessionFilter } from '../types.js'

/** What a filter is to find among. */
interface Among {
  tables: SQL
  which: SQL
}

const LIVE: Among = { tables: liveTables, which: isLiveOfMany }

/** Of the tables of `liveTables` those that no condition names are not read. */
export const OPEN: Among = {
  tables: sql`${sessions}
    join ${apps} on ${apps.id} = ${sessions.appId}
    join ${settings} on ${settings.id} = 1
    left join ${accounts} on ${accounts.id} = ${sessions.accountId}
    left join ${sessionActivity} on ${sessionActivity.sessionId} = ${sessions.id}`,
  which: isOpen,
}

/** An act must leave out nobody, not even who signed in after a kill switch by a clock that was corrected in between. */
const CLOCK_SET_BACK_MS = 60_000

/**
 * A query: what matches, each with whose it is, and whether it is the actor's own or out of their reach. A sign-in at
 * Rollcall takes along what it was handed over to. Index: hand_overs_from.
 */
export async function findMatching(
  tx: Database,
  filter: SessionFilter,
  by: Actor,
  except: SessionId | undefined,
  { tables, which }: Among = LIVE,
): Promise<SQL> {
  const there = stillThere(await lastSweep(tx, filter.app, CLOCK_SET_BACK_MS)) ?? sql`true`
  const own = except ? sql`${sessions.id} = ${except}` : sql`false`
  const columns = sql`${sessions.id} as id, ${sessions.accountId} as account_id`
  return sql`
    with matching as materialized (
      select ${columns}, ${own} as own, coalesce(${(await outOfReach(tx, by)) ?? sql`false`}, false) as refused
      from ${tables} where ${which} and ${there} and ${matches({ ...filter, state: 'all' }) ?? sql`true`})
    select * from matching
    union all
    select ${columns}, false, false from ${tables}
    where ${which} and ${sessions.id} = any(array(
      select handed.to_session from matching join ${handOvers} handed on handed.from_session = matching.id
      where not own and not refused and not exists (select 1 from matching known where known.id = handed.to_session)))`
}
