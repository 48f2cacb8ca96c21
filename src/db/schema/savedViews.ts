import { sql } from 'drizzle-orm'
import { boolean, check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { time } from '../columns.js'
import type { AccountId, ViewId } from '../ids.js'
import { accounts } from './accounts.js'

/** A filter of a list that an admin gave a name; `query` is what stands after the `?` in its address. */
export const savedViews = pgTable(
  'saved_views',
  {
    id: uuid().primaryKey().$type<ViewId>(),
    ownerId: uuid('owner_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    list: text().$type<'sessions' | 'accounts' | 'audit'>().notNull(),
    name: text().notNull(),
    query: text().notNull(),
    shared: boolean().notNull().default(false),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('saved_views_name').on(t.ownerId, t.list, sql`lower(${t.name})`),
    index('saved_views_shared').on(t.list).where(sql`${t.shared}`),
    check('saved_views_list_known', sql`${t.list} in ('sessions', 'accounts', 'audit')`),
  ],
)
