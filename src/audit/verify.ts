import { desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../db/connect.js'
import type { AuditEventId } from '../db/ids.js'
import { auditSealed, auditSeals, auditUnsealed } from '../db/schema/seals.js'
import { auditEvents } from '../db/schema.js'
import { eventHash, MEMBER_BYTES, membersOf, sealHash } from './canonical.js'
import { type Head, headOf, SEALED_AT_ONCE } from './seal.js'
import { withoutJit } from './withoutJit.js'

/** Rows of one statement: some 20 ms of the embedded database, which works on the event loop. */
const SEALS_AT_ONCE = 2
const EVENTS_AT_ONCE = 1_000
/** So many are named; all are counted. */
const NAMED = 100
/** A transaction's own time is that of its beginning: an event may be somewhat older than the seal before its own. */
const LATE_SECONDS = 3_600

export const CHAIN_PROBLEMS = [
  'changed', // the event says something else than it did
  'removed', // it was sealed, or waited for it, and is gone
  'inserted', // it was put in past the log
  'backdated', // it came into the log long after the time that it says
  'seal-changed',
  'seal-removed',
  'head-differs', // from the one that was noted
] as const

/** One thing that is not as it was sealed. */
export interface ChainProblem {
  kind: (typeof CHAIN_PROBLEMS)[number]
  event: AuditEventId | null
  seal: number | null
}

export interface ChainReport {
  /** The seals that were checked, first and last; both 0 where there is none yet. */
  from: number
  to: number
  /** Of the last one: to be noted elsewhere. */
  head: Head | null
  /** When the last one was made: up to then nothing has changed, where there is no problem. */
  through: Date | null
  events: number
  problems: ChainProblem[]
  /** All of them, named or not. */
  problemCount: number
  /** What became of the head that was noted; `too-old` where its seal was removed with its events when their time was over. */
  noted?: 'same' | 'differs' | 'too-old'
}

export interface VerifyOptions {
  /** A head that was noted earlier. */
  noted?: NotedHead | undefined
  onProgress?: ((events: number) => Promise<void> | void) | undefined
  signal?: AbortSignal | undefined
}

export interface NotedHead {
  position: number
  hash: string
}

/** The chain was not read to its end. */
export class Stopped extends Error {}

/**
 * Checks the whole chain in small batches (S-63): each seal against the one before it, each event against its seal, and
 * that no event stands in the log without one. Reads only; what is written meanwhile is left to the next time.
 *
 * @throws Stopped
 */
export async function verifyChain(db: Database, options: VerifyOptions = {}): Promise<ChainReport> {
  const found = createFindings()
  const start = await removedUpTo(db)
  const walked = await walkSeals(db, start, found, options)
  await walkEvents(db, found, options)
  const noted = options.noted && compareNoted(options.noted, start, walked, found)
  const { hashAtNoted: _, ...chain } = walked
  return { ...chain, ...found.told(), ...(noted ? { noted } : {}) }
}

/**
 * Where the chain begins: after what was removed because its time was over. The removal is an event of the chain itself
 * and names the last seal that went. Index: audit_events_action.
 */
export async function removedUpTo(db: Database): Promise<NotedHead> {
  const [removal] = await db
    .select({ details: auditEvents.details })
    .from(auditEvents)
    .where(eq(auditEvents.action, 'audit.removed'))
    .orderBy(desc(auditEvents.id))
    .limit(1)
  return Removal.safeParse(removal?.details).data ?? { position: 0, hash: '0'.repeat(64) }
}

const Removal = z.object({ seal: z.int(), hash: z.string() }).transform(({ seal, hash }) => ({ position: seal, hash }))

function compareNoted(noted: NotedHead, start: NotedHead, { hashAtNoted }: Walked, found: Findings) {
  if (noted.position < start.position) return 'too-old'
  if ((noted.position === start.position ? start.hash : hashAtNoted) === noted.hash) return 'same'
  found.add('head-differs', null, noted.position)
  return 'differs'
}

function createFindings() {
  const problems: ChainProblem[] = []
  const goneSeals = new Set<number>()
  let count = 0
  const add = (kind: ChainProblem['kind'], event: string | null, seal: number | null) => {
    count += 1
    if (problems.length < NAMED) problems.push({ kind, event: event as AuditEventId | null, seal })
  }
  return {
    add,
    /** From `first` to `last`, each told once. */
    sealsGone(first: number, last: number) {
      for (let gone = first; gone <= Math.min(last, first + NAMED); gone++) {
        if (!goneSeals.has(gone)) add('seal-removed', null, gone)
        goneSeals.add(gone)
      }
    },
    told: () => ({ problems, problemCount: count }),
  }
}
type Findings = ReturnType<typeof createFindings>

const SealRow = z.object({
  position: z.number(),
  /** Forged ones may be no time at all. */
  at: z.number().catch(0),
  previous: z.string(),
  hash: z.string(),
  whole: z.boolean(),
  count: z.number(),
  wrong: z.array(z.tuple([z.string(), z.enum(['removed', 'changed', 'seal-changed', 'backdated'])])),
})
type SealRow = z.infer<typeof SealRow>

type Walked = Pick<ChainReport, 'from' | 'to' | 'head' | 'through' | 'events'> & { hashAtNoted: string | null }

async function walkSeals(
  db: Database,
  start: NotedHead,
  found: Findings,
  { noted, onProgress, signal }: VerifyOptions,
): Promise<Walked> {
  const walked: Walked = { from: 0, to: 0, head: null, through: null, events: 0, hashAtNoted: null }
  let last = start
  let caughtUpAt: number | null = null
  for (;;) {
    if (signal?.aborted) throw new Stopped('the verification was stopped')
    const [from, since]: [number, number | null] = [walked.to || -1, caughtUpAt]
    const seals: SealRow[] = await withoutJit(db, (tx) => readSeals(tx, from, since))
    for (const seal of seals) {
      const follows = seal.position === last.position + 1
      if (!seal.whole || (follows && seal.previous !== last.hash)) found.add('seal-changed', null, seal.position)
      found.sealsGone(last.position + 1, seal.position - 1)
      if (noted?.position === seal.position) walked.hashAtNoted = seal.hash
      for (const [event, kind] of seal.wrong) found.add(kind, event, seal.position)
      walked.from ||= seal.position
      walked.events += seal.count
      last = seal
    }
    const end = seals.at(-1)
    if (!end) return walked
    Object.assign(walked, { to: end.position, head: headOf(end.position, end.hash), through: new Date(end.at) })
    caughtUpAt = seals.findLast(({ count }) => count < SEALED_AT_ONCE)?.at ?? caughtUpAt
    if (seals.length < SEALS_AT_ONCE) return walked
    await onProgress?.(walked.events)
    await breathe()
  }
}

/**
 * The next seals with what is wrong with their events. Indexes: audit_seals_pkey, audit_events_pkey, audit_sealed_pkey.
 * `|| ''` brings the members out of the side table once, not once for each piece; `offset 0` keeps to the indexes,
 * whatever the planner thinks of tables that it has no figures of.
 */
async function readSeals(db: Database, after: number, caughtUpAt: number | null): Promise<SealRow[]> {
  const late = sql`extract(epoch from e.at) * 1000 < ${caughtUpAt}::float8 - ${LATE_SECONDS * 1000}`
  const rows = rowsOf(
    await db.execute(sql`
      with s as materialized (
        select position, at, previous, members || ''::bytea as members, hash from ${auditSeals}
        where position > ${after} order by position limit ${SEALS_AT_ONCE})
      select s.position, (extract(epoch from s.at) * 1000)::float8 as at,
        encode(s.previous, 'hex') as previous, encode(s.hash, 'hex') as hash,
        ${sealHash({ position: sql`s.position`, at: sql`s.at`, previous: sql`s.previous`, members: sql`s.members` })} = s.hash as whole,
        length(s.members) / ${MEMBER_BYTES} as count,
        (select coalesce(json_agg(json_build_array(m.id, case
            when e.hash is null then 'removed'
            when e.hash <> m.hash then 'changed'
            when k.seal is distinct from s.position then 'seal-changed'
            else 'backdated' end)), '[]')
          from ${membersOf(sql`s.members`)} m
          left join lateral (
            select e.at, ${eventHash('e')} as hash from ${auditEvents} e where e.id = m.id offset 0) e on true
          left join lateral (select k.seal from ${auditSealed} k where k.event_id = m.id offset 0) k on true
          where e.hash is null or e.hash <> m.hash or k.seal is distinct from s.position or ${late}) as wrong
      from s order by s.position`),
  )
  return z.array(SealRow).parse(rows)
}

const EventPage = z.object({
  last: z.string().nullable(),
  count: z.number(),
  /** Each with the seal that it claims, and whether there is one. */
  strays: z.array(z.tuple([z.string(), z.number().nullable(), z.boolean()])),
})

/** Whatever stands in the log, or waits, must be under a seal that names it, or wait for one and be there. */
async function walkEvents(db: Database, found: Findings, { signal }: VerifyOptions) {
  for (let after: string | null = '00000000-0000-0000-0000-000000000000'; after !== null; ) {
    if (signal?.aborted) throw new Stopped('the verification was stopped')
    const from: string = after
    const page: z.infer<typeof EventPage> = await withoutJit(db, (tx) => readEvents(tx, from))
    for (const [event, seal, isThere] of page.strays) {
      if (seal !== null && !isThere) found.sealsGone(seal, seal)
      else found.add('inserted', event, seal)
    }
    after = page.count === EVENTS_AT_ONCE ? page.last : null
    await breathe()
  }
  for (const event of await lostWhileWaiting(db)) found.add('removed', event, null)
}

/** Indexes: the primary keys of all four tables. */
async function readEvents(db: Database, after: string) {
  const [row] = rowsOf(
    await db.execute(sql`
      with page as materialized (
        select e.id, k.seal, u.event_id is not null as waits
        from (select id from ${auditEvents} where id > ${after}::uuid order by id limit ${EVENTS_AT_ONCE}) e
        left join lateral (select k.seal from ${auditSealed} k where k.event_id = e.id offset 0) k on true
        left join lateral (select u.event_id from ${auditUnsealed} u where u.event_id = e.id offset 0) u on true),
      s as materialized (
        select position, members || ''::bytea as members from ${auditSeals}
        where position = any (array(select distinct seal from page))),
      named as materialized (select s.position, m.id from s, lateral ${membersOf(sql`s.members`)} m)
      select (array_agg(id order by id desc))[1]::text as last, count(*)::int as count,
        coalesce(json_agg(json_build_array(id, seal, exists (select from s where s.position = page.seal))) filter (
          where not waits and not exists (select from named where named.id = page.id and named.position = page.seal)), '[]') as strays
      from page`),
  )
  return EventPage.parse(row)
}

async function lostWhileWaiting(db: Database): Promise<string[]> {
  const rows = rowsOf<{ id: string }>(
    await db.execute(sql`
      select u.event_id as id from ${auditUnsealed} u
      where not exists (select from ${auditEvents} e where e.id = u.event_id) limit ${NAMED}`),
  )
  return rows.map(({ id }) => id)
}

/** Lets the event loop see to what came in: the embedded database works on it. */
const breathe = () => new Promise((resolve) => setImmediate(resolve))
