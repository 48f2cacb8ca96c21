import { type Columns, csv, type Format, jsonLines } from '../export/lines.js'
import { toOcsf } from './ocsf.js'
import { auditSentence, sentenceText } from './sentence.js'
import type { AuditEvent } from './types.js'

export const AUDIT_FORMATS = ['jsonl', 'csv', 'ocsf'] as const
export type AuditFormat = (typeof AUDIT_FORMATS)[number]

const COLUMNS: Columns<AuditEvent> = [
  ['id', ({ id }) => id],
  ['at', ({ at }) => at],
  ['action', ({ action }) => action],
  ['result', ({ result }) => result],
  ['sentence', (event) => sentenceText(auditSentence(event))],
  ['actorKind', ({ actor }) => actor.kind],
  ['actorId', ({ actor }) => actor.id],
  ['actorName', ({ actor }) => actor.name],
  ['ip', ({ ip }) => ip],
  ['country', ({ country }) => country],
  ['city', ({ city }) => city],
  ['targetKind', ({ target }) => target?.kind],
  ['targetId', ({ target }) => target?.id],
  ['targetName', ({ target }) => target?.name],
  ['accountId', ({ accountId }) => accountId],
  ['sessionId', ({ sessionId }) => sessionId],
  ['reason', ({ reason }) => reason],
  ['details', ({ details }) => JSON.stringify(details)],
  ['requestId', ({ requestId }) => requestId],
]

/** How the audit log is taken along. JSON Lines are what the API lists, whole; OCSF is for a SIEM. */
export const auditFormat = (format: AuditFormat): Format<AuditEvent> =>
  ({
    csv: () => csv(COLUMNS),
    jsonl: () => jsonLines<AuditEvent>((event) => event),
    ocsf: () => ({ ...jsonLines(toOcsf), extension: 'ocsf.jsonl' }),
  })[format]()
