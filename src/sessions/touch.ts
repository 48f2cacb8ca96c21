import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { accounts, apps, sessionActivity, sessionAddresses, sessions, settings } from '../db/schema.js'
import type { Place } from '../devices/types.js'
import { liveAt } from './live.js'

export interface Touch {
  id: SessionId
  /** How long ago the session was used; a duration, because no other clock is trusted. */
  secondsAgo: number
  ip: string | null
  requests: number
}

/**
 * Writes that sessions were used: one statement for all, and one more where somebody moved. A touch counts only
 * where the session was live at the time of use: it never brings an ended, idle or blocked one back (S-12), and says so.
 *
 * @returns the ids that have ended (or never were)
 */
export async function touchSessions(
  db: Database,
  touches: Touch[],
  placeAt: (ip: string) => Place,
  scope: { appId?: string | undefined } = {},
): Promise<SessionId[]> {
  if (touches.length === 0) return []
  const rows = sql.join(
    touches.map((touch) => {
      const place = touch.ip ? placeAt(touch.ip) : undefined
      return sql`(${touch.id}::uuid, ${touch.secondsAgo}::float8, ${touch.ip}::inet, ${touch.requests}::bigint, ${place?.country ?? null}::text, ${place?.city ?? null}::text, ${place?.asn ?? null}::int, ${place?.networkOwner ?? null}::text)`
    }),
    sql`, `,
  )
  const inApp = scope.appId ? sql`${sessions.appId} = ${scope.appId}` : sql`true`
  const usedAt = sql`now() - make_interval(secs => used.ago)`
  return db.transaction(async (tx) => {
    const touched = rowsOf<{ id: SessionId }>(
      await tx.execute(sql`
        with used (id, ago, used_ip, requests, country, city, asn, owner) as (values ${rows}),
        alive as (
          select used.*, ${usedAt} as at, ${sessions.ip} as signed_in_from
          from used
          join ${sessions} on ${sessions.id} = used.id
          join ${accounts} on ${accounts.id} = ${sessions.accountId}
          join ${apps} on ${apps.id} = ${sessions.appId}
          join ${settings} on ${settings.id} = 1
          join ${sessionActivity} on ${sessionActivity.sessionId} = ${sessions.id}
          where ${liveAt(usedAt, sql`coalesce(used.used_ip, ${sessionActivity.lastIp})`)} and ${inApp}
        ),
        moves as (
          insert into ${sessionAddresses} (session_id, ip, country, city, asn, network_owner, first_seen_at)
          select id, used_ip, country, city, asn, owner, at from alive
          where used_ip is not null and used_ip is distinct from signed_in_from
          on conflict do nothing
        )
        update ${sessionActivity} a set
          last_seen_at = greatest(a.last_seen_at, u.at),
          last_ip = coalesce(u.used_ip, a.last_ip),
          last_country = case when u.used_ip is null then a.last_country else u.country end,
          last_city = case when u.used_ip is null then a.last_city else u.city end,
          last_network_owner = case when u.used_ip is null then a.last_network_owner else u.owner end,
          requests = a.requests + u.requests
        from alive u
        where a.session_id = u.id
        returning a.session_id as id`),
    )
    await announce(tx, { kind: 'touched' })
    const alive = new Set(touched.map((row) => row.id))
    return touches.map((touch) => touch.id).filter((id) => !alive.has(id))
  })
}

export interface TouchBuffer {
  /** Notes that a session was used now. Costs a map entry; never waits. */
  note(id: SessionId, ip: string | null): void
  /** Writes what was noted; keeps it for the next time when the database does not answer. */
  flush(): Promise<void>
  /** Flushes every `intervalMs`. @returns what stops that */
  start(intervalMs: number): () => void
}

/** How many sessions one statement touches. */
const BATCH = 500

/** Collects touches in memory: at most one write a session and interval. A crash may lose one interval of "last seen". */
export function createTouchBuffer(
  db: Database,
  placeAt: (ip: string) => Place,
  onFailure: (error: unknown) => void,
  monotonicMs: () => number = () => performance.now(),
): TouchBuffer {
  let noted = new Map<SessionId, { at: number; ip: string | null; requests: number }>()
  let flushing: Promise<void> | undefined

  async function write() {
    const batch = noted
    noted = new Map()
    const entries = [...batch]
    for (let start = 0; start < entries.length; start += BATCH) {
      const part = entries.slice(start, start + BATCH)
      try {
        const now = monotonicMs()
        await touchSessions(
          db,
          part.map(([id, use]) => ({ id, secondsAgo: (now - use.at) / 1000, ip: use.ip, requests: use.requests })),
          placeAt,
        )
      } catch (error) {
        onFailure(error)
        for (const [id, use] of part) keep(id, use)
      }
    }
  }

  function keep(id: SessionId, use: { at: number; ip: string | null; requests: number }) {
    const newer = noted.get(id)
    noted.set(id, newer ? { ...newer, requests: newer.requests + use.requests } : use)
  }

  const buffer: TouchBuffer = {
    note(id, ip) {
      const before = noted.get(id)
      noted.set(id, { at: monotonicMs(), ip: ip ?? before?.ip ?? null, requests: (before?.requests ?? 0) + 1 })
    },
    async flush() {
      await flushing
      flushing = write().finally(() => {
        flushing = undefined
      })
      await flushing
    },
    start(intervalMs) {
      const timer = setInterval(() => void buffer.flush(), intervalMs)
      return () => clearInterval(timer)
    },
  }
  return buffer
}
