import { type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { WebhookId } from '../db/ids.js'
import { deliveries, outbox, webhooks } from '../db/schema/webhooks.js'
import type { Told } from './payload.js'

/** Longer than an attempt may take: whoever holds a delivery past it has died. */
const CLAIM = sql`interval '30 seconds'`

/** A delivery in hand. */
export interface Taken extends Told {
  id: number
  /** Until when, as ISO 8601 to the microsecond: what comes of it counts while this stands. */
  claim: string
  messageId: string
}

export interface Batch {
  webhookId: WebhookId
  url: string
  /** The new one first. */
  secrets: string[]
  deliveries: Taken[]
}

const isAsked = sql`${webhooks.disabledAt} is null
  and (${webhooks.retryAt} is null or ${webhooks.retryAt} <= clock_timestamp())
  and (${webhooks.notBefore} is null or ${webhooks.notBefore} <= clock_timestamp())`
const isFree = sql`${deliveries.state} = 'pending'
  and (${deliveries.claimedUntil} is null or ${deliveries.claimedUntil} < clock_timestamp())`
const isDue = sql`${isFree} and ${deliveries.nextAt} <= clock_timestamp()`

/** The endpoints that there is something to do for now, those that wait longest first. Index: deliveries_pending. */
export async function dueEndpoints(db: Database): Promise<WebhookId[]> {
  const rows = rowsOf<{ id: WebhookId }>(
    await db.execute(sql`
      select ${webhooks.id} as id from ${webhooks} cross join lateral (
        select ${deliveries.id} as first from ${deliveries}
        where ${deliveries.webhookId} = ${webhooks.id} and ${isDue} order by ${deliveries.id} limit 1) due
      where ${isAsked} order by due.first`),
  )
  return rows.map(({ id }) => id)
}

/**
 * Takes deliveries of one endpoint in hand: the oldest of each lane, so that an account's events arrive in their order.
 * Of an endpoint whose last answer was not a good one, one at a time in the whole installation.
 *
 * The lock on the endpoint's row lets one process at a time choose. It is taken first, by a statement of its own: what is
 * looked at later then is what the one before has committed.
 *
 * @returns undefined when another process is at it, or nothing is to do
 */
export async function takeDue(db: Database, webhookId: WebhookId, most: number): Promise<Batch | undefined> {
  return db.transaction(async (tx) => {
    const endpoint = await findSecrets(tx, webhookId, sql`and ${isAsked} for no key update skip locked`)
    if (!endpoint) return undefined
    const isFailing = endpoint.failures > 0
    const taken = await claim(tx, webhookId, isFailing ? 1 : most, isFailing)
    return taken.length > 0 ? { webhookId, ...endpoint, deliveries: taken } : undefined
  })
}

export interface Endpoint {
  url: string
  /** The new one first; while one is being replaced, both. */
  secrets: string[]
  failures: number
}

/** With its secrets: for whoever sends, and for nobody else. */
export async function findSecrets(db: Database, id: WebhookId, more: SQL = sql``): Promise<Endpoint | undefined> {
  const [endpoint] = rowsOf<Endpoint>(
    await db.execute(sql`
      select ${webhooks.url} as url, ${webhooks.failures} as failures, array_to_json(array_remove(array[${webhooks.secret},
        case when ${webhooks.previousUntil} > clock_timestamp() then ${webhooks.previousSecret} end], null)) as secrets
      from ${webhooks} where ${webhooks.id} = ${id} ${more}`),
  )
  return endpoint
}

/** Indexes: deliveries_pending, deliveries_lane. Found once, as an array: a join would walk the whole log. */
async function claim(tx: Database, webhookId: WebhookId, most: number, alone: boolean): Promise<Taken[]> {
  // In this order: by its guess that one is soon met, the database would read the log from its beginning.
  const nothingInHand = sql`(
    select held.id from ${deliveries} held where held.webhook_id = ${webhookId} and held.state = 'pending'
      and held.claimed_until > clock_timestamp() order by held.id limit 1) is null`
  const rows = rowsOf<Omit<Taken, 'at'> & { at: string }>(
    await tx.execute(sql`
      with taken as (
        update ${deliveries} set claimed_until = clock_timestamp() + ${CLAIM}
        where ${deliveries.id} = any(array(
          select ${deliveries.id} from ${deliveries}
          where ${deliveries.webhookId} = ${webhookId} and ${isDue} and ${alone ? nothingInHand : sql`true`}
            and (${deliveries.lane} is null or not exists (
              select from ${deliveries} earlier where earlier.webhook_id = ${webhookId} and earlier.state = 'pending'
                and earlier.lane = ${deliveries.lane} and earlier.id < ${deliveries.id}))
          order by ${deliveries.id} limit ${most} for no key update skip locked))
        returning ${deliveries.id} as id, ${deliveries.outboxId} as outbox_id, ${deliveries.claimedUntil} as claim)
      select taken.id::int8::text::float8 as id, to_json(taken.claim) #>> '{}' as claim, ${outbox.messageId} as "messageId", ${outbox.source} as source,
        ${outbox.facts} as facts, to_json(${outbox.at}) #>> '{}' as at
      from taken join ${outbox} on ${outbox.id} = taken.outbox_id order by taken.id`),
  )
  return rows.map((row) => ({ ...row, at: new Date(row.at) }))
}
