import { inArray, sql } from 'drizzle-orm'
import { SYSTEM } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import type { EndingId, SessionId } from '../../db/ids.js'
import { endings, sessions } from '../../db/schema.js'
import { type Ending, endSessions } from '../end.js'
import { firstEnding, generationsPassed } from '../generation.js'
import { liveTables } from '../live.js'
import { among } from '../read.js'
import { inSteps } from './jobStep.js'
import { endingOf } from './markEndings.js'

/**
 * Marks what `markEndings` could not see: the session of a sign-in that was under way when all ended, and was dead on
 * arrival (S-13). Its reason, author and time are those of the act that ended it.
 *
 * Waits while any ending is still being marked: those rows are that one's, and there may be a million of them.
 *
 * @returns how many were marked
 */
export async function markByGeneration(db: Database, ids: SessionId[]): Promise<number> {
  const marked = await inSteps(db, ids, markSome)
  return marked.reduce((sum, n) => sum + n, 0)
}

/** Index: the key. */
async function markSome(tx: Database, ids: SessionId[]): Promise<number> {
  const rows = rowsOf<{ id: SessionId; ending: EndingId | null }>(
    await tx.execute(sql`
      select ${sessions.id} as id, (select ${endings.id} ${firstEnding}) as ending
      from ${liveTables}
      where ${among(ids)} and ${sessions.endedAt} is null and ${generationsPassed}
        and not exists (select 1 from ${endings} where ${endings.doneAt} is null)`),
  )
  const found = [...new Set(rows.map(({ ending }) => ending))]
  const acts = await endingsOf(tx, found)
  let marked = 0
  for (const ending of found) {
    const those = rows.filter((row) => row.ending === ending).map(({ id }) => id)
    marked += (await endSessions(tx, among(those), acts.get(ending) ?? { reason: 'revoked', by: SYSTEM })).length
  }
  return marked
}

async function endingsOf(tx: Database, ids: (EndingId | null)[]): Promise<Map<EndingId | null, Ending>> {
  const known = ids.filter((id) => id !== null)
  if (known.length === 0) return new Map()
  const rows = await tx.select().from(endings).where(inArray(endings.id, known))
  return new Map(rows.map((row) => [row.id, endingOf(row)]))
}
