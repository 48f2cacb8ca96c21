import { type SQL, sql } from 'drizzle-orm'
import type { Role } from '../accounts/types.js'
import { isAdmin } from '../accounts/types.js'
import { fixed } from '../db/fixed.js'
import { BUILT_IN_APP } from '../db/ids.js'
import { accounts, apps, blocks, sessionActivity, sessions, settings } from '../db/schema.js'
import { isFrozen, isFrozenOfMany } from './many/frozen.js'
import { signInIdleAt } from './signInBehind.js'
import type { DenialReason, EndReason } from './types.js'

/**
 * The one predicate "would authenticate right now", twice: in SQL for lists, counts and bulk acts, and in memory for
 * the verifier. `tests/integration/sessions/live.test.ts` holds the two together over random histories (S-11).
 *
 * The SQL side stands over `sessions`, `accounts`, `apps`, `settings` and `session_activity`, joined and unaliased.
 */
export const BLOCK_IN_FORCE = sql`(${blocks.liftedAt} is null
  and (${blocks.until} is null or ${blocks.until} > now())
  and (${blocks.confirmBy} is null or ${blocks.confirmBy} > now()))`

const isAdminSession = sql`(${sessions.appId} = ${BUILT_IN_APP} and ${accounts.role} <> 'person')`

/** Seconds, by what is in force now and not by what was at the sign-in; a session's own can only be shorter. */
export const idleTimeout = fixed(
  sql<number>`least(case when ${isAdminSession} then ${settings.adminIdleTimeout} else coalesce(${apps.idleTimeout}, ${settings.idleTimeout}) end, ${sessions.idleTimeout})`,
)
export const absoluteTimeout = fixed(
  sql<number>`(case when ${isAdminSession} then ${settings.adminAbsoluteTimeout} else coalesce(${apps.absoluteTimeout}, ${settings.absoluteTimeout}) end)`,
)

/** Index: blocks_one_an_account. */
export const accountBlocked = fixed(
  sql<boolean>`exists (select 1 from ${blocks} where ${blocks.accountId} = ${sessions.accountId} and ${BLOCK_IN_FORCE})`,
)

/**
 * Of an address given as SQL. Index: blocks_networks. One that covers its author's own address spares the author until it
 * is confirmed: nobody else could confirm it from there.
 */
export const networkBlocked = (ip: SQL, accountId = sql`${sessions.accountId}`) =>
  sql<boolean>`exists (select 1 from ${blocks}
    where ${blocks.kind} = 'network' and ${blocks.network} >>= ${ip} and ${BLOCK_IN_FORCE}
      and (${blocks.confirmBy} is null or ${blocks.createdById} is distinct from ${accountId}::text))`

/** What the predicate stands over, for statements in SQL: `from ${liveTables} where ${isLive}`. */
export const liveJoins = fixed(sql`join ${accounts} on ${accounts.id} = ${sessions.accountId}
  join ${apps} on ${apps.id} = ${sessions.appId}
  join ${settings} on ${settings.id} = 1
  join ${sessionActivity} on ${sessionActivity.sessionId} = ${sessions.id}`)
export const liveTables = fixed(sql`${sessions} ${liveJoins}`)

/** When it ends by its own deadlines, if nobody uses it any more. */
export const expiresAt = fixed(
  sql<Date>`least(${sessions.expiresAt}, ${sessions.createdAt} + make_interval(secs => ${absoluteTimeout}))`,
)
export const idleAt = fixed(sql<Date>`(${sessionActivity.lastSeenAt} + make_interval(secs => ${idleTimeout}))`)

/**
 * Touches travel in batches: only so long after its time is it certain that a session went idle, and nobody's use of it is
 * still on the way.
 */
export const IDLE_GRACE_SECONDS = 10

/** As far as anything but its account's and its own activity's row can tell, which are dear to look up for many. */
const openAt = (at: SQL, frozen: SQL) => sql<boolean>`(
  ${sessions.endedAt} is null
  and ${sessions.appGeneration} = ${apps.generation}
  and ${sessions.everyoneGeneration} = ${settings.generation}
  and ${apps.disabledAt} is null
  and not ${frozen}
  and not ${accountBlocked}
  and coalesce(${signInIdleAt} > ${at}, true)
)`

/**
 * Nobody has ended it, nor the sign-in that it came from, whether it would still authenticate or not: over `sessions`,
 * `apps` and `settings`.
 */
export const isOpen = fixed(openAt(sql`'epoch'::timestamptz`, isFrozenOfMany))

