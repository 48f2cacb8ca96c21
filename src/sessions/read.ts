import { and, eq, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database } from '../db/connect.js'
import { idArray } from '../db/idArray.js'
import type { AccountId, AppId, SessionId } from '../db/ids.js'
import { accounts, apps, endings, jobs, sessionActivity, sessions, settings } from '../db/schema.js'
import { isPrivate } from '../devices/address.js'
import type { Place } from '../devices/types.js'
import { firstEnding, generationsPassed } from './generation.js'
import { effectiveExpiry, goesIdleAt, liveFactColumns, networkBlocked, whyNotLive } from './live.js'
import { positionOf, readPosition } from './log/positions.js'
import { freezingJob } from './many/frozen.js'
import { END_REASONS, type EndReason, type Session } from './types.js'

/** Whose sessions may be seen or ended: everyone's for an admin, the own app's for a key, the own ones for a person. */
export interface SessionScope {
  appId?: AppId | undefined
  accountId?: AccountId | undefined
}

/** Over the columns of `sessions`. Index: the key. */
export const among = (ids: readonly SessionId[]): SQL => sql`${sessions.id} = any(${idArray(ids)})`

export const inScope = (scope: SessionScope): SQL | undefined =>
  and(
    scope.appId ? eq(sessions.appId, scope.appId) : undefined,
    scope.accountId ? eq(sessions.accountId, scope.accountId) : undefined,
  )

/** @returns undefined when there is none with that id, or it is out of scope: both answer 404 (S-33, S-34) */
export async function findSession(db: Database, id: SessionId, scope: SessionScope = {}): Promise<Session | undefined> {
  const [row] = await selectSessions(db).where(and(eq(sessions.id, id), inScope(scope)))
  return row && toSession(row)
}

/** A query over every table that the live predicate needs; callers add `where`, `orderBy` and `limit`. */
export function selectSessions(db: Database) {
  return db
    .select({
      session: sessions,
      account: { id: accounts.id, name: accounts.name, email: accounts.email, role: accounts.role },
      app: { id: apps.id, name: apps.name, icon: apps.icon },
      activity: sessionActivity,
      unmarkedEnd,
      facts: { ...liveFactColumns, networkBlocked: networkBlocked(sql`${sessionActivity.lastIp}`) },
    })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(apps, eq(apps.id, sessions.appId))
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))
    .$dynamic()
}

/** What ended it with all the others, where its row is not marked yet. A job froze only what was live: it came first. */
const unmarkedEnd = sql<unknown>`case when ${sessions.endedAt} is null then coalesce(
  (select json_build_object('at', ${jobs.at}, 'reason', 'revoked', 'note', ${jobs.reason},
    'by', json_build_object('kind', ${jobs.byKind}, 'id', ${jobs.byId}, 'name', ${jobs.byName}),
    'position', 'x' || ${jobs.xid}) ${freezingJob}),
  case when ${generationsPassed} then (
    select json_build_object('at', ${endings.at}, 'reason', ${endings.reason}, 'note', ${endings.note},
      'by', json_build_object('kind', ${endings.byKind}, 'id', ${endings.byId}, 'name', ${endings.byName}),
      'position', 'x' || ${endings.xid}) ${firstEnding}) end) end`

const UnmarkedEnd = z.object({
  at: z.string().transform((text) => new Date(text)),
  reason: z.enum(END_REASONS),
  note: z.string().nullable(),
  by: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }),
  position: z.string().transform((text) => readPosition(text) ?? null),
})

type Row = Awaited<ReturnType<typeof selectSessions>>[number]

export function toSession({ session, account, app, activity, unmarkedEnd, facts }: Row): Session {
  const why = whyNotLive(facts)
  const place = placeOf(session.ip, session)
  const moved = activity.lastIp !== null && activity.lastIp !== session.ip
  return {
    id: session.id,
    account: { ...account, blocked: facts.accountBlocked },
    app,
    state: why ? 'ended' : 'live',
    createdAt: session.createdAt,
    expiresAt: effectiveExpiry(facts),
    lastSeenAt: activity.lastSeenAt,
    requests: activity.requests,
    method: session.method,
    ip: session.ip,
    place,
    lastIp: activity.lastIp ?? session.ip,
    lastPlace: moved
      ? placeOf(activity.lastIp, {
          country: activity.lastCountry,
          city: activity.lastCity,
          networkOwner: activity.lastNetworkOwner,
        })
      : place,
    device: {
      browser: session.browser,
      browserVersion: session.browserVersion,
      os: session.os,
      osVersion: session.osVersion,
      type: session.deviceType,
      model: session.deviceModel,
    },
    userAgent: session.userAgent,
    end: why ? endOf({ session, unmarkedEnd, facts }, why) : null,
  }
}

/** A row that nobody has marked yet (the sweeper is on its way) has ended all the same, at the time its policy says. */
function endOf(
  { session, unmarkedEnd, facts }: Pick<Row, 'session' | 'unmarkedEnd' | 'facts'>,
  why: string,
): Session['end'] {
  if (session.endedAt && session.endReason) {
    const by = session.endedByKind
      ? { kind: session.endedByKind, id: session.endedById, name: session.endedByName ?? '' }
      : null
    return {
      at: session.endedAt,
      reason: session.endReason,
      note: session.endNote,
      by,
      position: positionOf(session.endedXid),
    }
  }
  const act = UnmarkedEnd.safeParse(unmarkedEnd)
  if (act.success) return act.data
  if (why === 'expired') return { at: effectiveExpiry(facts), reason: 'expired', note: null, by: null, position: null }
  if (why === 'idle') return { at: goesIdleAt(facts), reason: 'idle', note: null, by: null, position: null }
  return { at: facts.now, reason: unmarkedReason(why), note: null, by: null, position: null }
}

function unmarkedReason(why: string): EndReason {
  if (why === 'blocked' || why === 'network-blocked') return why
  return 'revoked'
}

export function placeOf(ip: string | null, stored: Partial<Omit<Place, 'kind'>>): Place {
  return {
    kind: stored.country ? 'place' : ip !== null && isPrivate(ip) ? 'private' : 'unknown',
    country: stored.country ?? null,
    region: stored.region ?? null,
    city: stored.city ?? null,
    latitude: stored.latitude ?? null,
    longitude: stored.longitude ?? null,
    asn: stored.asn ?? null,
    networkOwner: stored.networkOwner ?? null,
  }
}
