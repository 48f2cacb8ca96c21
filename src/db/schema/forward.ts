import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { HostRule, Needed } from '../../accounts/apps/hostRules.js'
import { bytea, time } from '../columns.js'
import type { AccountId, AppId, HostId, SessionId } from '../ids.js'
import { accounts } from './accounts.js'
import { apps } from './apps.js'
import { sessions } from './sessions.js'

/** A host whose reverse proxy asks `/verify`: its sessions are those of the app. What stands here is protected, nothing else is let in. */
export const protectedHosts = pgTable(
  'protected_hosts',
  {
    id: uuid().primaryKey().$type<HostId>(),
    /** As browsers send it, canonical; with its port where that is not the usual one. */
    host: text().notNull(),
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    /** Who is let in where no rule says otherwise. */
    role: text().$type<Needed>().notNull(),
    rules: jsonb().$type<HostRule[]>().notNull().default([]),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('protected_hosts_host').on(t.host)],
)

/**
 * A sign-in at Rollcall handed over to a protected host: first a code for one use, then the tie between the two sessions,
 * for as long as both rows are kept. Only the SHA-256 of a code is here.
 */
export const handOvers = pgTable(
  'hand_overs',
  {
    codeHash: bytea('code_hash').primaryKey(),
    host: text().notNull(),
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    accountGeneration: integer('account_generation').notNull(),
    /** SHA-256, base64url, of what the browser that asked holds in a cookie of the protected host. */
    challenge: text().notNull(),
    /** The sign-in at Rollcall. */
    fromSession: uuid('from_session')
      .notNull()
      .$type<SessionId>()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    /** What it became on the protected host; null while the code was not used. */
    toSession: uuid('to_session')
      .$type<SessionId>()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
  },
  (t) => [
    index('hand_overs_from').on(t.fromSession, t.appId),
    index('hand_overs_to').on(t.toSession),
    index('hand_overs_unused').on(t.expiresAt).where(sql`${t.toSession} is null`),
  ],
)
