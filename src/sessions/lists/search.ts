import { and, type Column, eq, gte, type SQL, sql } from 'drizzle-orm'
import { validate } from 'uuid'
import { idsInNames } from '../../accounts/inNames.js'
import { lookedUp } from '../../db/idArray.js'
import { idFloor } from '../../db/ids.js'
import { SESSION_FACTS, sessionActivity, sessionAddresses, sessions } from '../../db/schema.js'
import { canonicalAddress, canonicalNetwork } from '../../devices/address.js'
import { isLive, isLiveOfMany } from '../live.js'
import { isFrozenOfMany } from '../many/frozen.js'
import { type SessionFilter, UNKNOWN_VALUE } from '../types.js'
import { rangesStillThere, type Swept } from './swept.js'
import { type AtMost, talliedPart } from './tallies.js'

/**
 * What a count and a bulk act understand by a filter; a list walks its `arms`, which mean the same.
 * Over the joins of `selectSessions`. Indexes: sessions_live_* by the filter, sessions_account for an account.
 */
export function matches(filter: SessionFilter): SQL | undefined {
  const network = networkOf(filter)
  return and(
    inState(filter.state ?? 'live'),
    hasValues(filter),
    network === undefined ? undefined : from(network),
    isUnseen(filter),
  )
}

/** What a list's cursor is bound to. */
export const asSaid = ({ people, since, ...filter }: SessionFilter) => ({ ...filter, since: since?.toISOString() })

/** Everything but the state and the network. Over the columns of `sessions` alone. */
function hasValues(filter: SessionFilter): SQL | undefined {
  return and(
    filter.account ? eq(sessions.accountId, filter.account) : undefined,
    filter.app ? eq(sessions.appId, filter.app) : undefined,
    filter.country ? valueOrUnknown(sessions.country, filter.country) : undefined,
    filter.browser ? valueOrUnknown(sessions.browser, filter.browser) : undefined,
    filter.version ? ofVersion(filter.version) : undefined,
    filter.os ? valueOrUnknown(sessions.os, filter.os) : undefined,
    filter.device ? sql`${sessions.deviceType} = ${filter.device}` : undefined,
    filter.method ? eq(sessions.method, filter.method) : undefined,
    filter.since ? gte(sessions.createdAt, filter.since) : undefined,
    filter.since ? sql`${sessions.id} >= ${idFloor(filter.since)}` : undefined,
    ofPeople(filter),
  )
}

/** Over the joins of `selectSessions`. */
function isUnseen({ unseenDays }: SessionFilter): SQL | undefined {
  return unseenDays ? sql`${sessionActivity.lastSeenAt} < now() - make_interval(days => ${unseenDays})` : undefined
}

const valueOrUnknown = (column: Column, value: string) =>
  value === UNKNOWN_VALUE ? sql`${column} is null` : eq(column, value)

/** "142" is 142.0 too, and not 1420. Indexes: sessions_live_version, sessions_ended_version, by the first of its numbers. */
const ofVersion = (version: string) =>
  sql`(split_part(${sessions.browserVersion}, '.', 1) = ${version.split('.', 1)[0] ?? ''}
    and (${sessions.browserVersion} = ${version} or starts_with(${sessions.browserVersion}, ${`${version}.`})))`

function inState(state: 'live' | 'ended' | 'all'): SQL | undefined {
  if (state === 'live') return isLive
  if (state === 'ended') return sql`not ${isLive}`
  return undefined
}

/** A part of a list that one index holds, in the list's order. */
export interface Arm {
  where: SQL
  /** Which rows of it belong to the list, by the one predicate; `within`, of so many of the first ones. */
  check?: { keep: SQL; within?: number }
}

/** What is known of a list before it is walked. */
export interface Known {
  swept?: Swept | undefined
  /** Whether what ended together is being marked. */
  isMarking?: boolean
  most?: AtMost | undefined
  /** Whether hardly any live session has been unseen for so long. */
  isUnseenRare?: boolean
  /** Whether the network that is listed is blocked, so that nothing is live that is still there. */
  isBlocked?: boolean
}

/** Sessions that ended and are not marked yet are among the newest so many of those that match: the sweep comes by. */
const UNMARKED_WITHIN = 200
/** While many that ended together are being marked. */
const MARKING_WITHIN = 2_000

/**
 * The rows of a list, as parts that are walked one by one and merged. Each is a range of one index: what has not ended,
 * what has, by address where the filter names one, and apart from that what moved there since. Of a live list, what has
 * ended and is not marked yet is still among them.
 */
