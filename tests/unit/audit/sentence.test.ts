import { describe, expect, test } from 'vitest'
import { auditSentence, resultText, sentenceText } from '../../../src/audit/sentence.js'
import { AUDIT_ACTIONS, type AuditAction, type AuditEvent } from '../../../src/audit/types.js'
import { valueText } from '../../../src/audit/words.js'
import { type AccountId, type AuditEventId, newId } from '../../../src/db/ids.js'

const ADA = newId<AccountId>()
const PRIYA = newId<AccountId>()
const PERSON = { kind: 'account', id: PRIYA, name: 'Priya Raman' }
const DEVICE = { kind: 'session', id: 'x', name: 'Chrome 142 on Windows' }
const SESSION = { account: 'Priya Raman', device: 'Chrome 142 on Windows', ip: '203.0.113.7', app: 'Billing' }
const STRANGER = { kind: 'stranger', id: null, name: 'priya@example.com' } as const

const anEvent = (action: AuditAction, more: Partial<AuditEvent> = {}): AuditEvent => ({
  id: newId<AuditEventId>(),
  at: new Date('2026-11-24T12:00:00Z'),
  action,
  result: 'done',
  actor: { kind: 'account', id: ADA, name: 'Ada Byrne' },
  ip: '192.0.2.18',
  country: 'IE',
  city: 'Dublin',
  target: PERSON,
  accountId: PRIYA,
  sessionId: null,
  reason: null,
  details: {},
  requestId: null,
  position: null,
  ...more,
})
const told = (event: AuditEvent, how = {}) => sentenceText(auditSentence(event, how))

const network = { kind: 'network', id: '203.0.113.0/24', name: '203.0.113.0/24' }
const of = (kind: string, name: string) => ({ kind, id: 'x', name })