/** Live at a time, for a use from an address: both as SQL. */
export const liveAt = (at: SQL, ip: SQL, frozen: SQL = isFrozen) => sql<boolean>`(
  ${openAt(at, frozen)}
  and ${sessions.accountGeneration} = ${accounts.generation}
  and ${expiresAt} > ${at}
  and ${idleAt} > ${at}
  and not ${networkBlocked(ip)}
)`

/** Live now, from where it was last used. */
export const isLive = fixed(liveAt(sql`now()`, sql`${sessionActivity.lastIp}`))
/** The same for statements over many rows. */
export const isLiveOfMany = fixed(liveAt(sql`now()`, sql`${sessionActivity.lastIp}`, isFrozenOfMany))

/** What the decision in memory rests on. Times are database time. */
export interface LiveFacts {
  now: Date
  createdAt: Date
  expiresAt: Date
  lastSeenAt: Date
  endedAt: Date | null
  endReason: EndReason | null
  generationsPresent: boolean
  /** A job has ended it with many others, and not marked it yet. */
  frozen: boolean
  /** Of the sign-in at Rollcall that it came from (`signInBehind.ts`): the epoch where that is over; null where it came from none. */
  signInIdleAt: Date | null
  appDisabled: boolean
  accountBlocked: boolean
  /** Of the address that the request comes from; of the last one where there is no request. */
  networkBlocked: boolean
  /** Seconds. */
  idleTimeout: number
  absoluteTimeout: number
}

/** The columns of `LiveFacts` but for the network, over the same joins as `isLive`. */
export const liveFactColumns = {
  now: sql<Date>`now()`.mapWith(sessions.createdAt),
  createdAt: sessions.createdAt,
  expiresAt: sessions.expiresAt,
  endedAt: sessions.endedAt,
  endReason: sessions.endReason,
  lastSeenAt: sessionActivity.lastSeenAt,
  generationsPresent: sql<boolean>`(${sessions.accountGeneration} = ${accounts.generation} and ${sessions.appGeneration} = ${apps.generation} and ${sessions.everyoneGeneration} = ${settings.generation})`,
  frozen: isFrozen,
  signInIdleAt,
  appDisabled: sql<boolean>`(${apps.disabledAt} is not null)`,
  accountBlocked,
  idleTimeout,
  absoluteTimeout,
}

/** When the session ends at the latest, by the policy in force now. */
export function effectiveExpiry(facts: Pick<LiveFacts, 'createdAt' | 'expiresAt' | 'absoluteTimeout'>): Date {
  return new Date(Math.min(facts.expiresAt.getTime(), facts.createdAt.getTime() + facts.absoluteTimeout * 1000))
}

/** @returns why the session is not live, or undefined when it is */
export function whyNotLive(facts: LiveFacts): Exclude<DenialReason, 'unknown' | 'unavailable'> | undefined {
  if (facts.accountBlocked) return 'blocked'
  if (facts.endedAt) {
    return facts.endReason === 'idle' || facts.endReason === 'expired' ? facts.endReason : 'ended'
  }
  if (facts.networkBlocked) return 'network-blocked'
  if (!facts.generationsPresent || facts.appDisabled || facts.frozen) return 'ended'
  if (facts.signInIdleAt?.getTime() === 0) return 'ended'
  if (effectiveExpiry(facts) <= facts.now) return 'expired'
  if (goesIdleAt(facts) <= facts.now) return 'idle'
  return undefined
}

/** By its own activity or by that of the sign-in that it came from: a use that is not written yet may put off both. */
export function goesIdleAt({ lastSeenAt, idleTimeout, signInIdleAt }: LiveFacts): Date {
  const own = lastSeenAt.getTime() + idleTimeout * 1000
  return new Date(Math.min(own, signInIdleAt?.getTime() ?? own))
}

/** Timeouts of a session that starts now. */
export function timeoutsFor(
  role: Role,
  app: { id: string; idleTimeout: number | null; absoluteTimeout: number | null },
  policy: { idleTimeout: number; absoluteTimeout: number; adminIdleTimeout: number; adminAbsoluteTimeout: number },
): { idle: number; absolute: number } {
  if (app.id === BUILT_IN_APP && isAdmin(role)) {
    return { idle: policy.adminIdleTimeout, absolute: policy.adminAbsoluteTimeout }
  }
  return { idle: app.idleTimeout ?? policy.idleTimeout, absolute: app.absoluteTimeout ?? policy.absoluteTimeout }
}
