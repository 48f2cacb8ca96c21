import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  check,
  cidr,
  date,
  doublePrecision,
  index,
  inet,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { AppIcon, Integration, Role, Scope } from '../accounts/types.js'
import type { Actor, AuditAction, Stranger } from '../audit/types.js'
import type { DeviceType } from '../devices/types.js'
import type { EndReason } from '../sessions/types.js'
import { bytea, time, xid8 } from './columns.js'
import type { AccountId, AppId, AuditEventId, BlockId, EndingId, JobId, KeyId, SessionId, ViewId } from './ids.js'

/** The one row (id 1) of what holds for everyone. Times are seconds. */
export const settings = pgTable(
  'settings',
  {
    id: integer().primaryKey().default(1),
    generation: integer().notNull().default(0),
    idleTimeout: integer('idle_timeout').notNull().default(86_400),
    absoluteTimeout: integer('absolute_timeout')
      .notNull()
      .default(30 * 86_400),
    adminIdleTimeout: integer('admin_idle_timeout')
      .notNull()
      .default(15 * 60),
    adminAbsoluteTimeout: integer('admin_absolute_timeout')
      .notNull()
      .default(8 * 3_600),
    sessionLimit: integer('session_limit').notNull().default(100),
    contact: text().notNull().default('your administrator'),
    /** How long the audit log is kept; null: for good. */
    auditDays: integer('audit_days'),
    /** How long ended sessions are kept; null: for good. */
    sessionDays: integer('session_days'),
    /** Viewers see addresses and names shortened. */
    maskForViewers: boolean('mask_for_viewers').notNull().default(false),
  },
  (t) => [check('settings_one_row', sql`${t.id} = 1`)],
)

/** Someone who can sign in. `generation` is what its sessions are born with: one increment ends them all. */
export const accounts = pgTable(
  'accounts',
  {
    id: uuid().primaryKey().$type<AccountId>(),
    email: text(),
    /** How addresses are compared: NFKC, trimmed, lower case (S-54). */
    emailKey: text('email_key'),
    name: text().notNull(),
    role: text().$type<'person' | 'viewer' | 'responder' | 'owner'>().notNull().default('person'),
    generation: integer().notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('accounts_email_key').on(t.emailKey),
    index('accounts_role').on(t.role).where(sql`${t.role} <> 'person'`),
    index('accounts_name').on(sql`lower(${t.name})`, t.id),
    // A beginning of two letters is found by these; longer parts by accounts_words, where the database has pg_trgm.
    index('accounts_name_start').on(sql`lower(${t.name}) collate "C"`),
    index('accounts_email_start').on(sql`${t.emailKey} collate "C"`),
    check('accounts_role_known', sql`${t.role} in ('person', 'viewer', 'responder', 'owner')`),
  ],
)

/** How an app calls an account: its own user id, unique within the app. */
export const accountIdentities = pgTable(
  'account_identities',
  {
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    externalId: text('external_id').notNull(),
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
  },
  (t) => [primaryKey({ columns: [t.appId, t.externalId] }), index('account_identities_account').on(t.accountId)],
)

/** A password (argon2id PHC string, parameters inside). One an account. */
export const credentials = pgTable('credentials', {
  accountId: uuid('account_id')
    .primaryKey()
    .$type<AccountId>()
    .references(() => accounts.id),
  passwordHash: text('password_hash').notNull(),
  changedAt: time('changed_at').notNull().defaultNow(),
  /** Since when it opens nothing but the choice of a new one. */
  newRequiredAt: time('new_required_at'),
})

/** Half-way through a sign-in whose password was right and has to be changed; no session. One an account. */
export const passwordRenewals = pgTable('password_renewals', {
  accountId: uuid('account_id')
    .primaryKey()
    .$type<AccountId>()
    .references(() => accounts.id),
  tokenHash: bytea('token_hash').notNull(),
  expiresAt: time('expires_at').notNull(),
})

/** Links that make an account's first password, or a new one; only their SHA-256 is kept (S-25). */
export const invitations = pgTable(
  'invitations',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    emailKey: text('email_key').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
  },
  (t) => [index('invitations_account').on(t.accountId)],
)

/** The one-time link for the first owner; at most one row (S-24). */
export const setupLinks = pgTable('setup_links', {
  id: integer().primaryKey().default(1),
  tokenHash: bytea('token_hash').notNull(),
  expiresAt: time('expires_at').notNull(),
})

