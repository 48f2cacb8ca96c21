import { and, asc, type Column, eq, inArray, ne, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { JobId, SessionId } from '../db/ids.js'
import { jobSessions, jobs } from '../db/schema.js'
import { type Ending, endSessions } from './end.js'
import { jobStep } from './jobStep.js'
import { among } from './read.js'

const BATCH = 1_000

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
 * Marks the next batch of a job, takes it out of the set, and counts: what somebody else had marked is gone.
 *
 * @returns how many it marked
 */
export async function markFrozen(tx: Database, job: JobRow): Promise<number> {
  const ids = await nextOf(tx, job.id)
  const marked = ids.length === 0 ? [] : await endSessions(tx, among(ids), endingOf(job))
  if (ids.length > 0) await tx.delete(jobSessions).where(inArray(jobSessions.sessionId, ids))
  const isLast = ids.length < BATCH
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

/** Index: job_sessions_pkey, from its end; what paused jobs have in it is stepped over. */
async function nextOf(tx: Database, job: JobId): Promise<SessionId[]> {
  const rows = rowsOf<{ id: SessionId }>(
    await tx.execute(sql`
      select ${jobSessions.sessionId} as id from ${jobSessions} where ${jobSessions.jobId} = ${job}
      order by ${jobSessions.sessionId} desc limit ${BATCH}`),
  )
  return rows.map(({ id }) => id)
}

const endingOf = (job: JobRow): Ending => ({
  reason: 'revoked',
  note: job.reason,
  by: { kind: job.byKind, id: job.byId, name: job.byName },
  covered: true,
  of: { at: ofJob(job.id, jobs.at), xid: ofJob(job.id, jobs.xid), froze: true },
})

const ofJob = (id: JobId, column: Column) => sql`(select ${column} from ${jobs} where ${jobs.id} = ${id})`

const KEPT = sql`interval '90 days'`

/** Removes what is done and long past. The audit log keeps the act. Index: jobs_at. */
export async function pruneJobs(db: Database): Promise<void> {
  await db.execute(sql`
    delete from ${jobs} where ${jobs.id} = any(array(
      select ${jobs.id} from ${jobs} where ${jobs.at} < now() - ${KEPT} and ${jobs.state} = 'done' limit ${BATCH}))`)
}
