import { asc, type Column, eq, isNull, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import type { AccountId, AppId, EndingId, SessionId } from '../../db/ids.js'
import { endings, sessions } from '../../db/schema.js'
import { type Ending, endSessions } from '../end.js'
import { bornWith, sessionsOf, type Whom } from '../generation.js'
import { among } from '../read.js'
import { jobStep } from './jobStep.js'

const BATCH = 1_000

/**
 * Marks the rows of what `endAll` ended and left: newest first, because lists begin there. Each batch is a transaction
 * of its own, and the row of `endings` says what is left, so that anybody resumes after a kill -9.
 *
 * One batch at a time in the whole installation, and the oldest ending first: a session that two of them cover keeps the
 * first one's reason.
 *
 * @param stopping ends it after the batch at hand
 * @returns how many rows this call marked
 */
export async function markEndings(db: Database, stopping?: AbortSignal): Promise<number> {
  let total = 0
  let walk: Walk | undefined
  while (!stopping?.aborted) {
    const before: Walk | undefined = walk
    walk = await jobStep(db, (tx) => markBatch(tx, before))
    if (!walk) break
    total += walk.marked
  }
  return total
}

/** How far down this process has come: without it each batch would step over all that the ones before it marked. */
interface Walk {
  ending: EndingId
  below: SessionId | undefined
  marked: number
}

/** @returns undefined when nothing is left, or another process is at it */
async function markBatch(tx: Database, walk: Walk | undefined): Promise<Walk | undefined> {
  if (!(await takeTurn(tx))) return undefined
  const [ending] = await tx
    .select()
    .from(endings)
    .where(isNull(endings.doneAt))
    .orderBy(asc(endings.at), asc(endings.id))
    .limit(1)
  if (!ending) return undefined
  const ids = await unmarked(tx, ending, walk?.ending === ending.id ? walk.below : undefined)
  const marked = ids.length === 0 ? [] : await endSessions(tx, among(ids), endingOf(ending))
  await tx
    .update(endings)
    .set({
      marked: sql`${endings.marked} + ${marked.length}`,
      doneAt: ids.length < BATCH ? sql`clock_timestamp()` : null,
    })
    .where(eq(endings.id, ending.id))
  return { ending: ending.id, below: ids.at(-1), marked: marked.length }
}

async function takeTurn(tx: Database): Promise<boolean> {
  const [turn] = rowsOf<{ free: boolean }>(
    await tx.execute(sql`select pg_try_advisory_xact_lock(hashtext('rollcall endings')) as free`),
  )
  return turn?.free ?? false
}

export type EndingRow = typeof endings.$inferSelect

async function unmarked(tx: Database, ending: EndingRow, below: SessionId | undefined): Promise<SessionId[]> {
  const whom = whomOf(ending)
  const further = below ? sql`and ${sessions.id} < ${below}` : sql``
  const rows = rowsOf<{ id: SessionId }>(
    await tx.execute(sql`
      select ${sessions.id} as id from ${sessions}
      where ${sessionsOf(whom)} and ${sessions.endedAt} is null and ${bornWith(whom)} < ${ending.generation} ${further}
      order by ${sessions.id} desc limit ${BATCH}`),
  )
  return rows.map(({ id }) => id)
}

function whomOf({ kind, target }: EndingRow): Whom {
  if (kind === 'account') return { kind, target: target as AccountId }
  return kind === 'app' ? { kind, target: target as AppId } : { kind, target: null }
}

/** What the rows of an ending get. */
export const endingOf = (row: EndingRow): Ending => ({
  reason: row.reason,
  note: row.note,
  by: { kind: row.byKind, id: row.byId, name: row.byName },
  covered: true,
  of: { at: ofEnding(row.id, endings.at), xid: ofEnding(row.id, endings.xid) },
})

const ofEnding = (id: EndingId, column: Column) => sql`(select ${column} from ${endings} where ${endings.id} = ${id})`

/** For as long as a sign-in that raced with one could still be found unmarked, and long beyond. */
const KEPT = sql`interval '7 days'`

/** Removes what is done. An installation has some thousands of these rows. */
export async function pruneEndings(db: Database): Promise<void> {
  await db.execute(sql`
    delete from ${endings} where ${endings.id} = any(array(
      select ${endings.id} from ${endings} where ${endings.doneAt} < now() - ${KEPT} limit ${BATCH}))`)
}
