import { sql } from 'drizzle-orm'
import { jobSessions, jobs, sessions } from '../db/schema.js'

/**
 * Over the rows of `sessions`: ended by a job that has not marked it yet. Whoever looks finds it over, and no other act
 * ends it again: its first reason is the job's. Index: job_sessions_pkey; the table is empty but while a job runs.
 *
 * Not as `exists`, which the planner would join: one more table in each list's plan costs it more than the probes do. Nor
 * as `is not null`, which it takes for true of nearly all: it would expect no row to be left.
 */
export const isFrozen = sql<boolean>`coalesce((
  select true from ${jobSessions} where ${jobSessions.sessionId} = ${sessions.id}), false)`

/** `select ... ${freezingJob}`, within a query over `sessions`: the job that ended it. */
export const freezingJob = sql`from ${jobs} join ${jobSessions} on ${jobSessions.jobId} = ${jobs.id}
  where ${jobSessions.sessionId} = ${sessions.id}`
