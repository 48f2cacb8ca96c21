import { type SQL, sql } from 'drizzle-orm'
import { fixed } from '../../db/fixed.js'
import { frozenSets, jobs, sessions } from '../../db/schema.js'

/** Sessions in a row of a set: few enough that the row needs no place elsewhere, and is read in one go. */
export const PART = 100

/** Of an open job the part that holds a session, if any does: they are in order and do not overlap. Index: the key. */
const partWith = (id: SQL) => sql`lateral (
    select ${frozenSets.sessionIds} as ids from ${frozenSets}
    where ${frozenSets.jobId} = ${jobs.id} and ${frozenSets.firstId} <= ${id}
    order by ${frozenSets.firstId} desc limit 1) part`

const frozenBy = sql`from ${jobs}, ${partWith(sql`${sessions.id}`)}
  where ${jobs.state} <> 'done' and ${sessions.id} = any(part.ids)`

/**
 * Over the rows of `sessions`: ended by a job that has not marked it yet. Whoever looks finds it over, and no other act
 * ends it again: its first reason is the job's. Asked for each row only while a job runs. Index: jobs_open.
 */
export const isFrozen = fixed(sql<boolean>`(exists (select 1 from ${jobs} where ${jobs.state} <> 'done')
  and exists (select 1 ${frozenBy}))`)

/**
 * The same where many rows are looked at: all that is frozen is hashed once, which takes longer than to look for a few and
 * a good deal less than to look for each of a hundred thousand.
 */
export const isFrozenOfMany = fixed(sql<boolean>`(exists (select 1 from ${jobs} where ${jobs.state} <> 'done')
  and ${sessions.id} in (select frozen_ids()))`)

/** `select ... ${freezingJob}`, within a query over `sessions`: the job that ended it. */
export const freezingJob = fixed(sql`${frozenBy} order by ${jobs.at} limit 1`)
