import { and, asc, eq, ne, sql } from 'drizzle-orm'
import { authorityOf } from '../accounts/authority.js'
import { recordAudit } from '../audit/record.js'
import type { Actor, AuditAction } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { newId, type WebhookId } from '../db/ids.js'
import { deliveries, webhooks } from '../db/schema/webhooks.js'
import { actionsOf, EVENT_TYPES, type EventType } from './events.js'
import { type GuardOptions, pinAddress, RefusedTarget, readTarget } from './guard.js'
import { newSecret } from './sign.js'

/** Where somebody wants to be told of events. Its secret is not among this. */
export interface Webhook {
  id: WebhookId
  url: string
  description: string
  events: EventType[]
  createdAt: Date
  createdByName: string
  disabledAt: Date | null
  disabledWhy: 'switched-off' | 'failing' | 'gone' | null
  /** Of the first failure after the last success. */
  failingSince: Date | null
  retryAt: Date | null
  /** Until then the secret before the present one signs too. */
  previousUntil: Date | null
  /** Deliveries that are still to be made. */
  pending: number
}

export interface WebhookWanted {
  url: string
  description: string
  events: readonly EventType[]
}

export type Refusal = { status: 'refused'; why: 'not-allowed' }
export type Invalid = { status: 'invalid'; path: 'url' | 'events'; problem: string }

/** Of one endpoint, more are not counted. */
const MOST_PENDING = 10_000
const MOST_WEBHOOKS = 50

export async function listWebhooks(db: Database): Promise<Webhook[]> {
  return selectWebhooks(db).orderBy(asc(webhooks.id)).limit(MOST_WEBHOOKS)
}

export async function findWebhook(db: Database, id: WebhookId): Promise<Webhook | undefined> {
  const [found] = await selectWebhooks(db).where(eq(webhooks.id, id))
  return found
}

/** By `checkWebhook`, and by nothing else. */
export type CheckedWebhook = Pick<typeof webhooks.$inferInsert, 'url' | 'description' | 'events' | 'actions'> & {
  url: string
}

/**
 * What may be added, or be in the place of another one. Its name is looked up too: an address that leads inside is said at
 * once, not at the first delivery. That takes up to seconds, so it comes before any transaction: the embedded database has
 * one connection.
 */
export async function checkWebhook(
  { url, description, events }: WebhookWanted,
  guard: GuardOptions,
): Promise<{ status: 'checked'; webhook: CheckedWebhook } | Invalid> {
  const wanted = EVENT_TYPES.filter((type) => events.includes(type))
  if (wanted.length === 0) return { status: 'invalid', path: 'events', problem: 'must be at least one' }
  try {
    const target = readTarget(url, guard)
    await pinAddress(target, guard)
    const webhook = { url: target.href, description: description.trim(), events: wanted, actions: actionsOf(wanted) }
    return { status: 'checked', webhook }
  } catch (error) {
    if (error instanceof RefusedTarget) return { status: 'invalid', path: 'url', problem: error.message }
    throw error
  }
}

/** Of what was checked, what somebody said: the rest of an endpoint stays as it is by then. */
export const onlyNamed = (
  { url, description, events, actions }: CheckedWebhook,
  named: { [field in keyof WebhookWanted]?: unknown },
): Partial<CheckedWebhook> => ({
  ...(named.url === undefined ? {} : { url }),
  ...(named.description === undefined ? {} : { description }),
  ...(named.events === undefined ? {} : { events, actions }),
})

/**
 * Adds an endpoint. The secret is in the answer and in no other one.
 *
 * @returns `exists` when events go to this address already
 * @param by an owner, or a key with scope `admin`
 */
export async function addWebhook(
  db: Database,
  checked: CheckedWebhook,
  by: Actor,
): Promise<{ status: 'added'; webhook: Webhook; secret: string } | { status: 'exists' } | Refusal | Invalid> {
  return db.transaction(async (tx) => {
    const id = newId<WebhookId>()
    if (!(await mayChange(tx, by, 'webhook.added', { id: null, url: checked.url }))) return notAllowed
    if (await isTaken(tx, id, checked.url)) return { status: 'exists' }
    if ((await tx.$count(webhooks)) >= MOST_WEBHOOKS)
      return { status: 'invalid', path: 'url', problem: `is one too many: ${MOST_WEBHOOKS} are the most` }
    const secret = newSecret()
    await tx.insert(webhooks).values({ id, ...checked, secret, createdByName: by.name })
    const webhook = await mustFind(tx, id)
    await record(tx, by, 'webhook.added', webhook, { after: shown(webhook) })
    return { status: 'added', webhook, secret }
  })
}

/** One at a time, so that of two who want one address the later finds the other's. */
async function isTaken(tx: Database, id: WebhookId, url: string): Promise<boolean> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall webhook addresses'))`)
  return (await tx.$count(webhooks, and(eq(webhooks.url, url), ne(webhooks.id, id)))) > 0
}

/**
 * @param changes what is left out stays as it is: somebody else may be changing it
 * @returns undefined when there is none; `exists` when events of another one go to this address
 */
export async function changeWebhook(
  db: Database,
  id: WebhookId,
  changes: Partial<CheckedWebhook>,
  by: Actor,
): Promise<{ status: 'changed'; webhook: Webhook } | { status: 'exists' } | Refusal | undefined> {
  return db.transaction(async (tx) => {
    if (changes.url !== undefined && (await isTaken(tx, id, changes.url))) return { status: 'exists' }
    return change(tx, id, by, 'webhook.changed', async (_, before) => {
      // Another address has not failed yet.
      const anew = (changes.url ?? before.url) === before.url ? {} : WORKING
      await tx
        .update(webhooks)
        .set({ ...changes, ...anew })
        .where(eq(webhooks.id, id))
      return (after) => ({ before: shown(before), after: shown(after) })
    })
  })
}

