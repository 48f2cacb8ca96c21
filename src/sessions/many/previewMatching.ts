import { type SQL, sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import type { SessionId } from '../../db/ids.js'
import { filterWords } from '../lists/filterWords.js'
import { tooManyPeople } from '../lists/tooManyPeople.js'
import { findSessions } from '../lists/walk.js'
import type { Session, SessionFilter } from '../types.js'
import { jobStep } from './jobStep.js'
import { findMatching, OPEN } from './matching.js'
import { MOST_AT_ONCE } from './revokeMatching.js'

const NAMED = 8
/**
 * Of more than these what went by itself is not left out, as the act does not leave it out either: to look each of them up takes
 * several times as long as to find them.
 */
const LOOKED_UP = 10_000

export interface MatchingPreview {
  /** The filter in words. */
  what: string
  /** What would end. `MOST_AT_ONCE` at most are ended in one act. */
  sessions: number
  people: number
  /** The newest of them. */
  first: Session[]
  /** Out of the actor's reach. */
  refused: number
  /** What to know where these are not all. */
  notice: string | undefined
  /** The actor's own session matches. */
  own: boolean
}

/** What `revokeMatching` would end now. Indexes: those of the list's filters. */
export async function previewMatching(
  db: Database,
  filter: SessionFilter,
  by: Actor,
  except: SessionId,
): Promise<MatchingPreview> {
  return jobStep(db, async (tx) => {
    const open = await look(tx, await findMatching(tx, filter, by, except, OPEN))
    const row = open.sessions > LOOKED_UP ? open : await look(tx, await findMatching(tx, filter, by, except))
    const notice = await tooManyPeople(tx, filter)
    return { ...row, notice, what: await filterWords(tx, filter), first: await findSessions(tx, row.first) }
  })
}

/** @param matching the query */
async function look(tx: Database, matching: SQL) {
  const [row] = rowsOf<Pick<MatchingPreview, 'sessions' | 'people' | 'refused' | 'own'> & { first: SessionId[] }>(
    await tx.execute(sql`
      with found as materialized (${matching} limit ${MOST_AT_ONCE + 1})
      select count(*) filter (where not own and not refused)::int as sessions,
        (count(distinct account_id) filter (where not own and not refused))::int as people,
        (count(*) filter (where refused and not own))::int as refused,
        coalesce(bool_or(own), false) as own,
        (select coalesce(json_agg(id), '[]') from (
          select id from found where not own and not refused order by id desc limit ${NAMED}) newest) as first
      from found`),
  )
  if (!row) throw new Error('a count gave no row')
  return row
}
