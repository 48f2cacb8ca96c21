import { sql } from 'drizzle-orm'
import { jobSessions, jobs, sessions } from '../db/schema.js'

/**
 * Over the rows of `sessions`: ended by a job that has not marked it yet. Whoever looks finds it over, and no other act
 * ends it again: its first reason is the job's. Index: job_sessions_pkey; the table is empty but while a job runs.
 */
export const isFrozen = sql<boolean>`exists (select 1 from ${jobSessions} where ${jobSessions.sessionId} = ${sessions.id})`

/** `select ... ${freezingJob}`, within a query over `sessions`: the job that ended it. */
export const freezingJob = sql`from ${jobs} join ${jobSessions} on ${jobSessions.jobId} = ${jobs.id}
  where ${jobSessions.sessionId} = ${sessions.id}`
