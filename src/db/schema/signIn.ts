import { doublePrecision, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea, time } from '../columns.js'
import type { AccountId } from '../ids.js'
import { accounts } from './accounts.js'

/** A password (argon2id PHC string, parameters inside). One an account. */
export const credentials = pgTable('credentials', {
  accountId: uuid('account_id')
    .primaryKey()
    .$type<AccountId>()
    .references(() => accounts.id),
  passwordHash: text('password_hash').notNull(),
  changedAt: time('changed_at').notNull().defaultNow(),
  /** Since when it opens nothing but the choice of a new one. */
  newRequiredAt: time('new_required_at'),
})

/** Half-way through a sign-in whose password was right and has to be changed; no session. One an account. */
export const passwordRenewals = pgTable('password_renewals', {
  accountId: uuid('account_id')
    .primaryKey()
    .$type<AccountId>()
    .references(() => accounts.id),
  tokenHash: bytea('token_hash').notNull(),
  expiresAt: time('expires_at').notNull(),
})

/** Links that make an account's first password, or a new one; only their SHA-256 is kept (S-25). */
export const invitations = pgTable(
  'invitations',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    emailKey: text('email_key').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
  },
  (t) => [index('invitations_account').on(t.accountId)],
)

/** The one-time link for the first owner; at most one row (S-24). */
export const setupLinks = pgTable('setup_links', {
  id: integer().primaryKey().default(1),
  tokenHash: bytea('token_hash').notNull(),
  expiresAt: time('expires_at').notNull(),
})

/** Browsers that an account has signed in from: they keep a budget of their own when others guess (S-23). */
export const knownDevices = pgTable(
  'known_devices',
  {
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    tokenHash: bytea('token_hash').notNull(),
    lastUsedAt: time('last_used_at').notNull().defaultNow(),
  },
  // A sign-in looks for the browser's own, whosesoever it is.
  (t) => [primaryKey({ columns: [t.accountId, t.tokenHash] }), index('known_devices_token').on(t.tokenHash)],
)

/**
 * How many failed sign-ins an account, an address, a network has to live with (S-23): a level that leaks away.
 * E-mail addresses are in the key as SHA-256 only: people type passwords into that box.
 */
export const signInLimits = pgTable(
  'sign_in_limits',
  {
    key: text().primaryKey(),
    /** Failures not yet forgotten, as they stood at `at`. */
    level: doublePrecision().notNull(),
    at: time('at').notNull(),
    /** What the counter bears, as of its last failure: `Budget` in src/accounts/limits.ts. */
    free: doublePrecision().notNull(),
    forgetAfter: doublePrecision('forget_after').notNull(),
    longestWait: doublePrecision('longest_wait').notNull(),
    /** When a refusal by this row was last written to the audit log: a flood writes one line a minute. */
    notedAt: time('noted_at'),
    /** When what it counts was last told as a detection: once an hour, as long as it goes on. */
    detectedAt: time('detected_at'),
  },
  (t) => [index('sign_in_limits_at').on(t.at)],
)
