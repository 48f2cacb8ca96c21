import { ne, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../../db/connect.js'
import type { AppId } from '../../db/ids.js'
import { apps, endings, jobs } from '../../db/schema.js'
import { type Position, readPosition } from '../log/positions.js'

/** An act that ended many sessions at once, and how far their rows are marked: it held everywhere before that began. */
export interface Job {
  id: string
  kind: 'kill-switch' | 'filter'
  /** Whom it ended: "everyone", or an app's name; a filter in words. */
  what: string
  at: Date
  by: { kind: string; id: string | null; name: string }
  reason: string | null
  /** Of the act: what its receipt goes by. */
  position: Position | null
  state: 'running' | 'paused' | 'done'
  doneAt: Date | null
  /** Rows so far. */
  marked: number
  /** Of a filter, whose set was frozen. */
  set: FrozenSet | null
}

export interface FrozenSet {
  /** What it hit: marked, gone, and those still to be marked. */
  total: number
  /** Had ended by themselves, or by somebody else, before their turn came. */
  gone: number
  /** Left alone, out of the actor's reach. */
  refused: number
  /** 1 where the actor's own session matched and was left out. */
  spared: number
  /** How many it would have ended when the actor looked. */
  previewed: number | null
  /**
   * Of those, how many had gone before the act: so many at least, because others may have come to match since. Null where
   * nobody looked.
   */
  goneBefore: number | null
}

/** Whose jobs may be seen: all of them, or those that an app's own keys began. */
export interface JobScope {
  appId?: AppId | undefined
}

/** The newest of them. Index: jobs_at; `endings` has some thousands of rows, and keeps them for a week. */
export async function listJobs(db: Database, limit = 50): Promise<Job[]> {
  return readJobs(db, sql`true`, limit)
}

/** Those of a filter that are not done. Index: jobs_open. */
export async function openJobs(db: Database): Promise<Job[]> {
  const [open] = await db.select({ id: jobs.id }).from(jobs).where(ne(jobs.state, 'done')).limit(1)
  return open ? (await listJobs(db)).filter(({ set, state }) => set && state !== 'done') : []
}

/** Indexes: jobs_pkey, endings_pkey. */
export async function findJob(db: Database, id: string, { appId }: JobScope = {}): Promise<Job | undefined> {
  const [job] = await readJobs(db, sql`id = ${id}::uuid and ${appId ? sql`app_id = ${appId}` : sql`true`}`, 1)
  return job
}

const instant = z.string().transform((text) => new Date(text))
const JobRow = z.object({
  id: z.string(),
  kind: z.enum(['kill-switch', 'filter']),
  what: z.string(),
  at: instant,
  byKind: z.string(),
  byId: z.string().nullable(),
  byName: z.string(),
  reason: z.string().nullable(),
  xid: z.string().transform((text) => readPosition(`x${text}`) ?? null),
  state: z.enum(['running', 'paused', 'done']),
  doneAt: instant.nullable(),
  marked: z.number(),
  total: z.number().nullable(),
  gone: z.number(),
  refused: z.number(),
  spared: z.number(),
  previewed: z.number().nullable(),
})

/** @param which over both tables: `id`, and `app_id` */
async function readJobs(db: Database, which: SQL, limit: number): Promise<Job[]> {
  const rows = rowsOf(
    await db.execute(sql`
      select * from (
        (select id, 'filter' as kind, what, at::text as at, by_kind as "byKind", by_id as "byId", by_name as "byName", reason,
          xid::text as xid, state, done_at::text as "doneAt", ended as marked, total, gone, refused, spared, previewed
        from ${jobs} where ${which} order by ${jobs.at} desc, ${jobs.id} desc limit ${limit})
        union all
        (select id, 'kill-switch', what, at::text, by_kind, by_id, by_name, note, xid::text,
          case when done_at is null then 'running' else 'done' end, done_at::text, marked, null, 0, 0, 0, null
        from (
          select ${endings}.*, null::uuid as app_id,
            coalesce((select ${apps.name} from ${apps} where ${apps.id}::text = ${endings.target}), 'everyone') as what
          from ${endings} where ${endings.reason} = 'kill-switch') killed
        where ${which} order by killed.at desc, killed.id desc limit ${limit})) both_kinds
      order by at::timestamptz desc, id desc limit ${limit}`),
  )
  return rows.map((row) => {
    const { xid, byKind, byId, byName, total, gone, refused, spared, previewed, ...job } = JobRow.parse(row)
    const goneBefore = previewed === null ? null : Math.max(0, previewed - ((total ?? 0) - gone))
    return {
      ...job,
      by: { kind: byKind, id: byId, name: byName },
      position: xid,
      set: total === null ? null : { total, gone, refused, spared, previewed, goneBefore },
    }
  })
}
