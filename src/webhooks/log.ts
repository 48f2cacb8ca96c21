import { and, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type { Actor, AuditAction } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { WebhookId } from '../db/ids.js'
import {
  BadCursor,
  type Bound,
  cutPage,
  type Page,
  type PageRequest,
  pageSize,
  readCursor,
  writeCursor,
} from '../db/page.js'
import { deliveries, outbox } from '../db/schema/webhooks.js'
import { findWebhook, mayChange, type Refusal, record } from './endpoints.js'
import type { MessageType } from './events.js'
import { typeOf } from './payload.js'
import { messageIdOf } from './worker.js'

export const DELIVERY_STATES = ['pending', 'delivered', 'given-up'] as const

/** One event on its way to one endpoint, with what came of its last attempt. */
export interface Delivery {
  id: number
  /** What the receiver knows it by. */
  messageId: string
  type: MessageType
  /** When it happened. */
  at: Date
  state: (typeof DELIVERY_STATES)[number]
  attempts: number
  /** While it is pending. */
  nextAt: Date | null
  triedAt: Date | null
  status: number | null
  durationMs: number | null
  answer: string | null
  problem: string | null
}

/** Newest first. Indexes: deliveries_webhook, deliveries_pending, deliveries_given_up. */
export async function listDeliveries(
  db: Database,
  webhookId: WebhookId,
  filter: { state?: Delivery['state'] | undefined } = {},
  request: PageRequest = {},
): Promise<Page<Delivery>> {
  const limit = pageSize(request)
  const bound = { list: 'deliveries' as const, webhookId, ...filter }
  const backwards = request.before !== undefined
  const cursor = request.after ?? request.before
  const beyond = cursor === undefined ? undefined : readNumber(bound, cursor)
  const rows = await db
    .select({
      id: deliveries.id,
      messageId: outbox.messageId,
      source: outbox.source,
      action: sql<AuditAction | null>`${outbox.facts} ->> 'action'`,
      at: outbox.at,
      state: deliveries.state,
      attempts: deliveries.attempts,
      nextAt: deliveries.nextAt,
      triedAt: deliveries.triedAt,
      status: deliveries.status,
      durationMs: deliveries.durationMs,
      answer: deliveries.answer,
      problem: deliveries.problem,
    })
    .from(deliveries)
    .innerJoin(outbox, eq(outbox.id, deliveries.outboxId))
    .where(
      and(
        eq(deliveries.webhookId, webhookId),
        filter.state && eq(deliveries.state, filter.state),
        beyond === undefined ? undefined : backwards ? gt(deliveries.id, beyond) : lt(deliveries.id, beyond),
      ),
    )
    .orderBy(backwards ? deliveries.id : desc(deliveries.id))
    .limit(limit + 1)
  const items = rows.map(
    ({ source, action, messageId, nextAt, ...row }): Delivery => ({
      ...row,
      messageId: messageIdOf(messageId),
      type: typeOf(source, action),
      nextAt: row.state === 'pending' ? nextAt : null,
    }),
  )
  return cutPage(items, limit, request, ({ id }) => writeCursor(bound, [String(id)]))
}

function readNumber(bound: Bound, cursor: string): number {
  const [id] = readCursor(bound, cursor, 1)
  if (!id || !/^\d{1,15}$/.test(id)) throw new BadCursor()
  return Number(id)
}

/** At once, more are left to the next time. */
const MOST_REPLAYED = 10_000

export type Replay = { delivery: number } | { failedSince: Date }

/**
 * Sends once more: one delivery whatever came of it, or all that were given up since a time. With the same id each, so
 * that receivers who have it know it again. What comes of an attempt that is under way counts no more. A test is never
 * meant: a new one says more.
 *
 * @returns how many; undefined when there is no such endpoint
 */
export async function replay(
  db: Database,
  webhookId: WebhookId,
  which: Replay,
  by: Actor,
): Promise<{ status: 'replayed'; count: number } | Refusal | { status: 'disabled' } | undefined> {
  return db.transaction(async (tx) => {
    const webhook = await findWebhook(tx, webhookId)
    if (!webhook) return undefined
    if (!(await mayChange(tx, by, 'webhook.replayed', webhook))) return { status: 'refused', why: 'not-allowed' }
    if (webhook.disabledAt) return { status: 'disabled' }
    const chosen = tx
      .select({ id: deliveries.id })
      .from(deliveries)
      .innerJoin(outbox, eq(outbox.id, deliveries.outboxId))
      .where(and(eq(deliveries.webhookId, webhookId), isMeant(which)))
      .orderBy(deliveries.id)
      .limit(MOST_REPLAYED)
    const sent = await tx
      .update(deliveries)
      .set({
        state: 'pending',
        attempts: 0,
        claimedUntil: null,
        nextAt: sql`clock_timestamp()`,
        expiresAt: sql`clock_timestamp() + interval '3 days'`,
      })
      .where(inArray(deliveries.id, chosen))
      .returning({ id: deliveries.id })
    if (sent.length > 0) await record(tx, by, 'webhook.replayed', webhook, { deliveries: sent.length })
    await tx.execute(sql`select pg_notify('rollcall_outbox', '')`)
    return { status: 'replayed', count: sent.length }
  })
}

function isMeant(which: Replay): SQL {
  const those =
    'delivery' in which
      ? sql`${deliveries.id} = ${which.delivery}`
      : sql`${deliveries.state} = 'given-up' and ${outbox.at} >= ${which.failedSince.toISOString()}::timestamptz`
  return sql`${outbox.source} <> 'test' and ${those}`
}

/** For how long the log says what was sent. */
export const KEPT_DAYS = 30
const BATCH = 1_000

/** Removes events of long ago with their deliveries. What is under way stays. Indexes: outbox_at, deliveries_outbox. */
export async function pruneOutbox(db: Database): Promise<void> {
  for (let removed = BATCH; removed === BATCH; ) {
    const [batch] = rowsOf<{ removed: number }>(
      await db.execute(sql`
        with old as (
          select ${outbox.id} as id from ${outbox} where ${outbox.at} < now() - make_interval(days => ${KEPT_DAYS})
            and not exists (select from ${deliveries} where ${deliveries.outboxId} = ${outbox.id} and ${deliveries.state} = 'pending')
          order by ${outbox.at} limit ${BATCH}),
        gone as (delete from ${deliveries} where ${deliveries.outboxId} in (select id from old)),
        removed as (delete from ${outbox} where ${outbox.id} in (select id from old) returning 1)
        select count(*)::int as removed from removed`),
    )
    removed = batch?.removed ?? 0
  }
}
