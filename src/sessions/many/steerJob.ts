import { and, eq } from 'drizzle-orm'
import { authorityOf } from '../../accounts/authority.js'
import { atLeast } from '../../accounts/types.js'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { JobId } from '../../db/ids.js'
import { jobs } from '../../db/schema.js'

/**
 * Pauses a job, or lets it go on: the marking of its rows alone. What it ended is over all the while.
 *
 * @returns false where there was nothing to change: it is done, or as it was asked to be, or the actor
 *   is no responder any more
 */
export async function steerJob(db: Database, id: JobId, to: 'paused' | 'running', by: Actor): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!atLeast(await authorityOf(tx, by), 'responder')) return false
    const [job] = await tx
      .update(jobs)
      .set({ state: to })
      .where(and(eq(jobs.id, id), eq(jobs.state, to === 'paused' ? 'running' : 'paused')))
      .returning()
    if (!job) return false
    await recordAudit(tx, by, to === 'paused' ? 'job.paused' : 'job.resumed', {
      target: { kind: 'sessions', id, name: job.what },
    })
    return true
  })
}
