import type { AuditAction } from './types.js'

/** What people look for in the log, as chips over it. `failures` is by result as well: everything that was refused. */
export const AUDIT_GROUPS = {
  'sign-outs': [
    'session.ended',
    'session.revoked',
    'sessions.revoked',
    'account.sessions-revoked',
    'killswitch.used',
    'app.disabled',
  ],
  blocks: ['account.blocked', 'account.block-lifted', 'network.blocked', 'network.block-lifted'],
  'sign-ins': ['session.started'],
  'sign-in-history': ['session.started', 'sign-in.refused'],
  failures: ['sign-in.refused', 'access.refused'],
  accounts: [
    'account.created',
    'account.invited',
    'account.updated',
    'account.role-changed',
    'account.password-changed',
    'account.password-required',
    'account.unlocked',
    'setup.completed',
  ],
  /** What admins did to others: for the overview. */
  'admin-acts': [
    'session.revoked',
    'sessions.revoked',
    'account.sessions-revoked',
    'account.blocked',
    'account.block-lifted',
    'network.blocked',
    'network.block-lifted',
    'account.invited',
    'account.role-changed',
    'account.password-required',
    'account.unlocked',
    'settings.changed',
    'key.created',
    'key.revoked',
    'app.created',
    'app.changed',
    'app.disabled',
    'app.enabled',
    'host.added',
    'host.changed',
    'host.removed',
    'killswitch.used',
  ],
  settings: [
    'settings.changed',
    'view.shared',
    'view.withdrawn',
    'key.created',
    'key.revoked',
    'app.created',
    'app.changed',
    'app.disabled',
    'app.enabled',
    'host.added',
    'host.changed',
    'host.removed',
  ],
} as const satisfies Record<string, readonly AuditAction[]>
export type AuditGroup = keyof typeof AUDIT_GROUPS

export const isAuditGroup = (text: string): text is AuditGroup => Object.hasOwn(AUDIT_GROUPS, text)
