import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../db/connect.js'
import { apps, endings } from '../db/schema.js'
import { type Position, readPosition } from './positions.js'

/** An act that ended many sessions at once, and how far their rows are marked: it held everywhere before that began. */
export interface Job {
  id: string
  kind: 'kill-switch'
  /** Whom it ended: "everyone", or an app's name. */
  what: string
  at: Date
  by: { kind: string; id: string | null; name: string }
  reason: string | null
  /** Of the act: what its receipt goes by. */
  position: Position | null
  state: 'running' | 'done'
  doneAt: Date | null
  /** Rows so far. */
  marked: number
}

/** The newest of them. `endings` has some thousands of rows, and keeps them for a week. */
export async function listJobs(db: Database, limit = 50): Promise<Job[]> {
  return readJobs(db, sql`true`, limit)
}

export async function findJob(db: Database, id: string): Promise<Job | undefined> {
  const [job] = await readJobs(db, sql`${endings.id} = ${id}`, 1)
  return job
}

const instant = z.string().transform((text) => new Date(text))
const JobRow = z.object({
  id: z.string(),
  what: z.string(),
  at: instant,
  byKind: z.string(),
  byId: z.string().nullable(),
  byName: z.string(),
  reason: z.string().nullable(),
  xid: z.string().transform((text) => readPosition(`x${text}`) ?? null),
  doneAt: instant.nullable(),
  marked: z.number(),
})

async function readJobs(db: Database, which: SQL, limit: number): Promise<Job[]> {
  const rows = rowsOf(
    await db.execute(sql`
      select ${endings.id} as id, coalesce(${apps.name}, 'everyone') as what, ${endings.at}::text as at,
        ${endings.byKind} as "byKind", ${endings.byId} as "byId", ${endings.byName} as "byName",
        ${endings.note} as reason, ${endings.xid}::text as xid, ${endings.doneAt}::text as "doneAt",
        ${endings.marked} as marked
      from ${endings} left join ${apps} on ${apps.id}::text = ${endings.target}
      where ${endings.reason} = 'kill-switch' and ${which}
      order by ${endings.at} desc, ${endings.id} desc limit ${limit}`),
  )
  return rows.map((row) => {
    const { xid, byKind, byId, byName, ...job } = JobRow.parse(row)
    return {
      ...job,
      kind: 'kill-switch',
      by: { kind: byKind, id: byId, name: byName },
      position: xid,
      state: job.doneAt ? 'done' : 'running',
    }
  })
}
