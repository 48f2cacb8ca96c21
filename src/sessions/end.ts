import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { type AccountId, type AppId, BUILT_IN_APP, type SessionId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { handOvers } from '../db/schema/forward.js'
import { accounts, sessions } from '../db/schema.js'
import { appendRevocations } from './log/revocations.js'
import { isFrozen } from './many/frozen.js'
import type { EndReason } from './types.js'

export interface Ending {
  reason: EndReason
  /** An actor, or somebody who has not signed in yet. */
  by: { kind: string; id?: string | null; name: string }
  /** What was written as the reason; for admins only. */
  note?: string | null
  /** A revocation of the whole account (or app, or everyone) is appended by the caller and covers these. */
  covered?: boolean
  /** They ended with that act, at its time, and are only marked now: whoever listens has heard of it. */
  of?: EarlierAct
}

/** As expressions of SQL. */
export interface EarlierAct {
  at: SQL
  xid: SQL
  /** Its sessions are those of `frozen_sets`, which any other act leaves alone. */
  froze?: boolean
}

export interface EndedSession {
  id: SessionId
  accountId: AccountId
  appId: AppId
  at: Date
  /** Of the act's transaction; see `positionOf`. */
  xid: string | null
}

/**
 * The one road to "ended" (S-10): nothing else writes `ended_at`. Idempotent: what has ended keeps its first reason.
 *
 * Rows are locked in the order of their ids, so that two acts with some in common do not wait for each other in a circle.
 * They are found once, as an array: as a subquery in a join, tables without statistics would have it run for each row.
 *
 * @param tx inside the transaction of the act, so that rows, revocation log and audit event commit together
 * @param which over the columns of `sessions`
 * @returns those that this call ended
 * @see OWASP ASVS 5.0 7.4.1
 */
export async function endSessions(tx: Database, which: SQL, ending: Ending): Promise<EndedSession[]> {
  const ended = await tx
    .update(sessions)
    .set({
      endedAt: sql`${ending.of?.at ?? sql`now()`}`,
      endedXid: sql`${ending.of?.xid ?? sql`pg_current_xact_id()`}`,
      endReason: ending.reason,
      endNote: ending.note ?? null,
      endedByKind: ending.by.kind,
      endedById: ending.by.id ?? null,
      endedByName: ending.by.name,
    })
    .where(
      sql`${sessions.id} = any(array(
        select ${sessions.id} from ${sessions}
        where ${sessions.endedAt} is null and (${which}) ${ending.of?.froze ? sql`` : sql`and not ${isFrozen}`}
        order by ${sessions.id} for no key update))`,
    )
    .returning({
      id: sessions.id,
      accountId: sessions.accountId,
      appId: sessions.appId,
      at: sql<Date>`${sessions.endedAt}`.mapWith(sessions.endedAt),
      xid: sessions.endedXid,
    })
  if (ended.length === 0) return ended
  // Sent together: each waits for nothing but the rows that have ended.
  await Promise.all([
    ending.covered ||
      appendRevocations(
        tx,
        ended.map((session) => ({ kind: 'session', target: session.id })),
      ),
    ending.of ||
      announce(tx, {
        kind: 'ended',
        sessions: ended.map((session) => session.id),
        accounts: [...new Set(ended.map((session) => session.accountId))],
      }),
    // A job has them in its own set.
    ending.of?.froze || endHandedOver(tx, ended, ending),
  ])
  return ended
}

/**
 * A sign-in at Rollcall takes along what it was handed over to (`handOver.ts`), unless it is an admin's that went idle:
 * the panel closes soon, and what they work with goes on by its own timeouts. Where it is only marked now, they were over
 * with it (`signInBehind.ts`). Index: hand_overs_from
 */
async function endHandedOver(tx: Database, ended: EndedSession[], ending: Ending): Promise<void> {
  const signIns = ended.filter(({ appId }) => appId === BUILT_IN_APP).map(({ id }) => id)
  if (signIns.length === 0) return
  const theirs = tx
    .select({ id: handOvers.toSession })
    .from(handOvers)
    .innerJoin(accounts, eq(accounts.id, handOvers.accountId))
    .where(
      and(inArray(handOvers.fromSession, signIns), ending.reason === 'idle' ? eq(accounts.role, 'person') : undefined),
    )
  await endSessions(tx, sql`${inArray(sessions.id, theirs)}`, { ...ending, covered: ending.of !== undefined })
}
