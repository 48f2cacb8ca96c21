import { and, asc, desc, eq, gt, gte, ilike, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import { validate } from 'uuid'
import { z } from 'zod'
import { findAccountByEmail } from '../accounts/read.js'
import { type Database, rowsOf } from '../db/connect.js'
import { type AccountId, type AuditEventId, idFloor, type SessionId } from '../db/ids.js'
import { type Bound, cutPage, type Page, type PageRequest, pageSize, readIdCursor, writeCursor } from '../db/page.js'
import { AUDIT_SESSION_IP, auditEvents } from '../db/schema.js'
import { escapedLike, hasWord } from '../db/words.js'
import { canonicalAddress, canonicalNetwork } from '../devices/address.js'
import { type Position, positionOf } from '../sessions/log/positions.js'
import { AUDIT_GROUPS, isAuditGroup } from './groups.js'
import { APART_MS, timeInId } from './ids.js'
import type { AuditEvent, AuditResult } from './types.js'

export interface AuditFilter {
  /** Who, whom or why, in words; an address or a network; an id. */
  q?: string | undefined
  /** A group (`blocks`), an action (`account.blocked`) or the beginning of some (`account.`). */
  action?: string | undefined
  /** The id of an account or a key, or the kind of an actor: `system`, `terminal`. */
  actor?: string | undefined
  /** What the event is about. */
  account?: AccountId | undefined
  session?: SessionId | undefined
  /** The id of what was acted on, or a network. */
  target?: string | undefined
  result?: AuditResult | undefined
  since?: Date | undefined
  /** Before, not at. */
  until?: Date | undefined
}

/** More than this is said as "more than". */
const COUNTED = 10_000

/**
 * One page of the audit log, newest first: by id, which is the order of writing.
 * Indexes: audit_events_action, _actor, _actor_kind, _account, _session, _target, _result, _words, else the primary key; of
 * a time, a range of those.
 *
 * @throws BadCursor
 */
export async function listAudit(
  db: Database,
  filter: AuditFilter & PageRequest = {},
  request: PageRequest = filter,
): Promise<Page<AuditEvent>> {
  const limit = pageSize(request)
  const bound = boundTo(filter)
  const cursor = request.after ?? request.before
  const from = cursor === undefined ? undefined : readIdCursor<AuditEventId>(bound, cursor)
  const backwards = request.before !== undefined
  const rows = await db
    .select()
    .from(auditEvents)
    .where(and(await matches(db, filter), from && (backwards ? gt(auditEvents.id, from) : lt(auditEvents.id, from))))
    .orderBy(backwards ? asc(auditEvents.id) : desc(auditEvents.id))
    .limit(limit + 1)
  return cutPage(rows.map(toEvent), limit, request, (event) => writeCursor(bound, [event.id]))
}

export async function findAuditEvent(db: Database, id: AuditEventId): Promise<AuditEvent | undefined> {
  const [row] = await db.select().from(auditEvents).where(eq(auditEvents.id, id))
  return row && toEvent(row)
}

/** How far back an act's line is looked for at least: its receipt is asked for at once. */
const SEARCHED = sql`interval '1 hour'`

/** The last line that an act wrote, if it was written within the last hour. Index: the primary key, whose order is time. */
export async function findAuditEventOfAct(db: Database, position: Position): Promise<AuditEvent | undefined> {
  const time = timeInId(sql`now() - ${SEARCHED} - make_interval(secs => ${APART_MS / 1_000}::int)`)
  const [row] = await db
    .select()
    .from(auditEvents)
    .where(
      and(
        sql`${auditEvents.id} > (${time} || '-7000-8000-000000000000')::uuid`,
        sql`${auditEvents.xid} = ${position.slice(1)}::xid8`,
      ),
    )
    .orderBy(desc(auditEvents.id))
    .limit(1)
  return row && toEvent(row)
}

/** Counted up to 10,000; one more means "more than 10,000". */
export async function countAudit(db: Database, filter: AuditFilter = {}): Promise<number> {
  const [row] = rowsOf<{ count: string }>(
    await db.execute(sql`
      select count(*) as count from (
        select 1 from ${auditEvents} where ${(await matches(db, filter)) ?? sql`true`} limit ${COUNTED + 1}) counted`),
  )
  return Number(row?.count)
}

function boundTo({ q, action, actor, account, session, target, result, since, until }: AuditFilter): Bound {
  return {
    list: 'audit',
    q,
    action,
    actor,
    account,
    session,
    target,
    result,
    since: since?.toISOString(),
    until: until?.toISOString(),
  }
}

async function matches(db: Database, filter: AuditFilter): Promise<SQL | undefined> {
  const q = filter.q?.trim()
  return and(
    filter.action ? ofAction(filter.action) : undefined,
    filter.actor ? byActor(filter.actor) : undefined,
    filter.account ? about(filter.account) : undefined,
    filter.session ? eq(auditEvents.sessionId, filter.session) : undefined,
    filter.target ? onTarget(filter.target.toLowerCase()) : undefined,
    filter.result ? withResult(filter.result) : undefined,
    filter.since
      ? and(gte(auditEvents.at, filter.since), gte(auditEvents.id, idNear(filter.since, -APART_MS)))
      : undefined,
    filter.until
      ? and(lt(auditEvents.at, filter.until), lt(auditEvents.id, idNear(filter.until, APART_MS)))
      : undefined,
    q ? or(contains(q), await ofAddress(db, q)) : undefined,
  )
}

const idNear = (at: Date, ms: number): AuditEventId => idFloor<AuditEventId>(new Date(at.getTime() + ms))

/** What was done to an account and what it did itself: its page shows both. */
const about = (account: AccountId) => or(eq(auditEvents.accountId, account), eq(auditEvents.actorId, account))

function ofAction(action: string): SQL | undefined {
  if (action === 'failures') {
    return or(inArray(auditEvents.action, AUDIT_GROUPS.failures), sql`${auditEvents.result} <> 'done'`)
  }
  if (isAuditGroup(action)) return inArray(auditEvents.action, AUDIT_GROUPS[action])
  return action.endsWith('.')
    ? ilike(auditEvents.action, `${escapedLike(action)}%`)
    : sql`${auditEvents.action} = ${action}`
}

// The indexes are of what is rare, and the planner has to be told that this is.

function byActor(actor: string): SQL | undefined {
  if (validate(actor)) return eq(auditEvents.actorId, actor.toLowerCase())
  return and(
    sql`${auditEvents.actorKind} = ${actor}`,
    actor === 'account' ? undefined : sql`${auditEvents.actorKind} <> 'account'`,
  )
}

const withResult = (result: AuditResult) =>
  and(eq(auditEvents.result, result), result === 'done' ? undefined : sql`${auditEvents.result} <> 'done'`)

/** Whatever it is, one of these is true. Indexes: audit_events_account, _session, _target. */
const onTarget = (target: string) =>
  and(
    eq(auditEvents.targetId, target),
    or(
      validate(target) ? sql`${auditEvents.accountId} = ${target} or ${auditEvents.sessionId} = ${target}` : undefined,
      sql`(${auditEvents.targetId} is distinct from ${auditEvents.accountId}::text
        and ${auditEvents.targetId} is distinct from ${auditEvents.sessionId}::text)`,
    ),
  )

/** Lines say names: whoever types somebody's e-mail address means all of theirs. */
async function ofAddress(db: Database, text: string): Promise<SQL | undefined> {
  const account = text.includes('@') ? await findAccountByEmail(db, text) : undefined
  return account && about(account.id)
}

/** An id, an address or a network where it reads as one; else every word must be in who, whom or why. Index: audit_events_words. */
function contains(text: string): SQL | undefined {
  if (validate(text)) {
    const id = text.toLowerCase()
    return sql`(${auditEvents.id} = ${id} or ${auditEvents.accountId} = ${id} or ${auditEvents.sessionId} = ${id} or ${auditEvents.actorId} = ${id})`
  }
  const network = networkOf(text)
  if (network) return concerns(network)
  const words = text.slice(0, 200).toLowerCase().split(/\s+/).slice(0, 8)
  return and(...words.map((word) => hasWord(WORDS, word)))
}

/** Who, whom and why, as the index has them; of a sign-in that failed, the address that was typed. */
const WORDS = sql`lower(${auditEvents.actorName} || ' ' || coalesce(${auditEvents.targetName}, '') || ' ' || coalesce(${auditEvents.reason}, '') || ' ' || coalesce(${auditEvents.details} ->> 'account', ''))`

/**
 * What somebody did from there, what was done to a session there, and what was done to the network itself.
 * Indexes: audit_events_ip, audit_events_session_ip, audit_events_network.
 */
const concerns = (network: string) => sql`(${auditEvents.ip} <<= ${network}::inet
  or ${AUDIT_SESSION_IP} <<= ${network}::inet
  or (${auditEvents.targetKind} = 'network' and ${auditEvents.targetId} = ${network}))`

function networkOf(text: string): string | undefined {
  const read = canonicalNetwork(canonicalAddress(text) ?? text)
  return 'network' in read ? read.network : undefined
}

const Fields = z.record(z.string(), z.unknown()).optional().catch(undefined)
/** What an older or a newer version wrote is shown as far as it can be read. */
const Details = z.record(z.string(), z.unknown()).transform(({ before, after, ...more }) => {
  const [was, is] = [Fields.parse(before), Fields.parse(after)]
  return { ...more, ...(was ? { before: was } : {}), ...(is ? { after: is } : {}) }
})

function toEvent(row: typeof auditEvents.$inferSelect): AuditEvent {
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    result: row.result,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    ip: row.ip,
    country: row.country,
    city: row.city,
    target: row.targetKind ? { kind: row.targetKind, id: row.targetId, name: row.targetName ?? '' } : null,
    accountId: row.accountId,
    sessionId: row.sessionId,
    reason: row.reason,
    details: Details.parse(row.details),
    requestId: row.requestId,
    position: positionOf(row.xid),
  }
}
