import { sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import { ifItComesSoon } from '../../db/asMuchAsComes.js'
import { type Database, rowsOf } from '../../db/connect.js'
import { blocks } from '../../db/schema.js'
import { inNetworks, parseNetworks } from '../../devices/address.js'
import { BLOCK_IN_FORCE } from '../../sessions/live.js'
import { authorityOf } from '../authority.js'
import { type Finding, type ListedNetwork, MOST_COUNTED_A_LINE } from './imports.js'
import { sessionsFrom } from './liveSessions.js'
import { isTooWide, networksBeyond, networksTable } from './networkReach.js'

export interface Reviewed extends ListedNetwork {
  finding: Finding
  detail: string | null
  sessions: number | null
}

type TimeText = (at: Date) => string

/** "2026-11-24 12:00 UTC" */
const inUtc: TimeText = (at) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** A statement asks about so many networks. */
const BATCH = 500
/**
 * Beyond so many sessions nobody counts any more, nor beyond so many milliseconds: a list that hits that many is large, and
 * the page must come.
 */
const MOST_COUNTED = 50_000
const LONGEST_COUNT_MS = 3_000

/**
 * What blocking each line of a list would come to, by the database's state now. Changes nothing.
 *
 * @param timeText how findings say times: they are kept as they were said
 */
export async function reviewNetworks(
  db: Database,
  listed: ListedNetwork[],
  by: Actor,
  timeText: TimeText = inUtc,
): Promise<Reviewed[]> {
  const networks = listed.flatMap(({ network, problem }) => (network && !problem ? [network] : []))
  const authority = await authorityOf(db, by)
  const beyond = await networksBeyond(db, networks, by, authority, true)
  const others = await blocksAround(db, networks)
  const sessions = await countSessionsFrom(db, networks)
  return listed.map((one) => {
    const { network, problem } = one
    if (problem || !network) {
      return { ...one, finding: problem?.finding ?? 'malformed', detail: problem?.detail ?? null, sessions: null }
    }
    const judged = judge(network, { by, mayBlockWide: authority === 'owner', beyond, others, timeText })
    return { ...one, ...judged, sessions: sessions.get(network) ?? null }
  })
}

interface Known {
  by: Actor
  mayBlockWide: boolean
  beyond: Set<string>
  others: Map<string, Around>
  timeText: TimeText
}

function judge(
  network: string,
  { by, mayBlockWide, beyond, others, timeText }: Known,
): { finding: Finding; detail: string | null } {
  if (!mayBlockWide && isTooWide(network))
    return { finding: 'too-wide', detail: 'A large part of all addresses there are: only an owner may block it.' }
  if ('ip' in by && inNetworks(by.ip, parseNetworks([network])))
    return {
      finding: 'own-address',
      detail: `Your own address, ${by.ip}, is in it. Block it by itself, where that is confirmed.`,
    }
  if (beyond.has(network))
    return { finding: 'owner-inside', detail: 'An owner is signed in from there. An owner can block it by itself.' }
  const other = others.get(network)
  if (!other) return { finding: 'block', detail: null }
  const until = other.until ? `until ${timeText(new Date(other.until))}` : 'until it is lifted'
  if (other.same) return { finding: 'in-force', detail: `Blocked already ${until}: ${other.reason.slice(0, 200)}` }
  return {
    finding: 'overlaps',
    detail: other.around
      ? `It lies in ${other.network}, which is blocked already ${until}.`
      : `It holds ${other.network}, which is blocked already ${until}.`,
  }
}

interface Around {
  network: string
  /** It is this very network; it holds it. */
  same: boolean
  around: boolean
  until: string | null
  reason: string
}

/** Of the blocks in force that share an address with a network: itself, else the widest. Index: blocks_networks. */
async function blocksAround(db: Database, networks: string[]): Promise<Map<string, Around>> {
  const found = new Map<string, Around>()
  for (const batch of inBatches(networks)) {
    const rows = rowsOf<Around & { nth: number }>(
      await db.execute(sql`
        select asked.nth::int as nth, other.*
        from ${networksTable(batch)} cross join lateral (
          select ${blocks.network}::text as network, ${blocks.network} = asked.network as same,
            ${blocks.network} >> asked.network as around, ${blocks.reason} as reason,
            to_char(${blocks.until} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as until
          from ${blocks}
          where ${blocks.network} && asked.network and ${blocks.kind} = 'network' and ${BLOCK_IN_FORCE}
          order by ${blocks.network} = asked.network desc, masklen(${blocks.network}) limit 1) other`),
    )
    for (const { nth, ...around } of rows) found.set(batch[nth - 1] ?? '', around)
  }
  return found
}

async function countSessionsFrom(db: Database, networks: string[]): Promise<Map<string, number>> {
  const counted = new Map<string, number>()
  const began = performance.now()
  let total = 0
  for (const batch of inBatches(networks)) {
    if (total >= MOST_COUNTED || performance.now() - began > LONGEST_COUNT_MS) break
    const counts = await ifItComesSoon(db, (tx) =>
      tx.execute(sql`
        select asked.nth::int as nth, hit.sessions
        from ${networksTable(batch)} cross join lateral (
          select count(*)::int as sessions from ${sessionsFrom(sql`asked.network`, MOST_COUNTED_A_LINE)} there) hit`),
    )
    if (!counts) break
    for (const { nth, sessions } of rowsOf<{ nth: number; sessions: number }>(counts)) {
      counted.set(batch[nth - 1] ?? '', sessions)
      total += sessions
    }
  }
  return counted
}

const inBatches = (networks: string[]): string[][] =>
  Array.from({ length: Math.ceil(networks.length / BATCH) }, (_, nth) => networks.slice(nth * BATCH, (nth + 1) * BATCH))
