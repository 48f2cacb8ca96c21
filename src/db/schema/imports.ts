import { boolean, cidr, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { Finding } from '../../accounts/blocks/imports.js'
import { time } from '../columns.js'
import type { ImportId } from '../ids.js'

/** A list of networks to be blocked, as it was reviewed: what was seen is what is done. Kept a week. */
export const networkImports = pgTable('network_imports', {
  id: uuid().primaryKey().$type<ImportId>(),
  /** Of the file. */
  name: text().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  createdByName: text('created_by_name').notNull(),
  endSessions: boolean('end_sessions').notNull(),
})

export const networkImportLines = pgTable(
  'network_import_lines',
  {
    importId: uuid('import_id')
      .notNull()
      .$type<ImportId>()
      .references(() => networkImports.id, { onDelete: 'cascade' }),
    /** Of the file, from 1. */
    line: integer().notNull(),
    /** As it was written, cut. */
    written: text().notNull(),
    network: cidr(),
    reason: text().notNull(),
    until: time('until'),
    finding: text().$type<Finding>().notNull(),
    /** What there is to say of the finding, in words. */
    detail: text(),
    /** Live ones from there when it was reviewed; null when nobody counted any more. */
    sessions: integer(),
    /** What came of it: null until somebody has it done. */
    outcome: text().$type<'blocked' | 'kept' | 'refused'>(),
    /** Sessions that ended with it. */
    ended: integer().notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.importId, t.line] }),
    index('network_import_lines_finding').on(t.importId, t.finding, t.line),
  ],
)
