import type { AccountId, AppId, BlockId, KeyId } from '../db/ids.js'

export const ROLES = ['person', 'viewer', 'responder', 'owner'] as const
/** person: the own devices; viewer: sees the panel; responder: signs out and blocks; owner: settings, keys, admins. */
export type Role = (typeof ROLES)[number]

export const isAdmin = (role: Role): boolean => role !== 'person'
export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)

export interface Account {
  id: AccountId
  email: string | null
  name: string
  role: Role
  /** `invited`: has no password yet and an open invitation. */
  status: 'active' | 'invited' | 'blocked'
  createdAt: Date
  hasPassword: boolean
  /** The next sign-in with the present one leads to the choice of another. */
  newPasswordRequired: boolean
  block: Block | null
}

/** A line of the accounts list. */
export interface AccountSummary extends Account {
  liveSessions: number
  lastSeenAt: Date | null
}

export interface Block {
  id: BlockId
  kind: 'account' | 'network'
  account: { id: AccountId; name: string; email: string | null } | null
  network: string | null
  reason: string
  message: string | null
  until: Date | null
  createdAt: Date
  createdBy: string
  lifted: { at: Date; by: string; reason: string | null } | null
  /** Sessions that ended when it was set. */
  ended: number
  confirmBy: Date | null
}

/** What an app may be drawn with: names of icons. */
export const APP_ICONS = [
  'app-window',
  'store',
  'credit-card',
  'file-text',
  'message-square',
  'chart-line',
  'code',
  'server',
  'globe',
] as const
export type AppIcon = (typeof APP_ICONS)[number]

/** How an app asks Rollcall. */
export const INTEGRATIONS = ['express', 'express-session', 'hono', 'node', 'proxy', 'http'] as const
export type Integration = (typeof INTEGRATIONS)[number]

export const SCOPES = [
  'sessions:verify',
  'sessions:write',
  'sessions:read',
  'accounts:write',
  'blocks:write',
  'audit:read',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

/** As many as `ROLLCALL_KEY_RATE` takes. */
export const MOST_PER_MINUTE = 10_000_000

export interface ApiKey {
  id: KeyId
  app: { id: AppId; name: string }
  name: string
  hint: string
  scopes: Scope[]
  createdAt: Date
  createdBy: string
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
  /** The key that it was made in the place of. */
  replaces: KeyId | null
  /** How many it may make of one process, beside checks; 0: any number; null: as `ROLLCALL_KEY_RATE` says. */
  requestsPerMinute: number | null
}

/** Whether a request with it is taken, as far as its own end goes. */
export const isUsable = ({ revokedAt, expiresAt }: ApiKey, now: Date): boolean =>
  !revokedAt && !(expiresAt && expiresAt <= now)

/** Timeouts in seconds. */
export interface Settings {
  idleTimeout: number
  absoluteTimeout: number
  adminIdleTimeout: number
  adminAbsoluteTimeout: number
  /** Live sessions of an account in one app; the oldest there ends when one more starts. */
  sessionLimit: number
  /** Whom a blocked person is told to ask. */
  contact: string
  /** How long the audit log is kept; null: for good. */
  auditDays: number | null
  /** How long ended sessions are kept; null: for good. */
  sessionDays: number | null
  /** Viewers see addresses and names shortened. */
  maskForViewers: boolean
}
