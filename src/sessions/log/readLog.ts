import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../../db/connect.js'
import { blocks, followers, installation, revocations } from '../../db/schema.js'
import { isAtOrPast } from '../../follower/snapshot.js'
import type { Answer, Entry, RefusedNetwork, Snapshot } from '../../follower/types.js'
import { BLOCK_IN_FORCE } from '../live.js'
import { HERE, HereRow, readHere } from './here.js'
import { REMOVED_TO, unpack } from './revocations.js'

/** What is more would be read for longer than a poll may take, each time anew: forgetting is faster. */
interface Most {
  pages: number
  /** How many rows one statement brings. */
  page: number
  /** Rows with a thousand sessions each. */
  packed: number
}
const MOST: Most = { pages: 2, page: 5_000, packed: 250 }
/** A short lease, a slow line, a machine that has much to do: where so much did not come in time, it never may. */
const MOST_AFTER_FAILURE: Most = { pages: 1, page: 1_000, packed: 2 }

/** How to read, beside what is new. */
export interface Reading {
  /** The node's heartbeat, as a statement that writes its row and returns `at`: commits with the reading. */
  beat?: SQL
  /** The reading before this one did not come in time. */
  afterFailure: boolean
}

/** What the last answers said: with it a database that was set back is told from one that went on. */
export interface Known {
  /** The last heartbeat, database time in seconds. */
  beatAt?: number | undefined
  /** The last heartbeat was lost, and whatever came after it: true until the follower has been told. */
  setBack?: boolean | undefined
}

export interface LogRead {
  answer: Answer
  /** To be remembered when the answer came in time, and not else: what it found out would be known to nobody. */
  known: Known
  /** Nobody has this node's last heartbeat any more, and none was written, lest the proof of it go. */
  beatLost: boolean
}

/**
 * Reads what is after `after` in the revocation log: everything that the statement's own snapshot sees and `after` does
 * not, each entry once. Ids are taken before commits, so neither they nor times tell what is new; snapshots do.
 */
export async function readLog(
  db: Database,
  node: string,
  after: Snapshot | undefined,
  known: Known,
  { beat, afterFailure }: Reading,
): Promise<LogRead> {
  const most = afterFailure ? MOST_AFTER_FAILURE : MOST
  const [row] = rowsOf(
    await db.execute(sql`
      ${beat ? sql`with beat as (${beat})` : sql``}
      select ${HERE}, ${beat ? sql`(select at from beat)` : sql`null`} as "beatAt",
        (select ${BEAT_AT} from ${followers} where ${followers.id} = ${node}) as "beatBefore",
        (select ${installation.value} from ${installation} where ${installation.key} = ${REMOVED_TO}) as "removedTo",
        ${after ? asJson(entriesAfter(after, most), most) : sql`null`} as entries`),
  )
  const look = Look.parse(row)
  const here = readHere(look)
  const uncertain = after !== undefined && isUncertain(after, here.snapshot, look, known)
  const read = after && !uncertain ? await toTheLastPage(db, after, here.snapshot, look.entries, most) : []
  const anew = uncertain || read === 'too many'
  const entries = read === 'too many' ? [] : read
  const fresh = !after || anew || entries.some(({ kind }) => kind === 'network' || kind === 'policy')
  const networks = fresh ? await readNetworks(db, here.snapshot) : undefined
  return {
    answer: { ...here, entries, ageMs: 0, anew, ...(networks ? { networks } : {}) },
    known: {
      beatAt: look.beatAt ?? (uncertain ? (look.beatBefore ?? undefined) : known.beatAt),
    },
    beatLost: beat !== undefined && look.beatAt === null,
  }
}

/** Database time in seconds, as exactly as it compares. */
export const BEAT_AT = sql`extract(epoch from ${followers.seenAt})::float8`

const EntryRow = z
  .tuple([z.number(), z.number(), z.string(), z.string()])
  .transform(([id, xid, kind, target]) => ({ id, xid, kind: kind as Entry['kind'] | 'sessions', target }))
type EntryRow = z.infer<typeof EntryRow>

const Look = HereRow.extend({
  beatAt: z.number().nullable(),
  beatBefore: z.number().nullable(),
  removedTo: z.coerce.number().nullable(),
  entries: z.array(EntryRow).nullable(),
})

