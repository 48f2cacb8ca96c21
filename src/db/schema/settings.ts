import { sql } from 'drizzle-orm'
import { boolean, check, integer, pgTable, text } from 'drizzle-orm/pg-core'

/** The one row (id 1) of what holds for everyone. Times are seconds. */
export const settings = pgTable(
  'settings',
  {
    id: integer().primaryKey().default(1),
    generation: integer().notNull().default(0),
    idleTimeout: integer('idle_timeout').notNull().default(86_400),
    absoluteTimeout: integer('absolute_timeout')
      .notNull()
      .default(30 * 86_400),
    adminIdleTimeout: integer('admin_idle_timeout')
      .notNull()
      .default(15 * 60),
    adminAbsoluteTimeout: integer('admin_absolute_timeout')
      .notNull()
      .default(8 * 3_600),
    sessionLimit: integer('session_limit').notNull().default(100),
    contact: text().notNull().default('your administrator'),
    /** How long the audit log is kept; null: for good. */
    auditDays: integer('audit_days'),
    /** How long ended sessions are kept; null: for good. */
    sessionDays: integer('session_days'),
    /** Viewers see addresses and names shortened. */
    maskForViewers: boolean('mask_for_viewers').notNull().default(false),
  },
  (t) => [check('settings_one_row', sql`${t.id} = 1`)],
)

/** Small facts about the installation itself: which version's migrations ran last, and the like. */
export const installation = pgTable('installation', {
  key: text().primaryKey(),
  value: text().notNull(),
})