/** Browsers that an account has signed in from: they keep a budget of their own when others guess (S-23). */
export const knownDevices = pgTable(
  'known_devices',
  {
    accountId: uuid('account_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    tokenHash: bytea('token_hash').notNull(),
    lastUsedAt: time('last_used_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.accountId, t.tokenHash] })],
)

/** A relying application. Null timeouts, and a null limit, mean those of `settings`. */
export const apps = pgTable(
  'apps',
  {
    id: uuid().primaryKey().$type<AppId>(),
    name: text().notNull(),
    icon: text().$type<AppIcon>().notNull().default('app-window'),
    /** What it was added with; null where nobody said. */
    integration: text().$type<Integration>(),
    generation: integer().notNull().default(0),
    idleTimeout: integer('idle_timeout'),
    absoluteTimeout: integer('absolute_timeout'),
    sessionLimit: integer('session_limit'),
    /** The least role that signs in to it. */
    role: text().$type<Role>().notNull().default('person'),
    /** What its processes do when they can't tell: refuse, or go by what they remember (S-16). */
    onUnavailable: text('on_unavailable').$type<'deny' | 'allow-cached'>().notNull().default('deny'),
    createdAt: time('created_at').notNull().defaultNow(),
    /** Its sessions are over while it is. */
    disabledAt: time('disabled_at'),
    /** The row stays for as long as ended sessions and the audit log speak of it. */
    deletedAt: time('deleted_at'),
  },
  (t) => [
    uniqueIndex('apps_name').on(sql`lower(${t.name})`).where(sql`${t.deletedAt} is null`),
    check('apps_on_unavailable_known', sql`${t.onUnavailable} in ('deny', 'allow-cached')`),
    check('apps_role_known', sql`${t.role} in ('person', 'viewer', 'responder', 'owner')`),
    check('apps_deleted_is_disabled', sql`${t.deletedAt} is null or ${t.disabledAt} is not null`),
  ],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid().primaryKey().$type<KeyId>(),
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    name: text().notNull(),
    /** SHA-256 of the whole key: 256 random bits need no slow hash. */
    keyHash: bytea('key_hash').notNull(),
    /** The last four characters, to tell keys apart. */
    hint: text().notNull(),
    scopes: text().array().$type<Scope[]>().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    expiresAt: time('expires_at'),
    revokedAt: time('revoked_at'),
    lastUsedAt: time('last_used_at'),
    /** The key that it was made in the place of. */
    replaces: uuid().$type<KeyId>(),
    /** Beside checks; 0: any number; null: as ROLLCALL_KEY_RATE says. */
    requestsPerMinute: integer('requests_per_minute'),
  },
  (t) => [uniqueIndex('api_keys_hash').on(t.keyHash)],
)

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

/** Everything that makes a cached verdict stale, ordered by transaction. Kept an hour. */
export const revocations = pgTable(
  'revocations',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    /** `sessions`: many in one row, their ids separated by commas. */
    kind: text()
      .$type<'session' | 'sessions' | 'account' | 'app' | 'everything' | 'network' | 'policy' | 'key' | 'stored'>()
      .notNull(),
    target: text().notNull(),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [index('revocations_xid').on(t.xid, t.id), index('revocations_at').on(t.at)],
)

/**
 * What was ended by one increment of a generation, and whose rows are still to be marked: sessions born with a lower
 * `generation` are over. A job marks them in batches and resumes where it was stopped.
 */
export const endings = pgTable(
  'endings',
  {
    id: uuid().primaryKey().$type<EndingId>(),
    kind: text().$type<'account' | 'app' | 'everything'>().notNull(),
    /** Id of the account or app; null for everything. */
    target: text(),
    /** What the counter was raised to. */
    generation: integer().notNull(),
    reason: text().$type<EndReason>().notNull(),
    note: text(),
    byKind: text('by_kind').notNull(),
    byId: text('by_id'),
    byName: text('by_name').notNull(),
    exceptSession: uuid('except_session').$type<SessionId>(),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    at: time('at').notNull().defaultNow(),
    doneAt: time('done_at'),
    /** Rows so far. */
    marked: integer().notNull().default(0),
  },
  (t) => [
    index('endings_open').on(t.at).where(sql`${t.doneAt} is null`),
    check('endings_target', sql`(${t.kind} = 'everything') = (${t.target} is null)`),
  ],
)

/**
 * Sessions that were ended by a filter, in one act. They are over from its commit on, by `job_sessions`; a job marks their
 * rows in batches, may be paused, and resumes where it was stopped.
 */
export const jobs = pgTable(
  'jobs',
  {
    id: uuid().primaryKey().$type<JobId>(),
    /** As the list understands it, and in words as it was then. */
    filter: jsonb().$type<Record<string, unknown>>().notNull(),
    what: text().notNull(),
    reason: text().notNull(),
    byKind: text('by_kind').notNull(),
    byId: text('by_id'),
    byName: text('by_name').notNull(),
    /** Whose key may see it; null: an admin's alone. */
    appId: uuid('app_id').$type<AppId>(),
    /** How many it would have ended when the admin looked. */
    previewed: integer(),
    /** How many it did end. Of the frozen ones so far: marked by it, and found to be marked by others. */
    total: integer().notNull(),
    ended: integer().notNull().default(0),
    gone: integer().notNull().default(0),
    /** Left alone: out of its author's reach, and its author's own session. */
    refused: integer().notNull(),
    spared: integer().notNull(),
    state: text().$type<'running' | 'paused' | 'done'>().notNull().default('running'),
    xid: xid8().notNull().default(sql`pg_current_xact_id()`),
    at: time('at').notNull().defaultNow(),
    doneAt: time('done_at'),
  },
  (t) => [
    index('jobs_at').on(t.at, t.id),
    index('jobs_open').on(t.at).where(sql`${t.state} <> 'done'`),
    check('jobs_state_known', sql`${t.state} in ('running', 'paused', 'done')`),
  ],
)

/**
 * The frozen sets: sessions that a job has ended and not yet marked. No foreign key: it would lock each session's row.
 * Rows come by the hundred thousand and go soon.
 */
export const jobSessions = pgTable(
  'job_sessions',
  {
    sessionId: uuid('session_id').primaryKey().$type<SessionId>(),
    jobId: uuid('job_id').notNull().$type<JobId>(),
  },
  (t) => [index('job_sessions_job').on(t.jobId, t.sessionId)],
)

/** One row a node: that it lives, and what it has applied of the revocation log. */
export const followers = pgTable('followers', {
  id: uuid().primaryKey(),
  name: text().notNull(),
  version: text().notNull(),
  startedAt: time('started_at').notNull().defaultNow(),
  /** As `formatSnapshot` writes it; null until the first poll was answered. */
  snapshot: text(),
  /** Of the last poll that counted: the node's lease has run out at most `leaseMs` after it. */
  seenAt: time('seen_at').notNull(),
  /** Of the last report of a snapshot, which extends no lease. */
  reportedAt: time('reported_at'),
  leaseMs: integer('lease_ms').notNull(),
  stats: jsonb().notNull().default({}),
  /** The app processes that follow this node. */
  apps: jsonb().notNull().default([]),
})

/** Who refuses what one act ended: kept from the moment it is complete, and while it is not. */
export const receipts = pgTable('receipts', {
  /** The act's transaction. */
  xid: xid8().primaryKey(),
  at: time('at').notNull().defaultNow(),
  nodes: integer().notNull(),
  nodesTotal: integer('nodes_total').notNull(),
  apps: integer().notNull(),
  appsTotal: integer('apps_total').notNull(),
  /** From the commit until the last one had it; null while not complete. */
  afterMs: integer('after_ms'),
  /** Who has not got it yet. */
  late: jsonb().notNull().default([]),
  complete: boolean().notNull().default(false),
})

/** A refused account or network. In force while not lifted and not past `until`. */
export const blocks = pgTable(
  'blocks',
  {
    id: uuid().primaryKey().$type<BlockId>(),
    kind: text().$type<'account' | 'network'>().notNull(),
    accountId: uuid('account_id')
      .$type<AccountId>()
      .references(() => accounts.id),
    network: cidr(),
    reason: text().notNull(),
    /** What the person is told after a right password. */
    message: text(),
    until: time('until'),
    createdAt: time('created_at').notNull().defaultNow(),
    createdByKind: text('created_by_kind').notNull(),
    createdById: text('created_by_id'),
    createdByName: text('created_by_name').notNull(),
    liftedAt: time('lifted_at'),
    liftedByName: text('lifted_by_name'),
    liftReason: text('lift_reason'),
    /** Sessions that the block ended when it was set. */
    ended: integer().notNull().default(0),
    /** Of a network: more are still to be ended than the act itself could; a job does it, and resumes. */
    stillEnding: boolean('still_ending').notNull().default(false),
    /** A network block that covers its author's own address undoes itself unless confirmed from there by then. */
    confirmBy: time('confirm_by'),
  },
  (t) => [
    uniqueIndex('blocks_one_an_account').on(t.accountId).where(sql`${t.liftedAt} is null`),
    uniqueIndex('blocks_one_a_network').on(t.network).where(sql`${t.liftedAt} is null and ${t.kind} = 'network'`),
    index('blocks_created').on(t.createdAt),
    // Which of ten thousand networks hold an address: each row of a list asks.
    index('blocks_networks')
      .using('gist', t.network.op('inet_ops'))
      .where(sql`${t.liftedAt} is null and ${t.kind} = 'network'`),
    index('blocks_still_ending').on(t.id).where(sql`${t.stillEnding}`),
    check(
      'blocks_target',
      sql`(${t.kind} = 'account') = (${t.accountId} is not null) and (${t.kind} = 'network') = (${t.network} is not null)`,
    ),
  ],
)

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
  ],
)

