import { type AuditEntry, recordAudit } from '../audit/record.js'
import type { Actor, Stranger } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AuditEventId } from '../db/ids.js'
import type { Finding } from './types.js'

/**
 * Writes down what a rule saw: a line of the audit log that stands out, and an event that webhooks tell of.
 *
 * @param by who did what looks suspicious, or who says that it does
 * @param about the account, the session or the network that it is about
 */
export function openDetection(
  tx: Database,
  by: Actor | Stranger,
  finding: Finding,
  { details, ...about }: Pick<AuditEntry, 'target' | 'accountId' | 'sessionId' | 'place' | 'details' | 'requestId'>,
): Promise<AuditEventId> {
  return recordAudit(tx, by, 'detection.opened', { ...about, details: { ...details, ...finding } })
}
