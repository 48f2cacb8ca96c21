import { performance } from 'node:perf_hooks'
import { sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import { SYSTEM } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { WebhookId } from '../db/ids.js'
import { deliveries, outbox, webhooks } from '../db/schema/webhooks.js'
import type { Attempt } from './send.js'

/** What came of a delivery that somebody had in hand. */
export interface Outcome {
  id: number
  webhookId: WebhookId
  /** As it was taken. */
  claim: string
  attempt: Attempt
  /** When it began, by `performance.now()`: notes wait for one another, so how long ago that is is told when it is written. */
  began: number
}

/** 5 s, 20 s, 80 s, ... and from the seventh attempt on every six hours, each up to a fifth earlier or later. */
const NEXT = sql`make_interval(secs => least(5 * power(4, ${deliveries.attempts}), 21600) * (0.8 + 0.4 * random()))`

/** An endpoint is left alone for longer and longer too, once several attempts in a row have failed: at most 15 minutes. */
const PAUSE = sql`case when failures >= 2 then clock_timestamp()
  + make_interval(secs => least(5 * power(2, least(failures - 2, 12)), 900) * (0.8 + 0.4 * random())) end`

/** The receiver wants no more, as Standard Webhooks has it. */
const GONE = 410

const KEEPS_FAILING = sql`interval '3 days'`

/**
 * Writes down what came of attempts, many in one transaction. A delivery that is over its time is given up; an endpoint
 * that has answered nothing good for three days is switched off, with a line in the audit log.
 */
export async function noteOutcomes(db: Database, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return
  await db.transaction(async (tx) => {
    await noteDeliveries(tx, outcomes)
    // In one order on every node: two that have some in common would each hold one that the other wants.
    for (const webhookId of [...new Set(outcomes.map((one) => one.webhookId))].sort()) {
      const ofOne = outcomes.filter((one) => one.webhookId === webhookId)
      const [firstFailed] = ofOne.filter(({ attempt }) => !attempt.ok)
      if (ofOne.some(({ attempt }) => attempt.ok)) await noteWorks(tx, webhookId)
      else if (firstFailed) await noteFails(tx, webhookId, firstFailed.began)
      const asked = Math.max(...ofOne.map(({ attempt }) => attempt.retryAfterS ?? 0))
      if (asked > 0) await leaveAlone(tx, webhookId, asked)
      if (ofOne.some(({ attempt }) => attempt.status === GONE)) await switchOff(tx, webhookId, 'gone')
    }
  })
}

async function noteDeliveries(tx: Database, outcomes: readonly Outcome[]) {
  const rows = outcomes.map(({ id, claim, attempt, began }) => ({
    id,
    claim,
    agoMs: performance.now() - began,
    ...attempt,
  }))
  // Found by their keys: alone, the join with what came would walk the whole log.
  const ids = `{${rows.map(({ id }) => id).join(',')}}`
  await tx.execute(sql`
    update ${deliveries} set
      attempts = ${deliveries.attempts} + 1,
      claimed_until = null,
      tried_at = clock_timestamp() - make_interval(secs => came."agoMs" / 1000.0),
      status = came.status, duration_ms = came."durationMs", answer = came.answer, problem = came.problem,
      next_at = clock_timestamp() + greatest(${NEXT}, make_interval(secs => came."retryAfterS")),
      state = case when came.ok then 'delivered' when ${deliveries.expiresAt} <= clock_timestamp() then 'given-up'
        else 'pending' end
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as came (
      id bigint, claim timestamptz, ok boolean, status int, "durationMs" int, "agoMs" float8, answer text, problem text, "retryAfterS" int)
    where ${deliveries.id} = any(${ids}::bigint[]) and ${deliveries.id} = came.id and ${deliveries.state} = 'pending'
      and ${deliveries.claimedUntil} = came.claim`)
}

/** After a longer failure what waits for its next attempt goes at once. The row is written only where it changes. */
async function noteWorks(tx: Database, webhookId: WebhookId) {
  const [before] = rowsOf<{ failures: number }>(
    await tx.execute(sql`
      with failing as (
        select id, failures from ${webhooks} where id = ${webhookId} and failures > 0 for no key update)
      update ${webhooks} set failures = 0, failing_since = null, last_failed_at = null, retry_at = null
      from failing where ${webhooks.id} = failing.id returning failing.failures as failures`),
  )
  if ((before?.failures ?? 0) < 3) return
  await tx.execute(sql`
    update ${deliveries} set next_at = clock_timestamp()
    where ${deliveries.webhookId} = ${webhookId} and ${deliveries.state} = 'pending' and ${deliveries.nextAt} > clock_timestamp()`)
}

/** As long as it asked to (RFC 9110 10.2.3): nothing else is sent to it either. */
async function leaveAlone(tx: Database, webhookId: WebhookId, seconds: number) {
  await tx.execute(sql`
    update ${webhooks} set not_before = greatest(not_before, clock_timestamp() + make_interval(secs => ${seconds}::int))
    where ${webhooks.id} = ${webhookId}`)
}

/** Those that were under way together count as one. */
async function noteFails(tx: Database, webhookId: WebhookId, began: number) {
  const [row] = rowsOf<{ over: boolean }>(
    await tx.execute(sql`
      update ${webhooks} set failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()),
        last_failed_at = clock_timestamp(), retry_at = ${PAUSE}
      where ${webhooks.id} = ${webhookId} and ${webhooks.disabledAt} is null and (${webhooks.lastFailedAt} is null
        or ${webhooks.lastFailedAt} <= clock_timestamp() - make_interval(secs => ${performance.now() - began}::float8 / 1000))
      returning failing_since <= clock_timestamp() - ${KEEPS_FAILING} as over`),
  )
  if (row?.over) await switchOff(tx, webhookId, 'failing')
}

async function switchOff(tx: Database, webhookId: WebhookId, why: 'failing' | 'gone') {
  const [off] = rowsOf<{ url: string }>(
    await tx.execute(sql`
      update ${webhooks} set disabled_at = clock_timestamp(), disabled_why = ${why}
      where ${webhooks.id} = ${webhookId} and ${webhooks.disabledAt} is null returning url`),
  )
  if (!off) return
  await recordAudit(tx, SYSTEM, 'webhook.disabled', {
    target: { kind: 'webhook', id: webhookId, name: off.url },
    details: { cause: why },
  })
}

/** What came of a test, for the log: it is over with its one attempt, and says nothing of how the endpoint does. */
export async function noteTest(
  db: Database,
  webhookId: WebhookId,
  { messageId, at, attempt }: { messageId: string; at: Date; attempt: Attempt },
): Promise<void> {
  const { ok, retryAfterS: _, ...answered } = attempt
  await db.transaction(async (tx) => {
    const [written] = await tx
      .insert(outbox)
      .values({ messageId, source: 'test', facts: {}, at })
      .returning({ outboxId: outbox.id })
    if (!written) throw new Error('the test was not written')
    const state = ok ? 'delivered' : 'given-up'
    await tx
      .insert(deliveries)
      .values({ webhookId, ...written, state, attempts: 1, triedAt: at, expiresAt: at, ...answered })
  })
}

/** What has waited for too long without an attempt: its endpoint was left alone, or switched off. */
export async function giveUpOld(db: Database): Promise<void> {
  await db.execute(sql`
    update ${deliveries} set state = 'given-up', claimed_until = null,
      problem = coalesce(${deliveries.problem}, 'It could not be tried in time')
    where ${deliveries.id} = any(array(
      select d.id from ${webhooks} cross join lateral (
        select ${deliveries.id} as id from ${deliveries} where ${deliveries.webhookId} = ${webhooks.id}
          and ${isFreePending} and ${deliveries.expiresAt} <= clock_timestamp() order by ${deliveries.id} limit 10000) d))`)
}

const isFreePending = sql`${deliveries.state} = 'pending'
  and (${deliveries.claimedUntil} is null or ${deliveries.claimedUntil} < clock_timestamp())`
