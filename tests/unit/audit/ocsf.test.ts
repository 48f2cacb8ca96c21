import { expect, test } from 'vitest'
import { toOcsf } from '../../../src/audit/ocsf.js'
import { AUDIT_ACTIONS, type AuditEvent } from '../../../src/audit/types.js'
import type { AccountId, AuditEventId, SessionId } from '../../../src/db/ids.js'

const event = (more: Partial<AuditEvent>): AuditEvent => ({
  id: '0199c3a0-0000-7000-8000-000000000001' as AuditEventId,
  at: new Date('2026-11-24T12:03:58Z'),
  action: 'session.started',
  result: 'done',
  actor: { kind: 'account', id: 'ada', name: 'Ada Byrne' },
  ip: '203.0.113.7',
  country: 'DE',
  city: 'Berlin',
  target: { kind: 'session', id: 's', name: 'Chrome 142 on Windows' },
  accountId: 'ada' as AccountId,
  sessionId: 's' as SessionId,
  reason: null,
  details: { app: 'Billing', account: 'Ada Byrne' },
  requestId: 'r-1',
  position: null,
  ...more,
})

test('a sign-in is Authentication, Logon, with who, from where, to what', () => {
  expect(toOcsf(event({}))).toMatchObject({
    category_uid: 3,
    class_uid: 3002,
    class_name: 'Authentication',
    activity_id: 1,
    activity_name: 'Logon',
    type_uid: 300201,
    time: Date.UTC(2026, 10, 24, 12, 3, 58),
    severity_id: 1,
    status_id: 1,
    metadata: {
      version: '1.3.0',
      product: { name: 'Rollcall' },
      event_code: 'session.started',
      correlation_uid: 'r-1',
    },
    user: { name: 'Ada Byrne', uid: 'ada' },
    session: { uid: 's' },
    service: { name: 'Billing' },
    src_endpoint: { ip: '203.0.113.7', location: { country: 'DE', city: 'Berlin' } },
  })
})

test('a refused sign-in is a failure with its cause, and the stranger is nobody', () => {
  const refused = event({
    action: 'sign-in.refused',
    result: 'refused',
    actor: { kind: 'stranger', id: null, name: 'ada@example.com' },
    target: { kind: 'account', id: 'ada', name: 'Ada Byrne' },
    sessionId: null,
    details: { why: 'wrong-password' },
  })
  expect(toOcsf(refused)).toMatchObject({
    type_uid: 300201,
    status_id: 2,
    status_detail: 'wrong-password',
    severity_id: 3,
    actor: { app_name: 'Not signed in' },
    user: { name: 'Ada Byrne', uid: 'ada' },
  })
})

test('a detection is as severe as its rule says, and sprayed passwords are nobody’s in particular', () => {
  const opened = (details: AuditEvent['details'], more: Partial<AuditEvent> = {}) =>
    toOcsf(event({ action: 'detection.opened', details, ...more }))
  expect(opened({ rule: 'guessing', severity: 'medium' })).toMatchObject({
    type_uid: 300299,
    activity_name: 'Detection',
    severity_id: 3,
    status_id: 1,
  })
  const network = { kind: 'network', id: '192.0.2.18', name: '192.0.2.18' }
  const stranger = {
    actor: { kind: 'stranger', id: null, name: 'Somebody' },
    accountId: null,
    target: network,
  } as const
  expect(opened({ rule: 'spraying', severity: 'high' }, stranger)).toMatchObject({
    severity_id: 4,
    user: { name: 'unknown' },
    actor: { app_name: 'Not signed in' },
  })
})

test('a block is Account Change, Disable; a network, a key and a setting are entities', () => {
  const blocked = event({
    action: 'account.blocked',
    target: { kind: 'account', id: 'p', name: 'Priya' },
    accountId: 'p' as AccountId,
  })
  expect(toOcsf(blocked)).toMatchObject({
    type_uid: 300105,
    activity_name: 'Disable',
    user: { uid: 'p', name: 'Ada Byrne' },
  })
  const key = event({ action: 'key.revoked', target: { kind: 'key', id: 'k', name: 'CI' }, reason: 'leaked' })
  expect(toOcsf(key)).toMatchObject({
    type_uid: 300404,
    entity: { uid: 'k', name: 'CI', type: 'key' },
    comment: 'leaked',
  })
  const refused = event({
    action: 'access.refused',
    result: 'refused',
    target: null,
    details: { path: '/admin/x', why: 'role' },
  })
  expect(toOcsf(refused)).toMatchObject({ type_uid: 300499, entity: { name: '/admin/x' }, status_id: 2 })
})

test.each<[AuditEvent['action'], number, string]>([
  ['session.ended', 300202, 'Logoff'],
  ['session.revoked', 300202, 'Logoff'],
  ['sessions.revoked', 300202, 'Logoff'],
  ['account.sessions-revoked', 300202, 'Logoff'],
  ['account.blocked', 300105, 'Disable'],
  ['account.block-lifted', 300102, 'Enable'],
  ['network.blocked', 300401, 'Create'],
  ['network.block-lifted', 300404, 'Delete'],
  ['killswitch.used', 300499, 'Sign Out Everyone'],
])('%s is %i, as the rules of a SIEM go by it', (action, type_uid, activity_name) => {
  expect(toOcsf(event({ action }))).toMatchObject({ type_uid, activity_name })
})

test.each(['killswitch.used', 'account.unlocked', 'app.disabled'] as const)(
  '%s is what a responder looks at first, once it is done',
  (action) => {
    expect(toOcsf(event({ action }))).toMatchObject({ severity_id: 4, severity: 'High' })
    expect(toOcsf(event({ action, result: 'refused' }))).toMatchObject({ severity_id: 3, severity: 'Medium' })
  },
)

test('the user of an event is a person: by what stands beside it, the target or the actor, and never a device or a network', () => {
  const user = (more: Partial<AuditEvent>) => toOcsf(event({ action: 'session.ended', details: {}, ...more }))
  expect(user({})).toMatchObject({ user: { name: 'Ada Byrne', uid: 'ada' } })
  const pia = { kind: 'account', id: 'pia', name: 'Pia' }
  expect(user({ target: pia, accountId: null })).toMatchObject({ user: { name: 'Pia', uid: 'pia' } })
  expect(user({ accountId: null })).not.toHaveProperty('user.uid')
})

test('a city without a country is a place too, and a reason is a comment where the class has one', () => {
  const told = toOcsf(event({ action: 'account.block-lifted', country: null, reason: 'a mistake' }))
  expect(told).toMatchObject({ src_endpoint: { location: { city: 'Berlin' } }, unmapped: { reason: 'a mistake' } })
  expect(told).not.toHaveProperty('comment')
})

test('every action has what its class requires, an unknown one too, and nothing that is not known', () => {
  for (const action of [...AUDIT_ACTIONS, 'something.new' as never, 'constructor' as never]) {
    for (const target of [null, { kind: 'account', id: null, name: 'x' }]) {
      const told = JSON.parse(JSON.stringify(toOcsf(event({ action, target, ip: null, accountId: null, details: {} }))))
      expect(told.type_uid).toBe(told.class_uid * 100 + told.activity_id)
      expect(told.activity_name, action).toBeTruthy()
      expect(told.class_uid === 3004 ? told.entity.name : told.user.name, action).toBeTruthy()
      if (told.class_uid === 3002) expect(told.service.name).toBeTruthy()
      expect(told.src_endpoint).toBeUndefined()
      expect(JSON.stringify({ ...told, unmapped: {} })).not.toContain('null')
    }
  }
})
