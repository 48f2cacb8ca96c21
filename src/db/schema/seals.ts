import { integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { bytea, time } from '../columns.js'
import type { AuditEventId } from '../ids.js'

/** Events that wait for their seal. A trigger puts each one in here with the very transaction that writes it. */
export const auditUnsealed = pgTable('audit_unsealed', {
  eventId: uuid('event_id').primaryKey().$type<AuditEventId>(),
})

/** The links of the chain over the audit log (S-63): each names its events, and holds the hash of the one before it. */
export const auditSeals = pgTable('audit_seals', {
  /** 1, 2, 3, ... without a gap. */
  position: integer().primaryKey(),
  at: time('at').notNull(),
  /** Hash of the seal before; 32 zeros before the first. */
  previous: bytea().notNull(),
  /** For each event, in the order of the ids: its id (16 bytes) and its SHA-256 (32 bytes). */
  members: bytea().notNull(),
  /** SHA-256 over all of the above. */
  hash: bytea().notNull(),
})

/** Which seal an event has. */
export const auditSealed = pgTable('audit_sealed', {
  eventId: uuid('event_id').primaryKey().$type<AuditEventId>(),
  seal: integer().notNull(),
})
