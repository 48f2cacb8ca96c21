import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { time } from '../columns.js'
import type { AccountId, AppId } from '../ids.js'
import { apps } from './apps.js'

/** Someone who can sign in. `generation` is what its sessions are born with: one increment ends them all. */
export const accounts = pgTable(
  'accounts',
  {
    id: uuid().primaryKey().$type<AccountId>(),
    email: text(),
    /** How addresses are compared: NFKC, trimmed, lower case (S-54). */
    emailKey: text('email_key'),
    name: text().notNull(),
    role: text().$type<'person' | 'viewer' | 'responder' | 'owner'>().notNull().default('person'),
    generation: integer().notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('accounts_email_key').on(t.emailKey),
    index('accounts_role').on(t.role).where(sql`${t.role} <> 'person'`),
    index('accounts_name').on(sql`lower(${t.name})`, t.id),
    // A beginning of two letters is found by these; longer parts by accounts_words, where the database has pg_trgm.
    index('accounts_name_start').on(sql`lower(${t.name}) collate "C"`),
    index('accounts_email_start').on(sql`${t.emailKey} collate "C"`),
    check('accounts_role_known', sql`${t.role} in ('person', 'viewer', 'responder', 'owner')`),
  ],
)

/** How an app calls an account: its own user id, unique within the app. */
export const accountIdentities = pgTable(
  'account_identities',
  {
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    externalId: text('external_id').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
  },
  (t) => [primaryKey({ columns: [t.appId, t.externalId] }), index('account_identities_account').on(t.accountId)],
)
