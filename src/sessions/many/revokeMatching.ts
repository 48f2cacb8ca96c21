import { sql } from 'drizzle-orm'
import { recordAudit, recordAuditOfEach } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import { type AppId, BUILT_IN_APP, type JobId, newId, type SessionId } from '../../db/ids.js'
import { announce } from '../../db/notices.js'
import { jobs } from '../../db/schema.js'
import { orOutcome, TakenBack } from '../../db/takenBack.js'
import { holdHandOvers } from '../handOver.js'
import { filterWords } from '../lists/filterWords.js'
import { appendFrozen } from '../log/revocations.js'
import { refusedEntry } from '../reach.js'
import type { SessionFilter } from '../types.js'
import { type Frozen, freeze } from './freeze.js'
import { jobStep } from './jobStep.js'
import { type JobRow, markFrozen } from './markJobs.js'
import { findMatching } from './matching.js'

/** More than this is the kill switch's. */
export const MOST_AT_ONCE = 1_000_000
/** Up to this many rows are marked within the act; more are left to `markJobs`. */
const MARKED_WITHIN = 500
/** Of what was refused, so many lines; the act's own line has their number. */
const MOST_LINES = 200

export interface RevokeHow {
  /** The actor's own session, unless they asked for it too. */
  except?: SessionId | undefined
  /** How many it hit when the actor looked: many more than that end nothing. */
  previewed?: number | undefined
  /** The app whose key does it. */
  app?: AppId | undefined
}

export type RevokedMatching =
  | { status: 'done'; job: JobId }
  /** Nothing was ended. */
  | { status: 'everyone' }
  | { status: 'too-many' }
  | { status: 'grown'; now: number }

/**
 * Ends the live sessions that match a filter: those that are there now, whatever their number, in one transaction. They
 * are frozen as a set; from the commit on that set is over for every list, every check and every follower, and nobody
 * else's. Rows are marked here where they are few, else in the background (`markJobs`).
 *
 * What only a network's block refuses is ended too: lifting it gives nothing back.
 *
 * @param filter `state` is not looked at: what has ended stays as it is
 */
export async function revokeMatching(
  db: Database,
  filter: SessionFilter,
  by: Actor,
  reason: string,
  { except, previewed, app }: RevokeHow = {},
): Promise<RevokedMatching> {
  const id = newId<JobId>()
  if (!narrows(filter)) return { status: 'everyone' }
  const act = async (tx: Database, expected: number | undefined): Promise<RevokedMatching> => {
    if (filter.app === undefined || filter.app === BUILT_IN_APP) await holdHandOvers(tx)
    const set = await freeze(tx, id, filter, by, except)
    if (set.frozen > MOST_AT_ONCE) return { status: 'too-many' }
    if (hasGrown(set.frozen, expected)) return { status: 'grown', now: set.frozen }
    await appendFrozen(tx, id, set.frozen)
    const job = await insertJob(tx, id, filter, set, by, reason, { previewed, app })
    await recordAuditOfEach(tx, by, 'session.revoked', set.refused.slice(0, MOST_LINES).map(refusedEntry(reason)))
    await recordAudit(tx, by, 'sessions.revoked', {
      target: { kind: 'sessions', id, name: job.what },
      accountId: filter.account,
      reason,
      details: {
        ended: set.frozen,
        filter: job.filter,
        ...(previewed === undefined ? {} : { previewed }),
        ...(set.refused.length > 0 ? { refused: set.refused.length } : {}),
        ...(set.spared > 0 ? { spared: set.spared } : {}),
      },
    })
    await announce(tx, { kind: 'ended', sessions: null, accounts: null })
    if (set.frozen <= MARKED_WITHIN) await markFrozen(tx, job)
    return { status: 'done', job: id }
  }
  const answer = await undoUnless(db, (tx) => act(tx, previewed))
  if (answer.status !== 'grown') return answer
  // What was looked at was live, and a set has what went by itself too: where that is much, it is no reason to end nothing.
  const now = await countRevocable(db, filter, by, except)
  return hasGrown(now, previewed) ? { status: 'grown', now } : undoUnless(db, (tx) => act(tx, answer.now))
}

/** Many more than somebody looked at. */
const hasGrown = (now: number, looked: number | undefined) =>
  looked !== undefined && now > looked + Math.max(20, looked / 10)

/** Everyone is an act of its own, never what is left when a filter is forgotten; so is everyone in an app. */
export const NARROWING = [
  'account',
  'q',
  'ip',
  'country',
  'browser',
  'os',
  'device',
  'method',
  'since',
  'unseenDays',
] as const

export const narrows = (filter: SessionFilter): boolean =>
  NARROWING.some((name) => filter[name] !== undefined && filter[name] !== '') && !filter.ip?.endsWith('/0')

/** How many sessions `revokeMatching` would end now. */
export async function countRevocable(
  db: Database,
  filter: SessionFilter,
  by: Actor,
  except?: SessionId,
): Promise<number> {
  // As long as the act itself may take: what is previewed may be a hundred thousand of ten million.
  return jobStep(db, async (tx) => {
    const [row] = rowsOf<{ count: number }>(
      await tx.execute(sql`
        select count(*)::int as count from (${await findMatching(tx, filter, by, except)}) found where not own and not refused`),
    )
    return row?.count ?? 0
  })
}

/** What is found out only once it is done is taken back: nothing is ended in part. */
function undoUnless(db: Database, act: (tx: Database) => Promise<RevokedMatching>): Promise<RevokedMatching> {
  return orOutcome(
    jobStep(db, async (tx) => {
      const answer = await act(tx)
      if (answer.status !== 'done') throw new TakenBack(answer)
      return answer
    }),
  )
}

/** After the set: while it is frozen no job is open for its sake, or each session would be looked for in it. */
async function insertJob(
  tx: Database,
  id: JobId,
  { state: _, ...filter }: SessionFilter,
  { frozen, refused, spared }: Frozen,
  by: Actor,
  reason: string,
  { previewed, app }: Pick<RevokeHow, 'previewed' | 'app'>,
): Promise<JobRow> {
  const [job] = await tx
    .insert(jobs)
    .values({
      id,
      filter: { ...filter, ...(filter.since ? { since: filter.since.toISOString() } : {}) },
      what: await filterWords(tx, filter),
      reason,
      byKind: by.kind,
      byId: 'id' in by ? by.id : null,
      byName: by.name,
      appId: app ?? null,
      previewed: previewed ?? null,
      total: frozen,
      refused: refused.length,
      spared,
    })
    .returning()
  if (!job) throw new Error('an insert gave no row')
  return job
}