/** What the charts draw: one row for each quarter of an hour. */
export const sessionCounts = pgTable('session_counts', {
  at: time('at').primaryKey(),
  live: integer().notNull(),
  online: integer().notNull(),
  signIns: integer('sign_ins').notNull(),
  failures: integer().notNull(),
  ended: integer().notNull(),
})

/**
 * How many sessions have not ended, in all and by each value and each pair of values that lists filter by, as of the
 * last change that was added up. Where `session_changes` are counted with them, the numbers are exact at each moment.
 */
export const sessionTallies = pgTable(
  'session_tallies',
  {
    /** all, one of the filters, two of them ("country+browser"), city, or online */
    kind: text().notNull(),
    a: text().notNull(),
    b: text().notNull(),
    /** That have not ended. */
    n: bigint({ mode: 'number' }).notNull(),
    /** That have. */
    ended: bigint({ mode: 'number' }).notNull().default(0),
    /** Of a city: where its last session was. */
    latitude: doublePrecision(),
    longitude: doublePrecision(),
    /** Of those that are counted anew from time to time: when. */
    at: time('at'),
  },
  (t) => [primaryKey({ columns: [t.kind, t.a, t.b] })],
)

/** Sessions that began (`n` more), ended (`n` fewer, `ended` more) or left, and are not in the tallies yet. Triggers on `sessions` write them. */
export const sessionChanges = pgTable('session_changes', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  n: integer().notNull(),
  ended: integer().notNull().default(0),
  appId: uuid('app_id').notNull(),
  country: text(),
  browser: text(),
  os: text(),
  deviceType: text('device_type').notNull(),
  method: text().notNull(),
  city: text(),
  latitude: doublePrecision(),
  longitude: doublePrecision(),
})

