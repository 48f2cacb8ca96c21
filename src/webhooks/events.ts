import type { AuditAction } from '../audit/types.js'

/** What an endpoint may ask for, each with what it means. */
export const EVENTS = {
  'session.started': 'Somebody signed in',
  'session.ended': 'A session is over, whatever ended it; many at once come as session.ended_many',
  'detection.opened':
    'Something suspicious: guessed or sprayed passwords, a session that its person does not recognise',
  'account.blocked': 'An account is refused from now on',
  'account.lifted': 'The block of an account is lifted, or has run out',
  'account.sessions_revoked': 'Somebody signed an account out everywhere, or on all other devices',
  'account.role_changed': 'An account has another role',
  'account.password_changed': 'An account has another password',
  'account.password_required': 'An account has to choose a new password',
  'network.blocked': 'A network is refused from now on',
  'network.lifted': 'The block of a network is lifted, or has run out',
  'sessions.revoked': 'Somebody ended all sessions that match a filter',
  'killswitch.used': 'Somebody ended all sessions of an app, or of everyone',
  'app.disabled': 'An app is switched off: its sessions are over',
  'app.enabled': 'An app is switched on again',
  'key.revoked': 'An API key is refused from now on',
} as const satisfies Record<string, string>

export type EventType = keyof typeof EVENTS

export const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]]

/** What is sent: those, what many endings at once become, and the test. */
export type MessageType = EventType | 'session.ended_many' | 'rollcall.test'

/**
 * The event that a line of the audit log becomes, where somebody did what it tells of. A new action without a decision
 * here does not compile. Sessions that end have a trigger of their own: most leave no line.
 */
export const EVENT_OF: Record<AuditAction, EventType | null> = {
  'session.started': 'session.started',
  'session.ended': null, // by the trigger on `sessions`
  'session.revoked': null, // by the trigger on `sessions`
  'sessions.revoked': 'sessions.revoked',
  'job.paused': null,
  'job.resumed': null,
  'account.sessions-revoked': 'account.sessions_revoked',
  'account.created': null,
  'account.invited': null,
  'account.updated': null,
  'account.role-changed': 'account.role_changed',
  'account.blocked': 'account.blocked',
  'account.block-lifted': 'account.lifted',
  'account.password-changed': 'account.password_changed',
  'account.password-required': 'account.password_required',
  'account.note-added': null, // among admins
  'account.note-removed': null,
  'account.unlocked': null, // its blocks are lifted with a line each
  'network.blocked': 'network.blocked',
  'network.block-lifted': 'network.lifted',
  'sign-in.refused': null,
  'detection.opened': 'detection.opened',
  'setup.completed': null,
  'key.created': null,
  'key.changed': null,
  'key.revoked': 'key.revoked',
  'key.replaced': null,
  'app.created': null,
  'app.changed': null,
  'app.disabled': 'app.disabled',
  'app.enabled': 'app.enabled',
  'app.deleted': null, // disabled before
  'host.added': null,
  'host.changed': null,
  'host.removed': null,
  'killswitch.used': 'killswitch.used',
  'settings.changed': null,
  'list.exported': null,
  'audit.removed': null,
  'view.shared': null,
  'view.withdrawn': null,
  'access.refused': null,
  'webhook.added': null,
  'webhook.changed': null,
  'webhook.removed': null,
  'webhook.disabled': null,
  'webhook.enabled': null,
  'webhook.secret-rotated': null,
  'webhook.replayed': null,
}

/** The lines of the audit log that have to be looked for. */
export const actionsOf = (events: readonly EventType[]): AuditAction[] =>
  (Object.keys(EVENT_OF) as AuditAction[]).filter((action) => {
    const event = EVENT_OF[action]
    return event !== null && events.includes(event)
  })
