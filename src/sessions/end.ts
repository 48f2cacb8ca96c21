import { type SQL, sql } from 'drizzle-orm'
import type { Actor, Stranger } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, AppId, SessionId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { sessions } from '../db/schema.js'
import { appendRevocations } from './revocations.js'
import type { EndReason } from './types.js'

export interface Ending {
  reason: EndReason
  by: Actor | Stranger
  /** What was written as the reason; for admins only. */
  note?: string | null
  /** A revocation of the whole account (or app, or everyone) is appended by the caller and covers these. */
  covered?: boolean
}

export interface EndedSession {
  id: SessionId
  accountId: AccountId
  appId: AppId
}

/**
 * The one road to "ended" (S-10): nothing else writes `ended_at`. Idempotent: what has ended keeps its first reason.
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
      endedAt: sql`now()`,
      endReason: ending.reason,
      endNote: ending.note ?? null,
      endedByKind: ending.by.kind,
      endedById: 'id' in ending.by ? ending.by.id : null,
      endedByName: ending.by.name,
    })
    .where(sql`${sessions.endedAt} is null and (${which})`)
    .returning({ id: sessions.id, accountId: sessions.accountId, appId: sessions.appId })
  if (ended.length === 0) return ended
  if (!ending.covered) {
    await appendRevocations(
      tx,
      ended.map((session) => ({ kind: 'session', target: session.id })),
    )
  }
  await announce(tx, {
    kind: 'ended',
    sessions: ended.map((session) => session.id),
    accounts: [...new Set(ended.map((session) => session.accountId))],
  })
  return ended
}
