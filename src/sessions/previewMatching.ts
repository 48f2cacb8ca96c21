import { sql } from 'drizzle-orm'
import type { Actor } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { filterWords } from './filterWords.js'
import { jobStep } from './jobStep.js'
import { findMatching } from './matching.js'
import { MOST_AT_ONCE } from './revokeMatching.js'
import { tooManyPeople } from './tooManyPeople.js'
import type { Session, SessionFilter } from './types.js'
import { findSessions } from './walk.js'

const NAMED = 8

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
    const [row] = rowsOf<Omit<MatchingPreview, 'what' | 'first' | 'notice'> & { first: SessionId[] }>(
      await tx.execute(sql`
        with found as materialized (${await findMatching(tx, filter, by, except)} limit ${MOST_AT_ONCE + 1})
        select count(*) filter (where not own and not refused)::int as sessions,
          (count(distinct account_id) filter (where not own and not refused))::int as people,
          (count(*) filter (where refused and not own))::int as refused,
          coalesce(bool_or(own), false) as own,
          (select coalesce(json_agg(id), '[]') from (
            select id from found where not own and not refused order by id desc limit ${NAMED}) newest) as first
        from found`),
    )
    if (!row) throw new Error('a count gave no row')
    const notice = await tooManyPeople(tx, filter)
    return { ...row, notice, what: await filterWords(tx, filter), first: await findSessions(tx, row.first) }
  })
}
