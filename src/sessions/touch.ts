import { type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { notice } from '../db/notices.js'
import { handOvers } from '../db/schema/forward.js'
import { accounts, blocks, sessionActivity, sessionAddresses, sessions } from '../db/schema.js'
import type { Place } from '../devices/types.js'
import { systemClock } from '../follower/clock.js'
import { createTouches, type Touched, type Touches } from '../follower/touches.js'
import { liveAt, liveTables } from './live.js'
import { HANDED_OVER } from './signInBehind.js'

/** @see Touched */
export type Touch = Omit<Touched<SessionId>, 'background'> & { background?: boolean }

/** What one session may fill the table with; whoever moves that often is found by the first thousand. */
const MOST_ADDRESSES = 1_000

/**
 * Writes that sessions were used, in one statement. A touch counts only where the session was live at the time of use:
 * it never brings an ended, idle or blocked one back (S-12), and says so.
 *
 * A use in the background moves no `last_seen_at`, but it does move `last_ip`: an address is a fact whoever's timer it
 * was, and with it the list and the network blocks see a thief who calls each request a background one.
 *
 * A person's use of a protected host is one of the sign-in that they came by, which then does not go idle meanwhile. An
 * admin's is not: some dashboard that is open all day must not keep the panel open (S-06, S-07).
 *
 * While a block of a network has still to end what is there, no use moves a session out of it or into it: what the job
 * ends is what was there when the block was set.
 *
 * Pages hear of what changed, and refresh; a refresh, itself in the background, must not be news again.
 *
 * @returns the ids that have ended (or never were)
 */
export async function touchSessions(
  db: Database,
  touches: readonly Touch[],
  placeAt: (ip: string) => Place,
  scope: { appId?: string | undefined } = {},
): Promise<SessionId[]> {
  if (touches.length === 0) return []
  const places = touches.map(({ ip }) => (ip ? placeAt(ip) : undefined))
  const rows = unnested([
    ['uuid', touches.map(({ id }) => id)],
    ['float8', touches.map(({ secondsAgo }) => secondsAgo)],
    ['inet', touches.map(({ ip }) => ip)],
    ['bigint', touches.map(({ requests }) => requests)],
    ['boolean', touches.map(({ background }) => background ?? false)],
    ['text', places.map((place) => place?.country)],
    ['text', places.map((place) => place?.city)],
    ['int', places.map((place) => place?.asn)],
    ['text', places.map((place) => place?.networkOwner)],
  ])
  const inApp = scope.appId ? sql`${sessions.appId} = ${scope.appId}` : sql`true`
  const usedAt = sql`now() - make_interval(secs => used.ago)`
  // Nearly all are live: the few that are not travel back, and not the rows of all others.
  const [row] = rowsOf<{ ended: SessionId[] | null }>(
    await db.execute(sql`
        with used (id, ago, used_ip, requests, background, country, city, asn, owner, ord) as (
          select * from ${rows} with ordinality),
        alive as (
          select used.*, ${usedAt} as at, ${sessions.ip} as signed_in_from,
            ${sessions.method} = ${HANDED_OVER} and ${accounts.role} = 'person' as keeps_sign_in
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
        uses as (
          select id, at, ord, used_ip, requests, background, country, city, owner from alive
          union all
          select handed.from_session, at, ord, null, 0, background, null, null, null
          from alive join ${handOvers} handed on handed.to_session = alive.id where keeps_sign_in and not background
        ),
        latest as (
          select distinct on (id) uses.*,
            max(at) filter (where not background) over each_session as seen_at,
            sum(requests) over each_session as all_requests
          from uses
          window each_session as (partition by id)
          -- Two may be of the same microsecond.
          order by id, used_ip is null, at desc, ord desc
        ),
        -- In one order on every node: two that write of the same sessions would each hold a row that the other wants.
        held as (
          select u.id, u.seen_at, u.all_requests, u.country, u.city, u.owner,
            case when not ${staysForNow} then u.used_ip end as used_ip
          from latest u join ${sessionActivity} a on a.session_id = u.id
          where u.seen_at is not null or a.last_ip is distinct from u.used_ip
          order by a.session_id for no key update of a
        ),
        changed as (
          update ${sessionActivity} a set
            last_seen_at = greatest(a.last_seen_at, u.seen_at),
            last_ip = coalesce(u.used_ip, a.last_ip),
            last_country = case when u.used_ip is null then a.last_country else u.country end,
            last_city = case when u.used_ip is null then a.last_city else u.city end,
            last_network_owner = case when u.used_ip is null then a.last_network_owner else u.owner end,
            requests = a.requests + u.all_requests
          from held u
          where a.session_id = u.id
          returning 1
        ),
        -- Read by the last line, or it would not be run.
        told as (select ${notice({ kind: 'touched' })} from changed limit 1)
        select (select json_agg(id) from used where id not in (select id from alive)) as ended, (select count(*) from told)`),
  )
  return [...new Set(row?.ended)]
}

/** Of a use `u` and the activity `a` before it. Index: blocks_still_ending. */
const staysForNow = sql`exists (
  select 1 from ${blocks} where ${blocks.stillEnding}
    and coalesce(a.last_ip <<= ${blocks.network}, false) <> (u.used_ip <<= ${blocks.network}))`

type ColumnType = 'uuid' | 'float8' | 'inet' | 'bigint' | 'boolean' | 'text' | 'int'
type Column = readonly [type: ColumnType, values: readonly (string | number | boolean | null | undefined)[]]

/** One parameter a column, however many rows. As text: the drivers guess an array's type from its first element. */
function unnested(columns: readonly Column[]): SQL {
  const lists = columns.map(([type, values]) => sql`${arrayText(values)}::text::${sql.raw(type)}[]`)
  return sql`unnest(${sql.join(lists, sql`, `)})`
}

/** @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
const arrayText = (values: Column[1]): string => `{${values.map(elementText).join()}}`

function elementText(value: Column[1][number]): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value !== 'string') return String(value)
  return /["\\]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : `"${value}"`
}

export type TouchBuffer = Touches<SessionId>

/** Asks on the connections for uses, in time. A batch whose answer was lost is written again: its requests count twice. */
export type Uses = <T>(question: (db: Database) => Promise<T>) => Promise<T>

/** How many touches one statement writes. */
const BATCH = 5_000

/** Collects touches in memory: at most one a session, address and interval. A crash may lose one interval of "last seen". */
export function createTouchBuffer(
  uses: Uses,
  placeAt: (ip: string) => Place,
  onFailure: (error: unknown) => void,
  monotonicMs: () => number = systemClock.monotonicMs,
): TouchBuffer {
  return createTouches<SessionId>({
    clock: { ...systemClock, monotonicMs },
    inParts: inBatches,
    write: async (touches) => {
      await uses((db) => touchSessions(db, touches, placeAt))
    },
    onFailure,
  })
}

function inBatches<T>(uses: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(uses.length / BATCH) }, (_, i) => uses.slice(i * BATCH, (i + 1) * BATCH))
}
