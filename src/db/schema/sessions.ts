import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  date,
  doublePrecision,
  index,
  inet,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import type { DeviceType } from '../../devices/types.js'
import type { EndReason } from '../../sessions/types.js'
import { bytea, time, xid8 } from '../columns.js'
import type { AccountId, AppId, SessionId } from '../ids.js'
import { accounts } from './accounts.js'
import { apps } from './apps.js'

/** What lists of ended sessions filter by, as one value of each kind: for what hardly any of them has. */
export const SESSION_FACTS = sql.raw(`(array[
  'app:' || app_id::text, 'country:' || coalesce(country, 'unknown'), 'browser:' || coalesce(browser, 'unknown'),
  'os:' || coalesce(os, 'unknown'), 'device:' || device_type, 'method:' || method])`)

/**
 * One sign-in of one account, on one device, in one app. Written at the sign-in and at the end, never between:
 * what changes with use is in `session_activity` and `session_addresses`.
 */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey().$type<SessionId>(),
    secretHash: bytea('secret_hash').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    accountGeneration: integer('account_generation').notNull(),
    appGeneration: integer('app_generation').notNull(),
    everyoneGeneration: integer('everyone_generation').notNull(),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
    method: text().notNull(),
    ip: inet(),
    country: text(),
    region: text(),
    city: text(),
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    asn: integer(),
    networkOwner: text('network_owner'),
    userAgent: text('user_agent').notNull().default(''),
    browser: text(),
    browserVersion: text('browser_version'),
    os: text(),
    osVersion: text('os_version'),
    deviceType: text('device_type').$type<DeviceType>().notNull().default('unknown'),
    deviceModel: text('device_model'),
    data: jsonb().$type<Record<string, unknown>>(),
    /** Seconds; only ever shortens what the policy gives: the age that an app's own cookie may reach unused. */
    idleTimeout: integer('idle_timeout'),
    endedAt: time('ended_at'),
    endReason: text('end_reason').$type<EndReason>(),
    /** What the admin wrote, never shown to the person. */
    endNote: text('end_note'),
    endedByKind: text('ended_by_kind'),
    endedById: text('ended_by_id'),
    endedByName: text('ended_by_name'),
    /** The act's transaction: a follower that sees it has refused the session since. */
    endedXid: xid8('ended_xid'),
  },
  (t) => [
    // What has ended is stepped over in the index.
    index('sessions_account').on(t.accountId, t.id, t.endedAt),
    // What lists walk down. Where several filters are on, the other columns are looked at in the index.
    index('sessions_live_walk')
      .on(t.id, t.country, t.browser, t.os, t.appId, t.method, t.deviceType)
      .where(sql`${t.endedAt} is null`),
    index('sessions_ended_walk')
      .on(t.id, t.country, t.browser, t.os, t.appId, t.method, t.deviceType, t.browserVersion)
      .where(sql`${t.endedAt} is not null`),
    index('sessions_ended_facts').using('gin', SESSION_FACTS).where(sql`${t.endedAt} is not null`),
    index('sessions_live_app')
      .on(t.appId, t.id, t.country, t.browser, t.os, t.method, t.deviceType)
      .where(sql`${t.endedAt} is null`),
    index('sessions_live_country')
      .on(t.country, t.id, t.browser, t.os, t.appId, t.method, t.deviceType)
      .where(sql`${t.endedAt} is null`),
    index('sessions_live_browser')
      .on(t.browser, t.id, t.country, t.os, t.appId, t.method, t.deviceType, t.browserVersion)
      .where(sql`${t.endedAt} is null`),
    // "All on Chrome 98": of one that hardly anybody has, a walk down the browser's would go past millions.
    index('sessions_live_version')
      .on(t.browser, sql`split_part(${t.browserVersion}, '.', 1)`, t.id, t.browserVersion)
      .where(sql`${t.endedAt} is null`),
    index('sessions_ended_version')
      .on(t.browser, sql`split_part(${t.browserVersion}, '.', 1)`, t.id, t.browserVersion)
      .where(sql`${t.endedAt} is not null`),
    index('sessions_live_os')
      .on(t.os, t.id, t.country, t.browser, t.appId, t.method, t.deviceType)
      .where(sql`${t.endedAt} is null`),
    index('sessions_live_method')
      .on(t.method, t.id, t.country, t.browser, t.os, t.appId, t.deviceType)
      .where(sql`${t.endedAt} is null`),
    index('sessions_live_device_type')
      .on(t.deviceType, t.id, t.country, t.browser, t.os, t.appId, t.method)
      .where(sql`${t.endedAt} is null`),
    index('sessions_live_ip').on(t.ip, t.id).where(sql`${t.endedAt} is null`),
    index('sessions_ended_ip').on(t.ip, t.id).where(sql`${t.endedAt} is not null`),
    index('sessions_ended').on(t.endedAt).where(sql`${t.endedAt} is not null`),
    check('sessions_end_has_reason', sql`(${t.endedAt} is null) = (${t.endReason} is null)`),
  ],
)

/** What changes while a session is used. No index but its key and one by the day, and room in the page: updates stay HOT. */
export const sessionActivity = pgTable(
  'session_activity',
  {
    sessionId: uuid('session_id')
      .primaryKey()
      .$type<SessionId>()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    lastSeenAt: time('last_seen_at').notNull(),
    lastIp: inet('last_ip'),
    lastCountry: text('last_country'),
    lastCity: text('last_city'),
    lastNetworkOwner: text('last_network_owner'),
    requests: bigint({ mode: 'number' }).notNull().default(0),
    /** False once its row is marked as ended, by a trigger on `sessions`. */
    open: boolean().notNull().default(true),
    /** The day, UTC, that it was last seen on, while it is open: it changes once a day at most. */
    seenOn: date('seen_on').generatedAlwaysAs(sql`case when open then (last_seen_at at time zone 'UTC')::date end`),
  },
  (t) => [index('session_activity_day').on(t.seenOn, t.sessionId).where(sql`${t.seenOn} is not null`)],
)

/** The addresses a session moved to after its sign-in, each once. */
export const sessionAddresses = pgTable(
  'session_addresses',
  {
    sessionId: uuid('session_id')
      .notNull()
      .$type<SessionId>()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    ip: inet().notNull(),
    country: text(),
    city: text(),
    asn: integer(),
    networkOwner: text('network_owner'),
    firstSeenAt: time('first_seen_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sessionId, t.ip] }), index('session_addresses_ip').on(t.ip)],
)
