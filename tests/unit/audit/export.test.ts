import { expect, test } from 'vitest'
import { auditFormat } from '../../../src/audit/export.js'
import type { AuditEvent } from '../../../src/audit/types.js'
import type { AccountId, AuditEventId, SessionId } from '../../../src/db/ids.js'

const EVENT: AuditEvent = {
  id: '0199c3a0-0000-7000-8000-000000000001' as AuditEventId,
  at: new Date('2026-11-24T12:03:58Z'),
  action: 'account.blocked',
  result: 'done',
  actor: { kind: 'account', id: 'bob', name: 'Bob' },
  ip: '203.0.113.7',
  country: 'DE',
  city: 'Berlin',
  target: { kind: 'account', id: 'ada', name: 'Ada Byrne' },
  accountId: 'ada' as AccountId,
  sessionId: 's' as SessionId,
  reason: 'stolen',
  details: { ended: 2 },
  requestId: 'r-1',
  position: null,
}

test('S-62 a spreadsheet of the audit log says who did what to whom, from where, why and with what', () => {
  const { head, line } = auditFormat('csv')
  expect(head).toBe(
    'id,at,action,result,sentence,actorKind,actorId,actorName,ip,country,city,targetKind,targetId,targetName,accountId,sessionId,reason,details,requestId\r\n',
  )
  expect(line(EVENT)).toBe(
    '0199c3a0-0000-7000-8000-000000000001,2026-11-24T12:03:58.000Z,account.blocked,done,"Bob blocked Ada Byrne, ending 2 sessions - reason: stolen",account,bob,Bob,203.0.113.7,DE,Berlin,account,ada,Ada Byrne,ada,s,stolen,"{""ended"":2}",r-1\r\n',
  )
})