export function arms(filter: SessionFilter, { swept, most, isMarking, isUnseenRare, isBlocked }: Known = {}): Arm[] {
  const network = networkOf(filter)
  const state = filter.state ?? 'live'
  const there = (of: string) =>
    isBlocked && state === 'live' ? movedFrom(of) : sql`${signedInFrom(of)} and ${LOOKED_AT}`
  const starts = network ? [there(network), movedTo(network)] : [undefined]
  const values = hasValues(filter)
  const { unseenDays } = filter
  const unseen = isUnseen(filter)
  // What has been seen since is walked past; nothing that is younger can have been unseen for so long.
  const check = unseen && { check: { keep: unseen } }
  const old = unseenDays ? sql`${sessions.id} < ${idFloor(daysAgo(unseenDays))}` : undefined
  const few = unseenDays && isUnseenRare ? unseenFor(unseenDays) : undefined
  const open = (from: SQL | undefined) => sql`${and(sql`${sessions.endedAt} is null`, from, values, old, few)}`
  const rare = most && most.ended <= RARE ? hasFacts(filter) : undefined
  const over = (from: SQL | undefined) => sql`${and(sql`${sessions.endedAt} is not null`, rare, from, values, old)}`
  // Of what a job has frozen there may be a hundred thousand in a row, and the list's strides would take a minute over them. As
  // a comparison, of which PostgreSQL expects one in two hundred: of a network it then looks at what there is, instead of
  // walking the list past everything else.
  const unfrozen = isMarking ? sql`case when ${isFrozenOfMany} then 1 else 0 end = 0` : undefined
  const live = (from: SQL | undefined): Arm[] =>
    rangesStillThere(swept).map((there) => ({ where: sql`${and(open(from), there, unfrozen)}`, ...check }))
  const unmarked = (from: SQL | undefined): Arm => ({
    where: open(from),
    check: {
      keep: sql`${and(sql`not ${isLiveOfMany}`, unseen)}`,
      within: isMarking ? MARKING_WITHIN : UNMARKED_WITHIN,
    },
  })
  const isNoneLive = most?.live === 0
  if (state === 'live') return isNoneLive ? [] : starts.flatMap(live)
  return starts.flatMap((from) => [
    ...(most?.ended === 0 ? [] : [{ where: over(from), ...check }]),
    ...(isNoneLive ? [] : [state === 'ended' ? unmarked(from) : { where: open(from), ...check }]),
  ])
}

/** With room for clocks that are apart: the time itself is compared by the database. */
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000 + 10 * 60_000)

/** Index: session_activity_day. */
export const unseenFor = (days: number): SQL => sql`${sessions.id} = any(array(
  select ${sessionActivity.sessionId} from ${sessionActivity} where ${seenBefore(days)}))`

export const seenBefore = (days: number): SQL =>
  sql`${sessionActivity.seenOn} <= ((now() - make_interval(days => ${days})) at time zone 'UTC')::date`

/** What so few of the ended ones have is looked up; what more have, a walk meets often enough. */
const RARE = 5_000

/** Index: sessions_ended_facts, which finds ids in no order: they are few. */
function hasFacts(filter: SessionFilter): SQL {
  const facts = talliedPart(filter).map(([name, value]) => sql`${`${name}:${value}`}`)
  return sql`${sessions.id} = any(array(
    select id from ${sessions} where ${sessions.endedAt} is not null and ${SESSION_FACTS} @> array[${sql.join(facts, sql`, `)}]::text[]))`
}

const from = (network: string) => sql`(${signedInFrom(network)} or ${movedTo(network)})`

/** Indexes: sessions_live_ip, sessions_ended_ip. */
const signedInFrom = (network: string) => sql`${sessions.ip} <<= ${network}::inet`

/**
 * What PostgreSQL takes for one row in two hundred, and what holds for each with an address. It knows how many rows came from a
 * network, and not how many of them have ended: where all have, it would walk a live list past everybody else's to its end.
 */
const LOOKED_AT = sql`case when ${sessions.ip} is null then 1 else 0 end = 0`

/** Index: session_addresses_ip. */
const movedTo = (network: string) => sql`${sessions.id} = any(array(
  select ${sessionAddresses.sessionId} from ${sessionAddresses} where ${sessionAddresses.ip} <<= ${network}::inet
  order by 1 desc limit ${MOST_MOVED}))`

/** Of a network that so many sessions moved to or signed in from, the newest ones. */
const MOST_MOVED = 20_000

/**
 * What signed in from a network and was used from another address too: of a blocked one, all others are refused, and a
 * walk would step over a quarter of a million of them. Indexes: sessions_live_ip, session_addresses_session_id_ip_pk.
 */
const movedFrom = (network: string) => sql`${sessions.id} = any(array(
  select newest.id from (
    select ${sessions.id} as id from ${sessions} where ${sessions.endedAt} is null and ${signedInFrom(network)} and ${LOOKED_AT}
    order by 1 desc limit ${MOST_MOVED}) newest
  where exists (select from ${sessionAddresses} where ${sessionAddresses.sessionId} = newest.id)))`

/** The address or network that a list is narrowed to, by its filter or by what was typed as a search. */
export function networkOf({ ip, q }: SessionFilter): string | undefined {
  return ip ?? readNetwork(q?.trim() ?? '')
}

function readNetwork(text: string): string | undefined {
  const address = canonicalAddress(text)
  if (address) return address
  const network = text.includes('/') ? canonicalNetwork(text) : undefined
  return network && 'network' in network ? network.network : undefined
}

/** So many people are looked at for what was typed; who means more of them says more of them. */
export const MOST_PEOPLE = 200

/** A query for the ids of the people that were typed, and of one more than are looked at; undefined where it names none. */
export function peopleMeant({ q }: SessionFilter): SQL | undefined {
  const text = q?.trim() ?? ''
  if (text === '' || validate(text) || readNetwork(text)) return undefined
  return idsInNames(text, MOST_PEOPLE + 1)
}

/** An id where it reads as one; else every word must be in the name or the e-mail address. */
function ofPeople(filter: SessionFilter): SQL | undefined {
  const text = filter.q?.trim() ?? ''
  if (text === '') return undefined
  const network = readNetwork(text)
  if (network) return filter.ip ? from(network) : undefined
  if (validate(text)) {
    const id = text.toLowerCase()
    return sql`(${sessions.id} = ${id} or ${sessions.accountId} = ${id})`
  }
  if (filter.people) {
    return sql`${sessions.accountId} = any(${lookedUp(filter.people.slice(0, MOST_PEOPLE))})`
  }
  return sql`${sessions.accountId} = any(array(${idsInNames(text, MOST_PEOPLE)}))`
}
