import { eq, sql } from 'drizzle-orm'
import { type Database, type OpenDatabase, rowsOf } from '../../db/connect.js'
import type { AccountId, SessionId } from '../../db/ids.js'
import { sessionActivity, sessions, sessionTallies } from '../../db/schema.js'
import { isLiveOfMany, liveTables } from '../live.js'
import { inSteps, jobStep } from '../many/jobStep.js'
import { among } from '../read.js'
import { type Count, LOOKED_AT } from '../types.js'
import { readTotal } from './tallies.js'

const RECENTLY = sql`now() - interval '5 minutes'`
const isOnline = sql`${sessionActivity.lastSeenAt} > ${RECENTLY} and ${isLiveOfMany}`

/** Accounts with a session seen in the last five minutes. */
export interface Online {
  n: number
  /** When they were counted, where that was not just now. */
  at: Date | undefined
}

/** @param live what `countLive` has just said */
export async function countOnline(db: Database, live: Count): Promise<Online> {
  if (live.how === 'exact') return { n: await peopleOnline(db), at: undefined }
  const [kept] = await db.select().from(sessionTallies).where(eq(sessionTallies.kind, 'online'))
  return { n: kept?.n ?? 0, at: kept?.at ?? undefined }
}

/** In one statement: half the work of strides, where it keeps nobody waiting. */
async function peopleOnline(db: Database): Promise<number> {
  const [row] = rowsOf<{ n: number }>(
    await db.execute(sql`select count(distinct ${sessions.accountId})::int as n from ${liveTables} where ${isOnline}`),
  )
  return row?.n ?? 0
}

/** So much of the database's time may go into counting who is online: of ten million it takes some ten seconds. */
const SHARE = 0.02

/** Counts who is online now and then, so seldom that it costs a fiftieth of one connection, for `countOnline` to read. */
export function createOnlineCounter(
  { db, kind }: Pick<OpenDatabase, 'db' | 'kind'>,
  clock: () => number = () => performance.now(),
) {
  let next = Number.NEGATIVE_INFINITY
  return async (): Promise<void> => {
    if (clock() < next || (await readTotal(db)).total <= LOOKED_AT) return
    const began = clock()
    const n = kind === 'pglite' ? await peopleOnlineOfMany(db) : await jobStep(db, peopleOnline)
    await db
      .insert(sessionTallies)
      .values({ kind: 'online', a: '', b: '', n, at: sql`now()` })
      .onConflictDoUpdate({
        target: [sessionTallies.kind, sessionTallies.a, sessionTallies.b],
        set: { n, at: sql`now()` },
      })
    next = clock() + (clock() - began) / SHARE
  }
}

/** In strides: the embedded database answers nobody while a statement runs, and of a million it would run for seconds. */
export async function peopleOnlineOfMany(db: Database, stride = STRIDE): Promise<number> {
  const people = new Set<AccountId>()
  let seen: SessionId[] = []
  let from: Place | undefined
  do {
    const next = await jobStep(db, (tx) => seenRecently(tx, from, stride))
    seen.push(...next.ids)
    from = next.last
    if (from && seen.length < ENOUGH) continue
    for (const account of (await inSteps(db, seen, whoIsOnline, { first: ENOUGH })).flat()) people.add(account)
    seen = []
  } while (from)
  return people.size
}

/** Sessions that are looked at by one statement. */
const STRIDE = 5_000
/** Sessions seen lately that are worth a statement of their own: to plan what "live" means takes as long as to ask it of these. */
const ENOUGH = 1_000

/** In the index that the strides go along. */
interface Place {
  day: string
  id: SessionId
}

/** Of the next ones that were seen today, or on the day that it was five minutes ago. Index: session_activity_day. */
async function seenRecently(tx: Database, from: Place | undefined, stride: number) {
  const beyond = from && sql`and (seen_on, session_id) > (${from.day}::date, ${from.id}::uuid)`
  const [row] = rowsOf<{ ids: SessionId[]; last: Place | null }>(
    await tx.execute(sql`
      with stride as (
        select seen_on, session_id, last_seen_at from ${sessionActivity}
        where seen_on >= ((${RECENTLY}) at time zone 'UTC')::date ${beyond}
        order by seen_on, session_id limit ${stride})
      select to_jsonb(array(select session_id from stride where last_seen_at > ${RECENTLY})) as ids,
        (select jsonb_build_object('day', seen_on, 'id', session_id)
          from stride order by seen_on, session_id offset ${stride - 1}) as last`),
  )
  return { ids: row?.ids ?? [], last: row?.last ?? undefined }
}

/** Index: sessions_pkey. */
async function whoIsOnline(tx: Database, ids: SessionId[]): Promise<AccountId[]> {
  const rows = await tx.execute(sql`
    select distinct ${sessions.accountId} as account from ${liveTables} where ${among(ids)} and ${isOnline}`)
  return rowsOf<{ account: AccountId }>(rows).map(({ account }) => account)
}
