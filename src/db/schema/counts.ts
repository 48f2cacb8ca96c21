import { bigint, bigserial, doublePrecision, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { time } from '../columns.js'

/** What the charts draw: one row for each quarter of an hour. */
export const sessionCounts = pgTable('session_counts', {
  at: time('at').primaryKey(),
  live: integer().notNull(),
  online: integer().notNull(),
  signIns: integer('sign_ins').notNull(),
  failures: integer().notNull(),
  ended: integer().notNull(),
})

/**
 * How many sessions have not ended, in all and by each value and each pair of values that lists filter by, as of the
 * last change that was added up. Where `session_changes` are counted with them, the numbers are exact at each moment.
 */
export const sessionTallies = pgTable(
  'session_tallies',
  {
    /** all, one of the filters, two of them ("country+browser"), city, or online */
    kind: text().notNull(),
    a: text().notNull(),
    b: text().notNull(),
    /** That have not ended. */
    n: bigint({ mode: 'number' }).notNull(),
    /** That have. */
    ended: bigint({ mode: 'number' }).notNull().default(0),
    /** Of a city: where its last session was. */
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    /** Of those that are counted anew from time to time: when. */
    at: time('at'),
  },
  (t) => [primaryKey({ columns: [t.kind, t.a, t.b] })],
)

/** Sessions that began (`n` more), ended (`n` fewer, `ended` more) or left, and are not in the tallies yet. Triggers on `sessions` write them. */
export const sessionChanges = pgTable('session_changes', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  n: integer().notNull(),
  ended: integer().notNull().default(0),
  appId: uuid('app_id').notNull(),
  country: text(),
  browser: text(),
  os: text(),
  deviceType: text('device_type').notNull(),
  method: text().notNull(),
  city: text(),
  latitude: doublePrecision(),
  longitude: doublePrecision(),
})
