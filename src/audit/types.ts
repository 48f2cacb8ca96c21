import type { AccountId, AuditEventId, KeyId, SessionId } from '../db/ids.js'
import type { Position } from '../sessions/log/positions.js'

/** Who does something. Every act that changes something takes one. */
export type Actor =
  | { kind: 'account'; id: AccountId; name: string; sessionId: SessionId; ip: string | null }
  | { kind: 'key'; id: KeyId; name: string; ip: string | null }
  | { kind: 'system'; name: 'Rollcall' }
  | { kind: 'terminal'; name: 'Server terminal' }

/** Nobody is signed in yet: a refused sign-in, the one-time links. */
export interface Stranger {
  kind: 'stranger'
  name: string
  ip: string | null
}

export const SYSTEM: Actor = { kind: 'system', name: 'Rollcall' }
export const TERMINAL: Actor = { kind: 'terminal', name: 'Server terminal' }

export type AuditResult = 'done' | 'refused' | 'failed'

export const AUDIT_ACTIONS = [
  'session.started',
  'session.ended', // the person signed out
  'session.revoked', // somebody else ended it
  'sessions.revoked', // all that matched a filter
  'job.paused', // the marking of what a filter ended
  'job.resumed',
  'account.sessions-revoked',
  'account.created',
  'account.invited',
  'account.updated',
  'account.role-changed',
  'account.blocked',
  'account.block-lifted',
  'account.password-changed',
  'account.password-required',
  'account.unlocked',
  'account.note-added', // about it, among admins
  'account.note-removed',
  'network.blocked',
  'network.block-lifted',
  'sign-in.refused',
  'detection.opened', // something suspicious that a rule saw, or that a person says
  'setup.completed',
  'key.created',
  'key.changed', // its name, or how often it may ask
  'key.replaced', // by another one, for as long as both work
  'key.revoked',
  'app.created',
  'app.changed',
  'app.disabled',
  'app.enabled',
  'app.deleted',
  'host.added', // a host that a reverse proxy protects
  'host.changed',
  'host.removed',
  'killswitch.used',
  'settings.changed',
  'list.exported', // somebody took a copy of a list with them
  'audit.removed', // events whose time was over, with the hash that the chain goes on from
  'view.shared', // a saved view, with the team
  'view.withdrawn', // it is the team’s no more
  'webhook.added', // somebody is told of events
  'webhook.changed',
  'webhook.removed',
  'webhook.disabled', // by somebody, or because it failed for days
  'webhook.enabled',
  'webhook.secret-rotated',
  'webhook.replayed', // deliveries are sent once more
  'access.refused', // somebody asked for what their role or scope does not give
] as const
export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** One line of the audit log, as pages and the API show it. */
export interface AuditEvent {
  id: AuditEventId
  at: Date
  action: AuditAction
  result: AuditResult
  actor: { kind: Actor['kind'] | 'stranger'; id: string | null; name: string }
  ip: string | null
  country: string | null
  city: string | null
  target: { kind: string; id: string | null; name: string } | null
  accountId: AccountId | null
  sessionId: SessionId | null
  reason: string | null
  /** `before` and `after` hold the fields that changed; the rest is free. Never a secret. */
  details: { before?: Record<string, unknown>; after?: Record<string, unknown>; [more: string]: unknown }
  requestId: string | null
  /** Of the act, where it ended trust or gave it back: what its receipt goes by. */
  position: Position | null
}
