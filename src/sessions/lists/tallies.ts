import { type SQL, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import { endings, jobs, sessionChanges, sessionTallies } from '../../db/schema.js'
import { jobStep } from '../many/jobStep.js'
import { type SessionFilter, UNKNOWN_VALUE } from '../types.js'

/** The filters whose values are counted, in the order in which two of them name a pair. */
export const TALLIED = ['app', 'country', 'browser', 'os', 'device', 'method'] as const
export type Tallied = (typeof TALLIED)[number]

/** Which sessions are counted. Those that are over by time alone, and not marked yet, are still among the live ones. */
export type TalliedState = 'live' | 'ended' | 'all'

const COUNTED: Record<TalliedState, SQL> = { live: sql`n`, ended: sql`ended`, all: sql`n + ended` }

/** How many sessions have a value, or two. */
export interface Tallies {
  total: number
  /** Of one value. */
  of(filter: Tallied, value: string): number
  /** Of two values together; known for those that `readTallies` was asked for. */
  ofPair(one: [Tallied, string], other: [Tallied, string]): number
  /** The values of a filter, the commonest first. */
  values(filter: Tallied): string[]
}

/**
 * The tallies of every value, and of every pair that one of these values is in. Exact at the moment of asking: what is
 * not added up yet is counted along, in the one statement. Index: session_tallies' key, by kind.
 */
export async function readTallies(
  db: Database,
  given: [Tallied, string][] = [],
  state: TalliedState = 'live',
): Promise<Tallies> {
  const counted = sql`sum(${COUNTED[state]})`
  const wanted = sql.join(
    [sql`kind = any(${`{all,${TALLIED.join(',')}}`}::text[])`, ...given.flatMap(pairsWith)],
    sql` or `,
  )
  const rows = rowsOf<{ kind: string; a: string; b: string; n: string }>(
    await db.execute(sql`
      select kind, a, b, ${counted} as n from (${tallies(wanted)}) tallies
      group by kind, a, b having ${counted} > 0 order by ${counted} desc, a`),
  )
  const byKey = new Map(rows.map(({ kind, a, b, n }) => [keyOf(kind, a, b), Number(n)]))
  return {
    total: byKey.get(keyOf('all', '', '')) ?? 0,
    of: (filter, value) => byKey.get(keyOf(filter, value, '')) ?? 0,
    ofPair(one, other) {
      const [first, second] = ordered(one, other)
      return byKey.get(keyOf(`${first[0]}+${second[0]}`, first[1], second[1])) ?? 0
    },
    values: (filter) => rows.filter(({ kind }) => kind === filter).map(({ a }) => a),
  }
}

/**
 * How many rows of sessions are not marked as ended, how many of those a filter ended, and when everyone was signed out,
 * if those are still being marked: what every page needs. Indexes: session_tallies' key, jobs_open, endings_open.
 */
export async function readTotal(db: Database): Promise<{ total: number; frozen: number; allEnded: Date | null }> {
  const [row] = rowsOf<{ n: string; frozen: number; ms: number | null }>(
    await db.execute(sql`
      select coalesce((select n from ${sessionTallies} where kind = 'all'), 0)
          + coalesce((select sum(n) from ${sessionChanges}), 0) as n,
        coalesce((select sum(total - ended - gone) from ${jobs} where state <> 'done'), 0)::float8 as frozen,
        (select extract(epoch from max(at)) * 1000 from ${endings} where kind = 'everything' and done_at is null)::float8 as ms`),
  )
  return {
    total: Number(row?.n),
    frozen: row?.frozen ?? 0,
    allEnded: typeof row?.ms === 'number' ? new Date(row.ms) : null,
  }
}

/**
 * Whether many that ended together, by a filter or by one act on an account, an app or everyone, are still being marked:
 * the tallies have them as live, and nothing says which values they have. Indexes: endings_open, jobs_open.
 */
export async function isAnythingMarked(db: Database): Promise<boolean> {
  const [row] = rowsOf<{ open: boolean }>(
    await db.execute(sql`
      select exists (select from ${endings} where ${endings.doneAt} is null)
        or exists (select from ${jobs} where ${jobs.state} <> 'done') as open`),
  )
  return row?.open === true
}

/** At most so many sessions have all of some values. */
export interface AtMost {
  live: number
  ended: number
}

/**
 * The least that one of these values has, or of several, that two of them have together: exact at the moment of asking,
 * so that nothing needs to be looked for where it is 0. Index: session_tallies' key.
 */
export async function atMost(db: Database, given: [Tallied, string][]): Promise<AtMost> {
  const pairs = given.flatMap((one, n) => given.slice(n + 1).map((other) => ordered(one, other)))
  const keys =
    pairs.length > 0
      ? pairs.map(([[first, a], [second, b]]) => sql`(${`${first}+${second}`}, ${a}, ${b})`)
      : given.map(([name, a]) => sql`(${name}, ${a}, '')`)
  const [row] = rowsOf<AtMost & { found: number }>(
    await db.execute(sql`
      select count(*)::int as found, min(live)::float8 as live, min(ended)::float8 as ended from (
        select sum(n) as live, sum(ended) as ended
        from (${tallies(sql`(kind, a, b) in (${sql.join(keys, sql`, `)})`)}) tallies group by kind, a, b) each`),
  )
  return row && row.found === keys.length ? { live: row.live, ended: row.ended } : { live: 0, ended: 0 }
}

/** Rows that are added up: those that were, and one for each change since. */
const tallies = (wanted: SQL) => sql`
  select kind, a, b, n, ended from ${sessionTallies} where ${wanted}
  union all
  select kind, a, b, n, ended from (select ${TALLIES_OF_A_CHANGE} from ${sessionChanges} c, lateral ${EACH_TALLY}) fresh
  where ${wanted}`

const keyOf = (kind: string, a: string, b: string) => JSON.stringify([kind, a, b])

function ordered<T>(one: [Tallied, T], other: [Tallied, T]): [[Tallied, T], [Tallied, T]] {
  return TALLIED.indexOf(one[0]) < TALLIED.indexOf(other[0]) ? [one, other] : [other, one]
}

/** Which of a filter's parts are tallied. */
export function talliedPart(filter: SessionFilter): [Tallied, string][] {
  return TALLIED.flatMap((name): [Tallied, string][] => {
    const value = filter[name]
    return value ? [[name, value]] : []
  })
}

/** Whether the filter says nothing that the tallies do not know. */
export function onlyTallied({ state, app, country, browser, os, device, method, ...others }: SessionFilter): boolean {
  return Object.values(others).every((value) => !value)
}

function pairsWith([filter, value]: [Tallied, string]): SQL[] {
  return TALLIED.filter((other) => other !== filter).map((other) => {
    const [first, second] = ordered([filter, ''], [other, ''])
    const kind = `${first[0]}+${second[0]}`
    return first[0] === filter ? sql`(kind = ${kind} and a = ${value})` : sql`(kind = ${kind} and b = ${value})`
  })
}

const VALUES: Record<Tallied, SQL> = {
  app: sql`c.app_id::text`,
  country: sql`coalesce(c.country, ${sql.raw(`'${UNKNOWN_VALUE}'`)})`,
  browser: sql`coalesce(c.browser, ${sql.raw(`'${UNKNOWN_VALUE}'`)})`,
  os: sql`coalesce(c.os, ${sql.raw(`'${UNKNOWN_VALUE}'`)})`,
  device: sql`c.device_type`,
  method: sql`c.method`,
}

const PAIRS = TALLIED.flatMap((first, n) => TALLIED.slice(n + 1).map((second) => [first, second] as const))

const TALLIES_OF_A_CHANGE = sql`tally.kind, tally.a, tally.b, c.n, c.ended, tally.latitude, tally.longitude`

/** The tallies that one change `c` of `session_changes` belongs to. */
const EACH_TALLY = sql`(values ${sql.join(
  [
    sql`('all', '', '', null::float8, null::float8)`,
    ...TALLIED.map((name) => sql`(${sql.raw(`'${name}'`)}, ${VALUES[name]}, '', null, null)`),
    ...PAIRS.map(
      ([one, other]) => sql`(${sql.raw(`'${one}+${other}'`)}, ${VALUES[one]}, ${VALUES[other]}, null, null)`,
    ),
    sql`('city', coalesce(c.country, ''), coalesce(c.city, ''), c.latitude, c.longitude)`,
  ],
  sql`, `,
)}) tally (kind, a, b, latitude, longitude)`

const BATCH = 5_000

/**
 * Adds up what has changed, in batches. One at a time in the whole installation; readers see a change either way, once.
 *
 * @returns how many changes were added
 */
export async function addUpChanges(db: Database): Promise<number> {
  for (let total = 0; ; ) {
    const added = await jobStep(db, addBatch)
    total += added
    if (added < BATCH) return total
  }
}

/** Clears away what adding up left: each page of a list steps over all of it. The embedded database does not by itself. */
export async function tidyChanges(db: Database): Promise<void> {
  await db.execute(sql`vacuum ${sessionChanges}`)
}

async function addBatch(tx: Database): Promise<number> {
  const [turn] = rowsOf<{ free: boolean }>(
    await tx.execute(sql`select pg_try_advisory_xact_lock(hashtext('rollcall tallies')) as free`),
  )
  if (!turn?.free) return 0
  const [row] = rowsOf<{ added: number }>(
    await tx.execute(sql`
      with gone as (
        delete from ${sessionChanges} where id = any(array(
          select id from ${sessionChanges} order by id limit ${BATCH}))
        returning *),
      sums as (
        select kind, a, b, sum(n) as n, sum(ended) as ended, max(latitude) as latitude, max(longitude) as longitude
        from (select ${TALLIES_OF_A_CHANGE} from gone c, lateral ${EACH_TALLY}) gone_by
        group by kind, a, b),
      added as (
        insert into ${sessionTallies} as t (kind, a, b, n, ended, latitude, longitude)
        select * from sums order by kind, a, b
        on conflict (kind, a, b) do update set n = t.n + excluded.n, ended = t.ended + excluded.ended,
          latitude = coalesce(excluded.latitude, t.latitude), longitude = coalesce(excluded.longitude, t.longitude))
      select count(*)::int as added from gone`),
  )
  return row?.added ?? 0
}
