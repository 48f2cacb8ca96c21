import { and, asc, type Column, desc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm'
import { SYSTEM } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import type { JobId, SessionId } from '../../db/ids.js'
import { accounts, apps, endings, frozenSets, jobs, sessionActivity, sessions, settings } from '../../db/schema.js'
import { type Ending, endSessions } from '../end.js'
import { firstEnding, generationsPassed } from '../generation.js'
import { expiresAt, IDLE_GRACE_SECONDS, idleAt } from '../live.js'
import { among } from '../read.js'
import { signInIdleAt } from '../signInBehind.js'
import { PART } from './frozen.js'
import { jobStep } from './jobStep.js'

/** Of a set, marked at once: a thousand sessions. */
const PARTS = 1_000 / PART

export type JobRow = typeof jobs.$inferSelect

/**
 * Marks the rows of what jobs have frozen: newest first, because lists begin there. Each batch is a transaction of its
 * own, and the set holds what is left, so that anybody resumes after a kill -9.
 *
 * One batch at a time in the whole installation, and the oldest job that is not paused first.
 *
 * @param stopping ends it after the batch at hand
 * @returns how many rows this call marked
 */
export async function markJobs(db: Database, stopping?: AbortSignal): Promise<number> {
  let total = 0
  while (!stopping?.aborted) {
    const marked = await jobStep(db, markNext)
    if (marked === undefined) break
    total += marked
  }
  return total
}

/** @returns undefined when nothing is left, or another process is at it. Index: jobs_open */
async function markNext(tx: Database): Promise<number | undefined> {
  if (!(await takeTurn(tx))) return undefined
  const [job] = await tx.select().from(jobs).where(eq(jobs.state, 'running')).orderBy(asc(jobs.at)).limit(1)
  return job && markFrozen(tx, job)
}

async function takeTurn(tx: Database): Promise<boolean> {
  const [turn] = rowsOf<{ free: boolean }>(
    await tx.execute(sql`select pg_try_advisory_xact_lock(hashtext('rollcall jobs')) as free`),
  )
  return turn?.free ?? false
}

/**
 * Marks the next batch of a job, takes it out of the set, and counts. What somebody else had marked is gone, and so is
 * what was over before, by itself or by an earlier act, which marks it with its own reason.
 *
 * @returns how many it marked
 */
export async function markFrozen(tx: Database, job: JobRow): Promise<number> {
  const parts = await nextParts(tx, job.id)
  const ids = parts.flatMap(({ sessionIds }) => sessionIds)
  const at = ofJob(job.id, jobs.at)
  const wasOver = whereJoined(sql`${hadExpired(at)} or ${hadGoneIdle(at)} or ${wasEndedBefore(at)}`)
  const which = sql`${among(ids)} and not ${wasOver}`
  const marked = ids.length === 0 ? [] : await endSessions(tx, which, endingOf(job))
  const taken = parts.map(({ firstId }) => firstId)
  if (taken.length > 0)
    await tx.delete(frozenSets).where(and(eq(frozenSets.jobId, job.id), inArray(frozenSets.firstId, taken)))
  if (marked.length < ids.length) await markGone(tx, ids, at)
  const isLast = parts.length < PARTS
  await tx
    .update(jobs)
    .set({
      ended: sql`${jobs.ended} + ${marked.length}`,
      gone: sql`${jobs.gone} + ${ids.length - marked.length}`,
      ...(isLast ? { state: 'done' as const, doneAt: sql`clock_timestamp()` } : {}),
    })
    .where(and(eq(jobs.id, job.id), ne(jobs.state, 'done')))
  return marked.length
}

/** The newest sessions first. Index: the key, from its end. */
const nextParts = (tx: Database, job: JobId) =>
  tx
    .select({ firstId: frozenSets.firstId, sessionIds: frozenSets.sessionIds })
    .from(frozenSets)
    .where(eq(frozenSets.jobId, job))
    .orderBy(desc(frozenSets.firstId))
    .limit(PARTS)

/**
 * Of what is out of the set now: no use that is told late, and no longer timeout, may bring back what somebody ended. The
 * log has named it with the set.
 */
async function markGone(tx: Database, ids: SessionId[], at: SQL): Promise<void> {
  const went = { expired: hadExpired(at), idle: hadGoneIdle(at) }
  for (const reason of ['expired', 'idle'] as const) {
    const which = sql`${among(ids)} and ${whereJoined(sql`${went[reason]} and not ${generationsPassed}`)}`
    await endSessions(tx, which, { reason, by: SYSTEM, covered: true })
  }
}

/** Over the rows of `sessions`, of what the predicates below stand over. */
const whereJoined = (which: SQL) => sql`exists (
  select 1 from ${accounts}, ${apps}, ${settings}, ${sessionActivity}
  where ${accounts.id} = ${sessions.accountId} and ${apps.id} = ${sessions.appId} and ${settings.id} = 1
    and ${sessionActivity.sessionId} = ${sessions.id} and (${which}))`

const hadExpired = (at: SQL) => sql`${expiresAt} <= ${at}`

/**
 * By itself, or with the sign-in that it came from, where nobody has ended that. What went idle so lately that a use may
 * still be on the way was ended.
 */
const hadGoneIdle = (at: SQL) => {
  const grace = sql`make_interval(secs => ${IDLE_GRACE_SECONDS})`
  return sql`(${idleAt} + ${grace} <= ${at} or (${signInIdleAt} > 'epoch' and ${signInIdleAt} + ${grace} <= ${at}))`
}

/** By an act that has not marked it either. An ending that nobody knows any more is an old one. */
const wasEndedBefore = (at: SQL) =>
  sql`(${generationsPassed} and coalesce((select ${endings.at} ${firstEnding}), '-infinity') < ${at})`

const endingOf = (job: JobRow): Ending => ({
  reason: 'revoked',
  note: job.reason,
  by: { kind: job.byKind, id: job.byId, name: job.byName },
  covered: true,
  of: { at: ofJob(job.id, jobs.at), xid: ofJob(job.id, jobs.xid), froze: true },
})

const ofJob = (id: JobId, column: Column) => sql`(select ${column} from ${jobs} where ${jobs.id} = ${id})`

const KEPT = sql`interval '90 days'`
const PRUNED_AT_ONCE = 1_000

/** Removes what is done and long past. The audit log keeps the act. Index: jobs_at. */
export async function pruneJobs(db: Database): Promise<void> {
  await db.execute(sql`
    delete from ${jobs} where ${jobs.id} = any(array(
      select ${jobs.id} from ${jobs} where ${jobs.at} < now() - ${KEPT} and ${jobs.state} = 'done' limit ${PRUNED_AT_ONCE}))`)
}
