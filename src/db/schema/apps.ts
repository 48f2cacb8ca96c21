import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { AppIcon, Integration, Role, Scope } from '../../accounts/types.js'
import { bytea, time } from '../columns.js'
import type { AppId, KeyId } from '../ids.js'

/** A relying application. Null timeouts, and a null limit, mean those of `settings`. */
export const apps = pgTable(
  'apps',
  {
    id: uuid().primaryKey().$type<AppId>(),
    name: text().notNull(),
    icon: text().$type<AppIcon>().notNull().default('app-window'),
    /** What it was added with; null where nobody said. */
    integration: text().$type<Integration>(),
    generation: integer().notNull().default(0),
    idleTimeout: integer('idle_timeout'),
    absoluteTimeout: integer('absolute_timeout'),
    sessionLimit: integer('session_limit'),
    /** The least role that signs in to it. */
    role: text().$type<Role>().notNull().default('person'),
    /** What its processes do when they can't tell: refuse, or go by what they remember (S-16). */
    onUnavailable: text('on_unavailable').$type<'deny' | 'allow-cached'>().notNull().default('deny'),
    createdAt: time('created_at').notNull().defaultNow(),
    /** Its sessions are over while it is. */
    disabledAt: time('disabled_at'),
    /** The row stays for as long as ended sessions and the audit log speak of it. */
    deletedAt: time('deleted_at'),
  },
  (t) => [
    uniqueIndex('apps_name').on(sql`lower(${t.name})`).where(sql`${t.deletedAt} is null`),
    check('apps_on_unavailable_known', sql`${t.onUnavailable} in ('deny', 'allow-cached')`),
    check('apps_role_known', sql`${t.role} in ('person', 'viewer', 'responder', 'owner')`),
    check('apps_deleted_is_disabled', sql`${t.deletedAt} is null or ${t.disabledAt} is not null`),
  ],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid().primaryKey().$type<KeyId>(),
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    name: text().notNull(),
    /** SHA-256 of the whole key: 256 random bits need no slow hash. */
    keyHash: bytea('key_hash').notNull(),
    /** The last four characters, to tell keys apart. */
    hint: text().notNull(),
    scopes: text().array().$type<Scope[]>().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    expiresAt: time('expires_at'),
    revokedAt: time('revoked_at'),
    lastUsedAt: time('last_used_at'),
    /** The key that it was made in the place of. */
    replaces: uuid().$type<KeyId>(),
    /** Beside checks; 0: any number; null: as ROLLCALL_KEY_RATE says. */
    requestsPerMinute: integer('requests_per_minute'),
  },
  (t) => [uniqueIndex('api_keys_hash').on(t.keyHash)],
)

/** What a POST with an `Idempotency-Key` answered, for a day (S-55). */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    keyId: uuid('key_id').notNull().$type<KeyId>(),
    key: text().notNull(),
    requestHash: bytea('request_hash').notNull(),
    status: integer(),
    /** Sealed with a key that only the caller's API key yields: an answer may hold a session token (S-01). */
    answer: bytea(),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.keyId, t.key] }), index('idempotency_keys_at').on(t.at)],
)
