import { and, desc, gte, isNull, lt, sql } from 'drizzle-orm'
import { SYSTEM } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { blocks, sessions } from '../db/schema.js'
import { endSessions } from './end.js'
import { generationsPassed } from './generation.js'
import { BLOCK_IN_FORCE, expiresAt, IDLE_GRACE_SECONDS, idleAt, liveJoins } from './live.js'
import { inSteps, jobStep } from './many/jobStep.js'
import { markByGeneration } from './many/markByGeneration.js'
import { among } from './read.js'
import type { EndReason } from './types.js'

/** So many sessions are looked at in one sweep: of ten million in the database, each one's turn comes within the hour. */
const STRETCH = 50_000
/** And so many by one statement: the embedded database answers nobody meanwhile. */
const STRIDE = 2_500

/**
 * Marks the rows of sessions that are over by time or by generation. They are refused without it; the mark makes lists
 * and indexes small again and says when it was.
 *
 * Each sweep goes on where the one before stopped, newest first, and begins anew at the end.
 *
 * @returns a sweep, which says how many it marked
 */
export function createSweep(): (db: Database) => Promise<number> {
  let below: SessionId | undefined
  return async (db) => {
    let marked = await sweepBlocked(db)
    for (let looked = 0; looked < STRETCH; looked += STRIDE) {
      const { last, over } = await jobStep(db, (tx) => look(tx, below))
      for (const reason of ['expired', 'idle'] as const) marked += await mark(db, over[reason], reason)
      marked += await markByGeneration(db, over.generation)
      below = last
      if (!below) break
    }
    return marked
  }
}

interface Look {
  /** Where to go on; undefined at the end. */
  last: SessionId | undefined
  /** What is over, by why. */
  over: Record<'expired' | 'idle' | 'generation', SessionId[]>
}

/** What an act ended has its reason, however long its mark takes. Index: sessions_live_walk. */
async function look(tx: Database, below: SessionId | undefined): Promise<Look> {
  const [lowest] = await tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(isNull(sessions.endedAt), below && lt(sessions.id, below)))
    .orderBy(desc(sessions.id))
    .offset(STRIDE - 1)
    .limit(1)
  const over: Look['over'] = { expired: [], idle: [], generation: [] }
  const stride = and(isNull(sessions.endedAt), lowest && gte(sessions.id, lowest.id), below && lt(sessions.id, below))
  const rows = rowsOf<{ id: SessionId; why: keyof Look['over'] }>(
    await tx.execute(sql`
      select * from (
        select ${sessions.id} as id, case
          when ${generationsPassed} then 'generation'
          when ${expiresAt} <= now() then 'expired'
          when ${idleAt} + make_interval(secs => ${IDLE_GRACE_SECONDS}) <= now() then 'idle' end as why
        from (select * from ${sessions} where ${stride}) ${sessions} ${liveJoins}) looked
      where why is not null`),
  )
  for (const { id, why } of rows) over[why].push(id)
  return { last: lowest?.id, over }
}

async function mark(db: Database, ids: SessionId[], reason: EndReason): Promise<number> {
  const steps = await inSteps(db, ids, (tx, some) => endSessions(tx, among(some), { reason, by: SYSTEM }))
  return steps.flat().length
}

/** What an account has that is blocked, but for what an act has ended. Indexes: blocks_one_an_account, sessions_account. */
async function sweepBlocked(db: Database): Promise<number> {
  const found = await jobStep(db, (tx) =>
    tx.execute(sql`
      select ${sessions.id} as id
      from ${blocks} join ${sessions} on ${sessions.accountId} = ${blocks.accountId} ${liveJoins}
      where ${sessions.endedAt} is null and ${BLOCK_IN_FORCE} and not ${generationsPassed}`),
  )
  return mark(
    db,
    rowsOf<{ id: SessionId }>(found).map(({ id }) => id),
    'blocked',
  )
}
