import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { time } from '../columns.js'
import type { AccountId, NoteId } from '../ids.js'
import { accounts } from './accounts.js'

/** What admins write down about an account, for one another. It goes with the account: the audit log has no word of it. */
export const accountNotes = pgTable(
  'account_notes',
  {
    id: uuid().primaryKey().$type<NoteId>(),
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    note: text().notNull(),
    byKind: text('by_kind').notNull(),
    byId: text('by_id'),
    byName: text('by_name').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [index('account_notes_account').on(t.accountId, t.id)],
)
