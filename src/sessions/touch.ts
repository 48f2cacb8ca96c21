import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { announce } from '../db/notices.js'
import { sessionActivity, sessionAddresses, sessions } from '../db/schema.js'
import type { Place } from '../devices/types.js'
import { liveAt, liveTables } from './live.js'

export interface Touch {
  id: SessionId
  /** How long ago the session was used; a duration, because no other clock is trusted. */
  secondsAgo: number
  ip: string | null
  requests: number
  /** An open page by itself: tells where the session is, but is no activity of the person (S-07). */
  background?: boolean
}

/** What one session may fill the table with; whoever moves that often is found by the first thousand. */
const MOST_ADDRESSES = 1_000

/**
 * Writes that sessions were used, in one statement. A touch counts only where the session was live at the time of use:
 * it never brings an ended, idle or blocked one back (S-12), and says so.
 *
 * A use in the background moves no `last_seen_at`, but it does move `last_ip`: an address is a fact whoever's timer it
 * was, and with it the list and the network blocks see a thief who calls each request a background one.
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
      return sql`(${touch.id}::uuid, ${touch.secondsAgo}::float8, ${touch.ip}::inet, ${touch.requests}::bigint, ${touch.background ?? false}::boolean, ${place?.country ?? null}::text, ${place?.city ?? null}::text, ${place?.asn ?? null}::int, ${place?.networkOwner ?? null}::text)`
    }),
    sql`, `,
  )
  const inApp = scope.appId ? sql`${sessions.appId} = ${scope.appId}` : sql`true`
  const usedAt = sql`now() - make_interval(secs => used.ago)`
  return db.transaction(async (tx) => {
    const alive = rowsOf<{ id: SessionId; changed: boolean }>(
      await tx.execute(sql`
        with used (id, ago, used_ip, requests, background, country, city, asn, owner) as (values ${rows}),
        alive as (
          select used.*, ${usedAt} as at, ${sessions.ip} as signed_in_from
          from ${liveTables} join used on used.id = ${sessions.id}
          where ${liveAt(usedAt, sql`coalesce(used.used_ip, ${sessionActivity.lastIp})`)} and ${inApp}
        ),
        new_places as (
          select alive.*, row_number() over (partition by id order by at) as nth from alive
          where used_ip is not null and used_ip is distinct from signed_in_from
            and not exists (select 1 from ${sessionAddresses} known where known.session_id = id and known.ip = used_ip)
        ),
        moves as (
          insert into ${sessionAddresses} (session_id, ip, country, city, asn, network_owner, first_seen_at)
          select id, used_ip, country, city, asn, owner, at from new_places
          where nth + (select count(*) from ${sessionAddresses} known where known.session_id = id) <= ${MOST_ADDRESSES}
          on conflict do nothing
        ),
        latest as (
          select distinct on (id) alive.*,
            max(at) filter (where not background) over each_session as seen_at,
            sum(requests) over each_session as all_requests
          from alive
          window each_session as (partition by id)
          order by id, used_ip is null, at desc
        ),
        changed as (
          update ${sessionActivity} a set
            last_seen_at = greatest(a.last_seen_at, u.seen_at),
            last_ip = coalesce(u.used_ip, a.last_ip),
            last_country = case when u.used_ip is null then a.last_country else u.country end,
            last_city = case when u.used_ip is null then a.last_city else u.city end,
            last_network_owner = case when u.used_ip is null then a.last_network_owner else u.owner end,
            requests = a.requests + u.all_requests
          from latest u
          where a.session_id = u.id and (u.seen_at is not null or a.last_ip is distinct from u.used_ip)
          returning a.session_id as id
        )
        select alive.id, exists (select 1 from changed where changed.id = alive.id) as changed from alive`),
    )
    // Pages refresh when they hear of it: a refresh, itself in the background, must not be news again.
    if (alive.some((row) => row.changed)) await announce(tx, { kind: 'touched' })
    const live = new Set(alive.map((row) => row.id))
    return [...new Set(touches.map((touch) => touch.id))].filter((id) => !live.has(id))
  })
}

export interface TouchBuffer {
  /** Notes that a session was used now. Costs a map entry; never waits. */
  note(id: SessionId, ip: string | null, how?: { background: boolean }): void
  /** Writes what was noted; keeps it for the next time when the database does not answer. */
  flush(): Promise<void>
  /** Flushes every `intervalMs`. @returns what stops that */
  start(intervalMs: number): () => void
}

/** How many touches one statement writes. */
const BATCH = 500
/** Further ones in the same interval count as uses from an address that is not known. */
const ADDRESSES_AN_INTERVAL = 8

interface Use {
  at: number
  requests: number
  background: boolean
}
type Uses = Map<string | null, Use>

/** Collects touches in memory: at most one a session, address and interval. A crash may lose one interval of "last seen". */
export function createTouchBuffer(
  db: Database,
  placeAt: (ip: string) => Place,
  onFailure: (error: unknown) => void,
  monotonicMs: () => number = () => performance.now(),
): TouchBuffer {
  let noted = new Map<SessionId, Uses>()
  let flushing: Promise<void> | undefined

  async function write() {
    const batch = noted
    noted = new Map()
    const entries = [...batch].flatMap(([id, uses]) => [...uses].map(([ip, use]) => ({ id, ip, ...use })))
    for (let start = 0; start < entries.length; start += BATCH) {
      const part = entries.slice(start, start + BATCH)
      try {
        const now = monotonicMs()
        const touches = part.map(({ at, ...touch }) => ({ ...touch, secondsAgo: (now - at) / 1000 }))
        await touchSessions(db, touches, placeAt)
      } catch (error) {
        onFailure(error)
        for (const { id, ip, ...use } of part) keep(id, ip, use)
      }
    }
  }

  function keep(id: SessionId, ip: string | null, use: Use) {
    const uses: Uses = noted.get(id) ?? new Map()
    noted.set(id, uses)
    const key = uses.has(ip) || uses.size < ADDRESSES_AN_INTERVAL ? ip : null
    const other = uses.get(key)
    uses.set(key, other ? together(other, use) : use)
  }

  const buffer: TouchBuffer = {
    note(id, ip, { background } = { background: false }) {
      keep(id, ip, { at: monotonicMs(), requests: background ? 0 : 1, background })
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

/** Of two uses from one address the last that was an activity says when. */
function together(one: Use, other: Use): Use {
  const [first, last] = one.at <= other.at ? [one, other] : [other, one]
  const decides = last.background && !first.background ? first : last
  return { ...decides, requests: one.requests + other.requests }
}