/** True when entries may be missing between the two snapshots, whatever was found there. */
function isUncertain(after: Snapshot, present: Snapshot, look: z.infer<typeof Look>, known: Known): boolean {
  if (known.setBack) return true
  // Failed over, started anew, or set back to a backup.
  if (!isAtOrPast(present, after)) return true
  // Set back, and so far on again that the snapshot does not show it: but then it lost the heartbeat that we wrote.
  if (known.beatAt !== undefined && (look.beatBefore === null || look.beatBefore < known.beatAt)) return true
  // Slept past the log. That the highest removed entry was seen says nothing of those that were under way beside it.
  return look.removedTo !== null && look.removedTo >= after.xmin
}

/**
 * Index: revocations_xid, twice. What `after` does not see is what was under way for it and what began later: the
 * entries behind a transaction that holds the horizon back are not walked through again.
 */
function entriesAfter({ xmax, xip }: Snapshot, { page }: Most, from?: EntryRow, seenBy?: Snapshot): SQL {
  const columns = sql`${revocations.id}, ${revocations.xid}, ${revocations.kind}, ${revocations.target}`
  const further = sql`${from ? sql`and (${revocations.xid}, ${revocations.id}) > (${String(from.xid)}::xid8, ${from.id}::bigint)` : sql``}
    ${seenBy ? sql`and pg_visible_in_snapshot(${revocations.xid}, ${written(seenBy)}::pg_snapshot)` : sql``}
    order by ${revocations.xid}, ${revocations.id} limit ${page}`
  const begunLater = sql`(select ${columns} from ${revocations} where ${revocations.xid} >= ${String(xmax)}::xid8 ${further})`
  if (xip.length === 0) return begunLater
  return sql`(select ${columns} from ${revocations} where ${revocations.xid} = any(${`{${xip.join(',')}}`}::xid8[]) ${further})
    union all ${begunLater} order by xid, id limit ${page}`
}

/** Null where it holds more packed rows than may be read. */
const asJson = (page: SQL, { packed }: Most) => sql`(
  with page as materialized (${page})
  select case when (select count(*) from page where kind = 'sessions') <= ${packed} then (
    select coalesce(json_agg(json_build_array(id, xid::text::bigint, kind, target) order by xid, id), '[]') from page) end)`

const written = ({ xmin, xmax, xip }: Snapshot) => `${xmin}:${xmax}:${xip.join(',')}`

/** All pages are of the first one's snapshot: nothing moves before the last of them is there. */
async function toTheLastPage(
  db: Database,
  after: Snapshot,
  first: Snapshot,
  page: EntryRow[] | null,
  most: Most,
): Promise<Entry[] | 'too many'> {
  const entries: Entry[] = []
  for (let pages = 1, rows = page; ; pages++) {
    if (!rows) return 'too many'
    for (const row of rows) for (const entry of entriesOf(row)) entries.push(entry)
    const last = rows.at(-1)
    if (!last || rows.length < most.page) return entries
    if (pages === most.pages) return 'too many'
    const [next] = rowsOf(
      await db.execute(sql`select ${HERE}, ${asJson(entriesAfter(after, most, last, first), most)} as entries`),
    )
    const read = HereRow.extend({ entries: z.array(EntryRow).nullable() }).parse(next)
    readHere(read, first)
    rows = read.entries
  }
}

function entriesOf({ kind, target, xid }: EntryRow): Entry[] {
  if (kind !== 'sessions') return [{ kind, target, xid }]
  return unpack(target).map((id) => ({ kind: 'session', target: id, xid }))
}

const NetworkRow = z.object({ network: z.string(), endsAt: z.number().nullable(), ask: z.boolean() })

/** All in force, at the first snapshot or later: what was refused since only comes early. */
async function readNetworks(db: Database, first: Snapshot): Promise<RefusedNetwork[]> {
  const [row] = rowsOf(
    await db.execute(sql`
      select ${HERE}, (
        select coalesce(json_agg(json_build_object(
          'network', ${blocks.network}::text,
          'endsAt', (extract(epoch from least(${blocks.until}, ${blocks.confirmBy})) * 1000)::float8,
          'ask', ${blocks.confirmBy} is not null)), '[]')
        from ${blocks} where ${blocks.kind} = 'network' and ${BLOCK_IN_FORCE}) as networks`),
  )
  const read = HereRow.extend({ networks: z.array(NetworkRow) }).parse(row)
  readHere(read, first)
  return read.networks
}
