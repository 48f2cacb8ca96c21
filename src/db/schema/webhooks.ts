import { sql } from 'drizzle-orm'
import { bigint, bigserial, check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { AuditAction } from '../../audit/types.js'
import type { EventType } from '../../webhooks/events.js'
import { time } from '../columns.js'
import type { WebhookId } from '../ids.js'

/** Where somebody wants to be told of events. */
export const webhooks = pgTable('webhooks', {
  id: uuid().primaryKey().$type<WebhookId>(),
  url: text().notNull(),
  description: text().notNull().default(''),
  events: text().array().$type<EventType[]>().notNull(),
  /** The lines of the audit log that make these events: what the trigger on it looks for. */
  actions: text().array().$type<AuditAction[]>().notNull(),
  /** As it is handed out: signing needs it whole. */
  secret: text().notNull(),
  /** While a secret is being replaced, both sign. */
  previousSecret: text('previous_secret'),
  previousUntil: time('previous_until'),
  createdAt: time('created_at').notNull().defaultNow(),
  createdByName: text('created_by_name').notNull(),
  disabledAt: time('disabled_at'),
  disabledWhy: text('disabled_why').$type<'switched-off' | 'failing' | 'gone'>(),
  /** Of the first failure after the last success. */
  failingSince: time('failing_since'),
  /** In a row, one after the other. */
  failures: integer().notNull().default(0),
  lastFailedAt: time('last_failed_at'),
  /** Not asked before. */
  retryAt: time('retry_at'),
  /** Nor before this, which the receiver itself asked for; what went well meanwhile does not lift it. */
  notBefore: time('not_before'),
})

/** What happened, written in the transaction of the act, while some endpoint wants it. Triggers write it, but for tests. */
export const outbox = pgTable(
  'outbox',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    /** What receivers know it by, the same at each attempt. */
    messageId: uuid('message_id').notNull().defaultRandom(),
    source: text().$type<'audit' | 'ended' | 'ended-many' | 'test'>().notNull(),
    facts: jsonb().$type<unknown>().notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [index('outbox_at').on(t.at)],
)

/** One event on its way to one endpoint. No foreign keys: they would lock the endpoint's row at each sign-in. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    webhookId: uuid('webhook_id').notNull().$type<WebhookId>(),
    outboxId: bigint('outbox_id', { mode: 'number' }).notNull(),
    /** What is kept in order: an account's id, a network. Null: nothing waits for it, and it for nothing. */
    lane: text(),
    state: text().$type<'pending' | 'delivered' | 'given-up'>().notNull().default('pending'),
    attempts: integer().notNull().default(0),
    nextAt: time('next_at').notNull().defaultNow(),
    /** Given up after it. */
    expiresAt: time('expires_at').notNull(),
    /** A worker has it in hand; one that died is taken up again after it. */
    claimedUntil: time('claimed_until'),
    /** Of the last attempt. */
    triedAt: time('tried_at'),
    status: integer(),
    durationMs: integer('duration_ms'),
    /** The first of what was answered. */
    answer: text(),
    /** Why there is no good answer, in words. */
    problem: text(),
  },
  (t) => [
    index('deliveries_pending').on(t.webhookId, t.id).where(sql`${t.state} = 'pending'`),
    index('deliveries_lane').on(t.webhookId, t.lane, t.id).where(sql`${t.state} = 'pending'`),
    index('deliveries_given_up').on(t.webhookId, t.id).where(sql`${t.state} = 'given-up'`),
    index('deliveries_webhook').on(t.webhookId, t.id),
    index('deliveries_outbox').on(t.outboxId),
    check('deliveries_state_known', sql`${t.state} in ('pending', 'delivered', 'given-up')`),
  ],
)