/** Nothing is written for it while it is off; what waits goes on when it is on again within three days. */
export async function setWebhookDisabled(db: Database, id: WebhookId, disabled: boolean, by: Actor) {
  return change(db, id, by, disabled ? 'webhook.disabled' : 'webhook.enabled', async (tx, before) => {
    if ((before.disabledAt !== null) === disabled) return undefined
    const state = disabled ? { disabledAt: sql`now()`, disabledWhy: 'switched-off' as const } : ENABLED
    await tx.update(webhooks).set(state).where(eq(webhooks.id, id))
    return () => ({})
  })
}

const WORKING = { failures: 0, failingSince: null, lastFailedAt: null, retryAt: null, notBefore: null }
const ENABLED = { ...WORKING, disabledAt: null, disabledWhy: null }

/** How long the secret before signs too. */
export const OVERLAP_HOURS = 24

/** Makes a new secret: both sign for a day, so that receivers change without losing anything. */
export async function rotateSecret(
  db: Database,
  id: WebhookId,
  by: Actor,
): Promise<{ status: 'changed'; webhook: Webhook; secret: string } | Refusal | undefined> {
  const secret = newSecret()
  const changed = await change(db, id, by, 'webhook.secret-rotated', async (tx) => {
    const previousUntil = sql`now() + make_interval(hours => ${OVERLAP_HOURS})`
    await tx.update(webhooks).set({ previousSecret: webhooks.secret, previousUntil, secret }).where(eq(webhooks.id, id))
    return () => ({})
  })
  return changed?.status === 'changed' ? { ...changed, secret } : changed
}

/** With its log. @returns undefined when there is none */
export async function removeWebhook(
  db: Database,
  id: WebhookId,
  by: Actor,
): Promise<{ status: 'removed'; webhook: Webhook } | Refusal | undefined> {
  return db.transaction(async (tx) => {
    const webhook = await findWebhook(tx, id)
    if (!webhook) return undefined
    if (!(await mayChange(tx, by, 'webhook.removed', webhook))) return notAllowed
    await tx.delete(webhooks).where(eq(webhooks.id, id))
    await tx.delete(deliveries).where(eq(deliveries.webhookId, id))
    await record(tx, by, 'webhook.removed', webhook, { before: shown(webhook) })
    return { status: 'removed', webhook }
  })
}

type WebhookAction = Extract<AuditAction, `webhook.${string}`>
type Details = Record<string, unknown>

/** @param act what the line of the audit log says; undefined where nothing was changed */
async function change(
  db: Database,
  id: WebhookId,
  by: Actor,
  action: WebhookAction,
  act: (tx: Database, before: Webhook) => Promise<((after: Webhook) => Details) | undefined>,
): Promise<{ status: 'changed'; webhook: Webhook } | Refusal | undefined> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from ${webhooks} where ${webhooks.id} = ${id} for no key update`)
    const before = await findWebhook(tx, id)
    if (!before) return undefined
    if (!(await mayChange(tx, by, action, before))) return notAllowed
    const details = await act(tx, before)
    const webhook = await mustFind(tx, id)
    if (details) await record(tx, by, action, webhook, details(webhook))
    return { status: 'changed', webhook }
  })
}

const notAllowed: Refusal = { status: 'refused', why: 'not-allowed' }

export async function mayChange(
  tx: Database,
  by: Actor,
  action: WebhookAction,
  { id, url }: { id: WebhookId | null; url: string },
): Promise<boolean> {
  if ((await authorityOf(tx, by)) === 'owner') return true
  await recordAudit(tx, by, action, {
    result: 'refused',
    target: { kind: 'webhook', id, name: url },
    details: { why: 'not-allowed' },
  })
  return false
}

const shown = ({ url, description, events }: Webhook) => ({ url, description, events })

export const record = (tx: Database, by: Actor, action: WebhookAction, { id, url }: Webhook, details: Details) =>
  recordAudit(tx, by, action, { target: { kind: 'webhook', id, name: url }, details })

async function mustFind(tx: Database, id: WebhookId): Promise<Webhook> {
  const webhook = await findWebhook(tx, id)
  if (!webhook) throw new Error(`webhook ${id} is gone within its own transaction`)
  return webhook
}

const selectWebhooks = (db: Database) =>
  db
    .select({
      id: webhooks.id,
      url: webhooks.url,
      description: webhooks.description,
      events: webhooks.events,
      createdAt: webhooks.createdAt,
      createdByName: webhooks.createdByName,
      disabledAt: webhooks.disabledAt,
      disabledWhy: webhooks.disabledWhy,
      failingSince: webhooks.failingSince,
      retryAt: sql<Date | null>`greatest(${webhooks.retryAt}, ${webhooks.notBefore})`.mapWith(webhooks.retryAt),
      previousUntil:
        sql<Date | null>`case when ${webhooks.previousUntil} > now() then ${webhooks.previousUntil} end`.mapWith(
          webhooks.previousUntil,
        ),
      // Index: deliveries_pending.
      pending: sql<number>`(select count(*)::int from (
        select from ${deliveries} d where d.webhook_id = webhooks.id and d.state = 'pending' limit ${MOST_PENDING}) counted)`,
    })
    .from(webhooks)
    .$dynamic()
