import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { EndReason } from '../../sessions/types.js'
import { time, xid8 } from '../columns.js'
import type { AppId, EndingId, JobId, SessionId } from '../ids.js'

/**
 * What was ended by one increment of a generation, and whose rows are still to be marked: sessions born with a lower
 * `generation` are over. A job marks them in batches and resumes where it was stopped.
 */
export const endings = pgTable(
  'endings',
  {
    id: uuid().primaryKey().$type<EndingId>(),
    kind: text().$type<'account' | 'app' | 'everything'>().notNull(),
    /** Id of the account or app; null for everything. */
    target: text(),
    /** What the counter was raised to. */
    generation: integer().notNull(),
    reason: text().$type<EndReason>().notNull(),
    note: text(),
    byKind: text('by_kind').notNull(),
    byId: text('by_id'),
    byName: text('by_name').notNull(),
    exceptSession: uuid('except_session').$type<SessionId>(),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    at: time('at').notNull().defaultNow(),
    doneAt: time('done_at'),
    /** Rows so far. */
    marked: integer().notNull().default(0),
  },
  (t) => [
    index('endings_open').on(t.at).where(sql`${t.doneAt} is null`),
    check('endings_target', sql`(${t.kind} = 'everything') = (${t.target} is null)`),
  ],
)

/**
 * Sessions that were ended by a filter, in one act. They are over from its commit on, by `frozen_sets`; a job marks their
 * rows in batches, may be paused, and resumes where it was stopped.
 */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid().primaryKey().$type<JobId>(),
    /** As the list understands it, and in words as it was then. */
    filter: jsonb().$type<Record<string, unknown>>().notNull(),
    what: text().notNull(),
    reason: text().notNull(),
    byKind: text('by_kind').notNull(),
    byId: text('by_id'),
    byName: text('by_name').notNull(),
    /** Whose key may see it; null: an admin's alone. */
    appId: uuid('app_id').$type<AppId>(),
    /** How many it would have ended when the admin looked. */
    previewed: integer(),
    /** How many it did end. Of the frozen ones so far: marked by it, and found to be marked by others. */
    total: integer().notNull(),
    ended: integer().notNull().default(0),
    gone: integer().notNull().default(0),
    /** Left alone: out of its author's reach, and its author's own session. */
    refused: integer().notNull(),
    spared: integer().notNull(),
    state: text().$type<'running' | 'paused' | 'done'>().notNull().default('running'),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    at: time('at').notNull().defaultNow(),
    doneAt: time('done_at'),
  },
  (t) => [
    index('jobs_at').on(t.at, t.id),
    index('jobs_open').on(t.at).where(sql`${t.state} <> 'done'`),
    check('jobs_state_known', sql`${t.state} in ('running', 'paused', 'done')`),
  ],
)

/**
 * The frozen sets: sessions that a job has ended and not yet marked, some hundred in a row. They come by the hundred
 * thousand within one act, which is over in a moment because they are not a row each.
 */
export const frozenSets = pgTable(
  'frozen_sets',
  {
    jobId: uuid('job_id').notNull().$type<JobId>(),
    /** The lowest of them: what is in this row lies between it and the next row's. */
    firstId: uuid('first_id').notNull().$type<SessionId>(),
    sessionIds: uuid('session_ids').array().notNull().$type<SessionId[]>(),
  },
  (t) => [primaryKey({ columns: [t.jobId, t.firstId] })],
)
