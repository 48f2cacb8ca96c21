import { sql } from 'drizzle-orm'
import { index, inet, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { Actor, AuditAction, Stranger } from '../../audit/types.js'
import { time, xid8 } from '../columns.js'
import type { AccountId, AuditEventId, SessionId } from '../ids.js'

/** Where the session was that somebody else ended, or said to be nobody's they know. */
export const AUDIT_SESSION_IP = sql.raw(`((details->>'ip')::inet)`)

/** Who did what to whom, from where, why, with what result. Append-only: the migration takes update and delete away. */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: uuid().primaryKey().$type<AuditEventId>(),
    at: time('at').notNull().defaultNow(),
    action: text().$type<AuditAction>().notNull(),
    result: text().$type<'done' | 'refused' | 'failed'>().notNull().default('done'),
    actorKind: text('actor_kind').$type<Actor['kind'] | Stranger['kind']>().notNull(),
    actorId: text('actor_id'),
    actorName: text('actor_name').notNull(),
    ip: inet(),
    country: text(),
    city: text(),
    targetKind: text('target_kind'),
    targetId: text('target_id'),
    targetName: text('target_name'),
    /** The account that the event is about, so that its page can list it. */
    accountId: uuid('account_id').$type<AccountId>(),
    sessionId: uuid('session_id').$type<SessionId>(),
    reason: text(),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    requestId: text('request_id'),
    /** The act's transaction, where it ended trust: what its receipt goes by. */
    xid: xid8(),
  },
  (t) => [
    index('audit_events_action').on(t.action, t.id),
    index('audit_events_actor').on(t.actorId, t.id),
    index('audit_events_account').on(t.accountId, t.id),
    index('audit_events_session').on(t.sessionId, t.id),
    // What happened from an address, to a session there, or to a network: three for one search.
    index('audit_events_ip').on(t.ip),
    index('audit_events_session_ip').on(AUDIT_SESSION_IP).where(sql`${AUDIT_SESSION_IP} is not null`),
    // What is rare: nearly everything is done, most of it by people, about accounts and sessions.
    index('audit_events_result').on(t.result, t.id).where(sql`${t.result} <> 'done'`),
    index('audit_events_actor_kind').on(t.actorKind, t.id).where(sql`${t.actorKind} <> 'account'`),
    index('audit_events_target')
      .on(t.targetId, t.id)
      .where(
        sql`${t.targetId} is distinct from ${t.accountId}::text and ${t.targetId} is distinct from ${t.sessionId}::text`,
      ),
    index('audit_events_network').on(t.targetId).where(sql`${t.targetKind} = 'network'`),
  ],
)
