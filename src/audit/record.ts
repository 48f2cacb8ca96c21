import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { type AccountId, type AuditEventId, newId, type SessionId } from '../db/ids.js'
import { insertAll } from '../db/insertAll.js'
import { announce } from '../db/notices.js'
import { auditEvents, revocations } from '../db/schema.js'
import type { Client, Place } from '../devices/types.js'
import { corrected, otherTime, withTime } from './ids.js'
import type { Actor, AuditAction, AuditResult, Stranger } from './types.js'

export interface AuditEntry {
  result?: AuditResult
  target?: { kind: string; id: string | null; name: string }
  /** The account that the event is about, so that its page lists it. */
  accountId?: AccountId | undefined
  sessionId?: SessionId | undefined
  reason?: string | null | undefined
  /** `before` and `after` for what changed. Never a secret. */
  details?: Record<string, unknown>
  place?: Place | undefined
  /** Of a person whom somebody else vouches for: the line tells where they come from, and beside it where that one did. */
  client?: Pick<Client, 'ip' | 'place'> | undefined
  requestId?: string | undefined
}

/**
 * Writes one line of the audit log, in the transaction of the act that it records: either both are there or neither.
 *
 * @see OWASP ASVS 5.0 16.3
 */
export async function recordAudit(
  tx: Database,
  by: Actor | Stranger,
  action: AuditAction,
  entry: AuditEntry = {},
): Promise<AuditEventId> {
  const row = rowOf(by, action, entry)
  const [[event]] = await Promise.all([
    tx
      .insert(auditEvents)
      .values({ ...row, id: corrected(row.id) })
      .returning({ id: auditEvents.id }),
    announce(tx, { kind: 'audit' }),
  ])
  return event?.id ?? row.id
}

/** A line for each of many, in one statement. */
export async function recordAuditOfEach(
  tx: Database,
  by: Actor | Stranger,
  action: AuditAction,
  entries: AuditEntry[],
): Promise<void> {
  const rows = entries.map((entry) => rowOf(by, action, entry))
  const [first] = rows
  if (!first) return
  const [act] = rowsOf<{ xid: string | null; time: string | null }>(
    await tx.execute(sql`select ${xidOfAct}::text as xid, ${otherTime(first.id)} as time`),
  )
  await insertAll(
    tx,
    auditEvents,
    rows.map(({ id, xid, ...row }) => ({ ...row, id: withTime(id, act?.time ?? null), xid: xid && act?.xid })),
  )
  await announce(tx, { kind: 'audit' })
}

function rowOf(by: Actor | Stranger, action: AuditAction, entry: AuditEntry) {
  const actorIp = 'ip' in by ? by.ip : null
  const { ip, place } = entry.client ?? { ip: actorIp, place: entry.place }
  return {
    id: newId<AuditEventId>(),
    action,
    result: entry.result ?? 'done',
    actorKind: by.kind,
    actorId: 'id' in by ? by.id : null,
    actorName: by.name,
    ip,
    country: place?.country ?? null,
    city: place?.city ?? null,
    targetKind: entry.target?.kind ?? null,
    targetId: entry.target?.id ?? null,
    targetName: entry.target?.name ?? null,
    accountId: entry.accountId ?? null,
    sessionId: entry.sessionId ?? null,
    reason: entry.reason ?? null,
    details: { ...entry.details, ...(entry.client && actorIp ? { serverIp: actorIp } : {}) },
    requestId: entry.requestId ?? null,
    // A sign-in may end an older session; its line tells of the one that began.
    xid: entry.result === undefined && action !== 'session.started' ? xidOfAct : null,
  }
}

/** Of the transaction, where it has put something into the revocation log already. Index: revocations_xid. */
const xidOfAct = sql`(select ${revocations.xid} from ${revocations} where ${revocations.xid} = pg_current_xact_id() limit 1)`
