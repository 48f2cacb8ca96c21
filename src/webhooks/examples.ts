import type { AuditAction } from '../audit/types.js'
import { seeGuessing } from '../detections/guessing.js'
import type { MessageType } from './events.js'
import { type Payload, payloadOf, testPayload } from './payload.js'

const AT = new Date('2026-01-31T12:00:00Z')
const SESSION = '0199c3a0-5a5e-7c4b-9d3e-2f1a6b7c8d9e'
const account = { id: '0199c3a0-1111-7c4b-9d3e-2f1a6b7c8d9e', email: 'priya@example.com', name: 'Priya Raman' }
const app = { id: '0199c3a0-2222-7c4b-9d3e-2f1a6b7c8d9e', name: 'Billing' }
const by = { kind: 'account', id: '0199c3a0-3333-7c4b-9d3e-2f1a6b7c8d9e', name: 'Ada Byrne' }
const place = {
  ip: '203.0.113.7',
  country: 'DE',
  city: 'Berlin',
  browser: 'Chrome',
  os: 'Windows',
  device: 'desktop',
  method: 'password',
}
const nobody = { kind: null, id: null, name: null }
const target = (kind: string, name: string, id: string | null = name) => ({ target: { kind, id, name } })

/** What each action's line of the audit log says beyond who did it. */
const ACTS: Partial<Record<AuditAction, object>> = {
  'session.started': {
    account,
    by: { kind: 'account', id: account.id, name: account.name },
    session: { id: SESSION, app, ...place },
  },
  'detection.opened': {
    account,
    by: { kind: 'stranger', id: null, name: account.email },
    details: { ...seeGuessing({ counter: 'pair', seconds: 64 }), ip: place.ip },
  },
  'sessions.revoked': {
    ...target('sessions', 'Country is Brazil', SESSION),
    reason: 'incident 42',
    details: { ended: 1_204, filter: { country: 'BR' } },
  },
  'account.sessions-revoked': { account, reason: 'lost laptop', details: { ended: 3 } },
  'account.role-changed': { account, details: { before: { role: 'person' }, after: { role: 'responder' }, ended: 1 } },
  'account.blocked': {
    account,
    reason: 'Compromised',
    details: { after: { reason: 'Compromised', message: null, until: null }, ended: 3 },
  },
  'account.block-lifted': { account, reason: 'password changed' },
  'account.password-changed': { account, details: { ended: 1 } },
  'account.password-required': { account, reason: 'leaked', details: { ended: 2 } },
  'network.blocked': { ...target('network', '198.51.100.0/24'), reason: 'attack', details: { ended: 2 } },
  'network.block-lifted': { ...target('network', '198.51.100.0/24'), reason: 'over' },
  'killswitch.used': { ...target('app', app.name, app.id), reason: 'breach', details: { ended: 10_000 } },
  'app.disabled': { ...target('app', app.name, app.id), reason: 'retired', details: { ended: 12 } },
  'app.enabled': { ...target('app', app.name, app.id), reason: null },
  'key.revoked': { ...target('key', 'CI', SESSION) },
}

const ofActs = Object.entries(ACTS).map(([action, more]) =>
  payloadOf({
    source: 'audit',
    at: AT,
    facts: { action, reason: null, details: {}, by, target: nobody, account: null, session: null, ...more },
  }),
)

const ended = { id: SESSION, reason: 'revoked', note: 'lost laptop', by, app, account, ...place }
const many = { reason: 'kill-switch', note: 'breach', by, sessions: [{ id: SESSION, account: account.id }] }

/** One message of each type, as it is sent: for the documentation. */
export const EXAMPLES = new Map<MessageType, Payload>(
  [
    ...ofActs,
    payloadOf({ source: 'ended', facts: ended, at: AT }),
    payloadOf({ source: 'ended-many', facts: many, at: AT }),
    testPayload(AT),
  ].map((payload) => [payload.type, payload]),
)
