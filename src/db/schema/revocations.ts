import { sql } from 'drizzle-orm'
import { bigserial, boolean, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { time, xid8 } from '../columns.js'

/** Everything that makes a cached verdict stale, ordered by transaction. Kept an hour. */
export const revocations = pgTable(
  'revocations',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    /** `sessions`: many in one row, their ids separated by commas. */
    kind: text()
      .$type<'session' | 'sessions' | 'account' | 'app' | 'everything' | 'network' | 'policy' | 'key' | 'stored'>()
      .notNull(),
    target: text().notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [index('revocations_xid').on(t.xid, t.id), index('revocations_at').on(t.at)],
)

/** One row a node: that it lives, and what it has applied of the revocation log. */
export const followers = pgTable('followers', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  version: text().notNull(),
  startedAt: time('started_at').notNull().defaultNow(),
  /** As `formatSnapshot` writes it; null until the first poll was answered. */
  snapshot: text(),
  /** Of the last poll that counted: the node's lease has run out at most `leaseMs` after it. */
  seenAt: time('seen_at').notNull(),
  /** Of the last report of a snapshot, which extends no lease. */
  reportedAt: time('reported_at'),
  leaseMs: integer('lease_ms').notNull(),
  stats: jsonb().notNull().default({}),
  /** The app processes that follow this node. */
  apps: jsonb().notNull().default([]),
  /** It has stopped, and trusts no memory any more; what followed it may do so for the rest of a lease. */
  leftAt: time('left_at'),
})

/** Who refuses what one act ended: kept from the moment it is complete, and while it is not. */
export const receipts = pgTable('receipts', {
  /** The act's transaction. */
  xid: xid8().primaryKey(),
  at: time('at').notNull().defaultNow(),
  nodes: integer().notNull(),
  nodesTotal: integer('nodes_total').notNull(),
  apps: integer().notNull(),
  appsTotal: integer('apps_total').notNull(),
  /** From the commit until the last one had it; null while not complete. */
  afterMs: integer('after_ms'),
  /** Who has not got it yet. */
  late: jsonb().notNull().default([]),
  complete: boolean().notNull().default(false),
})