/** What a POST with an `Idempotency-Key` answered, for a day (S-55). */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    keyId: uuid('key_id').notNull().$type<KeyId>(),
    key: text().notNull(),
    requestHash: bytea('request_hash').notNull(),
    status: integer(),
    /** Sealed with a key that only the caller's API key yields: an answer may hold a session token (S-01). */
    answer: bytea(),
    at: time('at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.keyId, t.key] }), index('idempotency_keys_at').on(t.at)],
)

/** A filter of a list that an admin gave a name; `query` is what stands after the `?` in its address. */
export const savedViews = pgTable(
  'saved_views',
  {
    id: uuid().primaryKey().$type<ViewId>(),
    ownerId: uuid('owner_id')
      .notNull()
      .$type<AccountId>()
      .references(() => accounts.id),
    list: text().$type<'sessions' | 'accounts' | 'audit'>().notNull(),
    name: text().notNull(),
    query: text().notNull(),
    shared: boolean().notNull().default(false),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('saved_views_name').on(t.ownerId, t.list, sql`lower(${t.name})`),
    index('saved_views_shared').on(t.list).where(sql`${t.shared}`),
    check('saved_views_list_known', sql`${t.list} in ('sessions', 'accounts', 'audit')`),
  ],
)

/** Small facts about the installation itself: which version's migrations ran last, and the like. */
export const installation = pgTable('installation', {
  key: text().primaryKey(),
  value: text().notNull(),
})

/**
 * How many failed sign-ins an account, an address, a network has to live with (S-23): a level that leaks away.
 * E-mail addresses are in the key as SHA-256 only: people type passwords into that box.
 */
export const signInLimits = pgTable(
  'sign_in_limits',
  {
    key: text().primaryKey(),
    /** Failures not yet forgotten, as they stood at `at`. */
    level: doublePrecision().notNull(),
    at: time('at').notNull(),
    /** What the counter bears, as of its last failure: `Budget` in src/accounts/limits.ts. */
    free: doublePrecision().notNull(),
    forgetAfter: doublePrecision('forget_after').notNull(),
    longestWait: doublePrecision('longest_wait').notNull(),
    /** When a refusal by this row was last written to the audit log: a flood writes one line a minute. */
    notedAt: time('noted_at'),
  },
  (t) => [index('sign_in_limits_at').on(t.at)],
)