/** Every action, as the domain writes it. */
const TOLD: Record<AuditAction, [Partial<AuditEvent>, string][]> = {
  'session.started': [
    [
      {
        actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' },
        target: DEVICE,
        details: { app: 'Rollcall', account: 'Priya Raman' },
      },
      'Priya Raman signed in on Chrome 142, Windows from 192.0.2.18',
    ],
    [
      {
        actor: { kind: 'key', id: 'k', name: 'Billing, production' },
        target: DEVICE,
        details: { app: 'Billing', account: 'Priya Raman' },
      },
      'Billing, production signed in Priya Raman to Billing on Chrome 142, Windows from 192.0.2.18',
    ],
  ],
  'session.ended': [
    [
      { actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' }, target: DEVICE, details: SESSION },
      'Priya Raman signed out of Billing on Chrome 142, Windows from 203.0.113.7',
    ],
  ],
  'session.revoked': [
    [
      { target: DEVICE, details: SESSION, reason: 'compromised' },
      'Ada Byrne signed out Priya Raman’s session on Chrome 142, Windows from 203.0.113.7 - reason: compromised',
    ],
    [
      { target: DEVICE, result: 'refused', details: { ...SESSION, why: 'not-allowed' } },
      'Ada Byrne tried to sign out Priya Raman’s session on Chrome 142, Windows from 203.0.113.7: the role does not allow it',
    ],
  ],
  'detection.opened': [
    [
      {
        actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' },
        target: DEVICE,
        details: { ...SESSION, rule: 'not-recognised' },
      },
      'Priya Raman did not recognise a session of their account in Billing on Chrome 142, Windows from 203.0.113.7',
    ],
    [
      { actor: STRANGER, details: { rule: 'guessing' } },
      'Somebody is guessing the password of Priya Raman from 192.0.2.18',
    ],
    [
      { actor: STRANGER, target: of('network', '192.0.2.18'), details: { rule: 'spraying' } },
      'Somebody is trying passwords on many accounts from 192.0.2.18',
    ],
    [
      { actor: STRANGER, target: null, details: { rule: 'spraying' } },
      'Somebody is trying passwords on many accounts, from many places',
    ],
    [{ actor: STRANGER, details: { rule: 'of a newer version' } }, 'Somebody does something suspicious: Priya Raman'],
  ],
  'sessions.revoked': [
    [
      { target: of('sessions', 'network 203.0.113.0/24, app Billing'), details: { ended: 1_240 }, reason: 'proxy' },
      'Ada Byrne signed out 1,240 sessions: network 203.0.113.0/24, app Billing - reason: proxy',
    ],
    [
      { target: of('sessions', 'country France'), details: { ended: 1, refused: 2 } },
      'Ada Byrne signed out 1 session: country France (left alone: 2 sessions of owners or admins)',
    ],
  ],
  'job.paused': [
    [{ target: of('sessions', 'country France') }, 'Ada Byrne paused the marking of the sign-out of country France'],
  ],
  'job.resumed': [
    [{ target: of('sessions', 'country France') }, 'Ada Byrne resumed the marking of the sign-out of country France'],
  ],
  'account.sessions-revoked': [
    [
      { details: { ended: 3 }, reason: 'left the company' },
      'Ada Byrne signed out 3 sessions of Priya Raman - reason: left the company',
    ],
    [
      { actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' }, details: { ended: 1 } },
      'Priya Raman signed out 1 session of their own',
    ],
  ],
  'account.created': [[{ details: { after: { role: 'person' } } }, 'Ada Byrne made the account Priya Raman as person']],
  'account.invited': [
    [{ details: { after: { role: 'viewer' } } }, 'Ada Byrne invited Priya Raman as viewer'],
    [{ details: { again: true } }, 'Ada Byrne made a new link for Priya Raman'],
    [
      { result: 'refused', details: { again: true, why: 'not-allowed' } },
      'Ada Byrne tried to make a new link for Priya Raman: the role does not allow it',
    ],
  ],
  'account.updated': [
    [
      { details: { before: { email: 'a@example.com' }, after: { email: 'b@example.com' } } },
      'Ada Byrne changed the e-mail address of Priya Raman',
    ],
    [
      { actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' }, details: { after: { name: 'P', email: 'b' } } },
      'Priya Raman changed the name and e-mail address of their own account',
    ],
  ],
  'account.role-changed': [
    [
      { details: { before: { role: 'person' }, after: { role: 'viewer' }, ended: 2 } },
      'Ada Byrne changed the role of Priya Raman from person to viewer, ending 2 sessions',
    ],
    [
      { result: 'refused', details: { before: { role: 'owner' }, after: { role: 'person' }, why: 'last-owner' } },
      'Ada Byrne tried to change the role of Priya Raman from owner to person: it is the last owner who can sign in',
    ],
  ],
  'account.blocked': [
    [
      { details: { after: { until: null }, ended: 3 }, reason: 'compromised' },
      'Ada Byrne blocked Priya Raman until lifted, ending 3 sessions - reason: compromised',
    ],
    [
      { details: { after: { until: '2027-01-02T09:30:00.000Z' }, ended: 0 } },
      'Ada Byrne blocked Priya Raman until 2 Jan 2027, 09:30 UTC',
    ],
    [
      { result: 'refused', details: { why: 'self' }, reason: 'policy' },
      'Ada Byrne tried to block Priya Raman: nobody does that to themselves - reason: policy',
    ],
  ],
  'account.block-lifted': [
    [
      { actor: { kind: 'system', id: null, name: 'Rollcall' }, reason: 'Its time was over' },
      'Rollcall lifted the block on Priya Raman - reason: Its time was over',
    ],
  ],
  'account.password-changed': [
    [
      { actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' }, details: { how: 'by the person', ended: 2 } },
      'Priya Raman changed their password, ending 2 sessions',
    ],
    [
      {
        actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' },
        result: 'refused',
        details: { why: 'wrong-password' },
      },
      'Priya Raman tried to change their password: wrong password',
    ],
    [
      { actor: { kind: 'stranger', id: null, name: 'Priya Raman' }, details: { how: 'invitation', ended: 0 } },
      'Priya Raman chose a password with a one-time link',
    ],
    [
      { actor: { kind: 'stranger', id: null, name: 'Priya Raman' }, details: { how: 'required', ended: 0 } },
      'Priya Raman chose the new password that was required',
    ],
    [
      { actor: { kind: 'system', id: null, name: 'Rollcall' }, details: { how: 'configuration' } },
      'Rollcall set the password of Priya Raman',
    ],
  ],
  'account.password-required': [
    [{ details: { ended: 2 } }, 'Ada Byrne required a new password of Priya Raman, ending 2 sessions'],
    [
      { result: 'refused', details: { why: 'no-password' } },
      'Ada Byrne tried to require a new password of Priya Raman: the account has no password here',
    ],
  ],
  'account.unlocked': [
    [
      { actor: { kind: 'terminal', id: null, name: 'Server terminal' } },
      'Server terminal made a way back in as owner for Priya Raman',
    ],
  ],
  'account.note-added': [
    [{}, 'Ada Byrne wrote a note about Priya Raman'],
    [
      { result: 'refused', details: { why: 'too-many-notes' } },
      'Ada Byrne tried to write a note about Priya Raman: there are as many notes about it as there may be',
    ],
  ],
  'account.note-removed': [
    [{}, 'Ada Byrne removed a note about Priya Raman'],
    [
      { result: 'refused', details: { why: 'not-allowed' } },
      'Ada Byrne tried to remove a note about Priya Raman: the role does not allow it',
    ],
  ],
  'network.blocked': [
    [
      { target: network, details: { after: { until: '2026-12-01T12:00:00.000Z' }, ended: 2 }, reason: 'attack' },
      'Ada Byrne blocked network 203.0.113.0/24 until 1 Dec, 12:00 UTC, ending 2 sessions - reason: attack',
    ],
    [{ target: network, details: { confirmed: true } }, 'Ada Byrne confirmed the block on network 203.0.113.0/24'],
    [
      { target: network, result: 'refused', details: { why: 'owner-inside' } },
      'Ada Byrne tried to block network 203.0.113.0/24: an owner is signed in from there',
    ],
  ],
  'network.block-lifted': [[{ target: network }, 'Ada Byrne lifted the block on network 203.0.113.0/24']],
  'sign-in.refused': [
    [
      { actor: STRANGER, result: 'refused', details: { why: 'wrong-password' } },
      'Somebody tried to sign in as Priya Raman from 192.0.2.18: wrong password',
    ],
    [
      { actor: STRANGER, target: null, result: 'refused', details: { why: 'unknown-account' } },
      'Somebody tried to sign in as priya@example.com from 192.0.2.18: no such account',
    ],
  ],
  'setup.completed': [
    [
      { actor: { kind: 'stranger', id: null, name: 'Ada Byrne' } },
      'Ada Byrne set up Rollcall and became its first owner',
    ],
    [
      { actor: { kind: 'system', id: null, name: 'Rollcall' } },
      'Rollcall made Priya Raman the first owner, as the configuration says',
    ],
  ],
  'key.created': [
    [
      { target: of('key', 'Billing, production'), details: { after: { app: 'Billing' } } },
      'Ada Byrne made the API key Billing, production for Billing',
    ],
  ],
  'key.changed': [
    [
      {
        target: of('key', 'Billing'),
        details: { app: 'Shop', before: { requestsPerMinute: null }, after: { requestsPerMinute: 600 } },
      },
      'Ada Byrne changed the requests a minute of the API key Billing of Shop',
    ],
    [
      { target: of('key', 'Billing'), result: 'refused', details: { why: 'not-allowed' } },
      'Ada Byrne tried to change the API key Billing: the role does not allow it',
    ],
  ],
  'key.replaced': [
    [
      { target: of('key', 'Billing'), details: { app: 'Shop', until: '2026-11-21T09:30:00.000Z' } },
      'Ada Byrne made a key in the place of the API key Billing of Shop, which works until 21 Nov, 09:30 UTC',
    ],
    [
      { target: of('key', 'Billing'), details: { app: 'Shop', until: null } },
      'Ada Byrne made a key in the place of the API key Billing of Shop, which works until it is revoked',
    ],
  ],
  'key.revoked': [
    [
      { target: of('key', 'Old script'), details: { app: 'Console' } },
      'Ada Byrne revoked the API key Old script of Console',
    ],
  ],
  'app.created': [[{ target: of('app', 'Billing') }, 'Ada Byrne added the app Billing']],
  'app.changed': [
    [
      { target: of('app', 'Billing'), details: { after: { onUnavailable: 'allow-cached' } } },
      'Ada Byrne set Billing to accept remembered sessions while Rollcall can’t be asked',
    ],
    [
      { target: of('app', 'Billing'), details: { after: { onUnavailable: 'deny' } } },
      'Ada Byrne set Billing to refuse sessions while Rollcall can’t be asked',
    ],
    [
      { target: of('app', 'Rollcall'), result: 'refused', details: { why: 'built-in-app' } },
      'Ada Byrne tried to change Rollcall: it is Rollcall itself',
    ],
    [
      {
        target: of('app', 'Billing'),
        details: { before: { name: 'Bill', role: 'person' }, after: { name: 'Billing', role: 'viewer' }, ended: 3 },
      },
      'Ada Byrne changed the name and role that signs in of the app Billing, ending 3 sessions',
    ],
  ],
  'app.disabled': [
    [
      { target: of('app', 'Billing'), details: { ended: 1_200 }, reason: 'breach' },
      'Ada Byrne disabled the app Billing, ending 1,200 sessions - reason: breach',
    ],
  ],
  'app.enabled': [[{ target: of('app', 'Billing') }, 'Ada Byrne enabled the app Billing']],
  'app.deleted': [[{ target: of('app', 'Billing') }, 'Ada Byrne deleted the app Billing']],
  'host.added': [
    [
      { target: of('host', 'wiki.example.com'), details: { after: { app: 'Wiki' } } },
      'Ada Byrne protected the host wiki.example.com for Wiki',
    ],
    [
      { target: of('host', 'wiki.example.com'), result: 'refused', details: { why: 'not-allowed' } },
      'Ada Byrne tried to protect the host wiki.example.com: the role does not allow it',
    ],
  ],
  'host.changed': [
    [{ target: of('host', 'wiki.example.com') }, 'Ada Byrne changed how the host wiki.example.com is protected'],
  ],
  'host.removed': [
    [{ target: of('host', 'wiki.example.com') }, 'Ada Byrne removed the protected host wiki.example.com'],
  ],
  'webhook.added': [
    [{ target: of('webhook', 'https://example.com/hooks') }, 'Ada Byrne added the webhook https://example.com/hooks'],
  ],
  'webhook.changed': [
    [{ target: of('webhook', 'https://example.com/hooks') }, 'Ada Byrne changed the webhook https://example.com/hooks'],
  ],
  'webhook.removed': [
    [{ target: of('webhook', 'https://example.com/hooks') }, 'Ada Byrne deleted the webhook https://example.com/hooks'],
  ],
  'webhook.disabled': [
    [
      { target: of('webhook', 'https://example.com/hooks'), details: { cause: 'failing' } },
      'Ada Byrne disabled the webhook https://example.com/hooks: it had failed for three days',
    ],
    [
      { target: of('webhook', 'https://example.com/hooks'), result: 'refused', details: { why: 'not-allowed' } },
      'Ada Byrne tried to disable the webhook https://example.com/hooks: the role does not allow it',
    ],
  ],
  'webhook.enabled': [
    [{ target: of('webhook', 'https://example.com/hooks') }, 'Ada Byrne enabled the webhook https://example.com/hooks'],
  ],
  'webhook.secret-rotated': [
    [
      { target: of('webhook', 'https://example.com/hooks') },
      'Ada Byrne replaced the secret of the webhook https://example.com/hooks',
    ],
  ],
  'webhook.replayed': [
    [
      { target: of('webhook', 'https://example.com/hooks') },
      'Ada Byrne sent deliveries once more to the webhook https://example.com/hooks',
    ],
  ],
  'killswitch.used': [
    [
      { target: { kind: 'everything', id: null, name: 'everyone' }, details: { ended: 10_000 }, reason: 'breach' },
      'Ada Byrne used the kill switch on everyone, ending 10,000 or more sessions - reason: breach',
    ],
    [
      { target: of('app', 'Billing'), result: 'refused', details: { why: 'not-allowed' } },
      'Ada Byrne tried to use the kill switch on Billing: the role does not allow it',
    ],
  ],
  'view.shared': [[{ target: of('view', 'From Brazil') }, 'Ada Byrne shared the view From Brazil']],
  'view.withdrawn': [
    [{ target: of('view', 'From Brazil') }, 'Ada Byrne took the shared view From Brazil away'],
    [
      { target: of('view', 'From Brazil'), result: 'refused' },
      'Ada Byrne tried to take the shared view From Brazil away',
    ],
  ],
  'settings.changed': [
    [
      { target: of('settings', 'Settings'), details: { before: { idleTimeout: 3600 }, after: { idleTimeout: 1800 } } },
      'Ada Byrne set the idle timeout of people from 1 hour to 30 minutes',
    ],
    [
      {
        target: of('settings', 'Settings'),
        details: { before: { idleTimeout: 3600, sessionLimit: 5 }, after: { idleTimeout: 1800, sessionLimit: 6 } },
      },
      'Ada Byrne changed the idle timeout of people and session limit',
    ],
  ],
  'list.exported': [
    [
      { target: of('list', 'Sessions'), details: { format: 'csv', rows: 1214, filter: { state: 'live' } } },
      'Ada Byrne exported the list Sessions, 1,214 lines as CSV',
    ],
    [
      { target: of('list', 'Audit log'), result: 'failed', details: { format: 'jsonl', rows: 1 } },
      'Ada Byrne broke off an export of the list Audit log, 1 line as JSON Lines',
    ],
  ],
  'audit.removed': [
    [
      { actor: { kind: 'system', id: null, name: 'Rollcall' }, details: { events: 2000, seal: 4 } },
      'Rollcall removed 2,000 events of the audit log that were older than it is kept',
    ],
  ],
  'access.refused': [
    [
      {
        result: 'refused',
        target: null,
        details: { method: 'GET', path: '/admin/settings/keys', needed: 'owner', has: 'viewer' },
      },
      'Ada Byrne tried to open /admin/settings/keys, needs role owner',
    ],
    [
      {
        result: 'refused',
        target: null,
        actor: { kind: 'key', id: 'k', name: 'Old script' },
        details: { method: 'POST', path: '/api/v1/blocks', needed: 'blocks:write', has: ['sessions:read'] },
      },
      'Old script tried to use /api/v1/blocks, needs scope blocks:write',
    ],
  ],
}

describe.each(AUDIT_ACTIONS)('%s', (action) => {
  test.each(TOLD[action])('reads as a sentence: %#', (event, sentence) => {
    expect(told(anEvent(action, event))).toBe(sentence)
  })

  test('reads as a sentence with nothing known but who and what', () => {
    const bare = anEvent(action, { target: null, accountId: null, ip: null, details: {} })
    for (const result of ['done', 'refused', 'failed'] as const) {
      expect(told({ ...bare, result })).toMatch(/^(Ada Byrne) [a-z]/)
      expect(told({ ...bare, result })).not.toMatch(/undefined|null|\[object/)
    }
  })
})

test('an action that a newer version wrote is named, and the page stands', () => {
  const event = { ...anEvent('account.blocked'), action: 'account.frozen' as AuditAction }
  expect(told(event)).toBe('Ada Byrne did “account.frozen” to Priya Raman')
})

test('the reader is told as "You", and brief sentences leave out device, address and what ended', () => {
  const event = anEvent('session.revoked', { target: DEVICE, details: SESSION, reason: 'compromised' })
  expect(told(event, { you: ADA, brief: true })).toBe('You signed out Priya Raman’s session · compromised')
  expect(told(event, { you: PRIYA, brief: true })).toBe('Ada signed out Priya Raman’s session · compromised')
  const own = anEvent('account.password-changed', {
    actor: { kind: 'account', id: PRIYA, name: 'Priya Raman' },
    details: { how: 'by the person', ended: 2 },
  })
  expect(told(own, { you: PRIYA, brief: true })).toBe('You changed your password')
})

test('S-43 what came from outside stays in parts of its own', () => {
  const parts = auditSentence(
    anEvent('account.blocked', { target: { ...PERSON, name: '<b>x</b>' }, reason: '"><script>', details: {} }),
  )
  expect(parts).toContainEqual({ text: '<b>x</b>', strong: true })
  expect(parts.at(-1)).toEqual({ text: ' - reason: "><script>', muted: true })
})

test('what came of an event is said in a word or two', () => {
  expect(resultText(anEvent('account.blocked', { details: { ended: 1_214 } }))).toBe('1,214 sessions ended')
  expect(resultText(anEvent('session.started'))).toBe('accepted')
  expect(resultText(anEvent('settings.changed'))).toBe('saved')
  expect(resultText(anEvent('detection.opened', { details: { severity: 'high' } }))).toBe('severity high')
  expect(resultText(anEvent('account.blocked', { result: 'refused' }))).toBe('refused')
})

test('values of fields are told for people', () => {
  expect(valueText('idleTimeout', 900)).toBe('15 minutes')
  expect(valueText('until', null)).toBe('until lifted')
  expect(valueText('message', null)).toBe('none')
  expect(valueText('scopes', ['a', 'b'])).toBe('a, b')
  expect(valueText('until', '2026-12-01T12:00:00.000Z')).toBe('1 Dec 2026, 12:00 UTC')
  expect(valueText('until', 'never mind')).toBe('never mind')
})
