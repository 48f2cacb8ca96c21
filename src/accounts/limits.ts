import { inArray, sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { signInLimits } from '../db/schema.js'
import { seeGuessing } from '../detections/guessing.js'
import type { Finding } from '../detections/types.js'
import { canonicalAddress, limitNetworks } from '../devices/address.js'
import { sha256 } from './passwords/links.js'

/**
 * What one counter bears. Its level rises by one with each failure and leaks away; from `free` on, each further try has
 * to wait 1, 2, 4, 8 ... seconds, up to `longestWait`. Nobody is ever locked out, and who keeps trying ends up at one try
 * every `forgetAfter` seconds or slower.
 */
export interface Budget {
  free: number
  /** Seconds in which one failure is forgotten. */
  forgetAfter: number
  /** Seconds. */
  longestWait: number
}

/**
 * An office of 200 behind one address that mistypes every tenth password stays well inside `address`; one address that
 * sprays gets 60 guesses, then some three a minute; a botnet against one account gets 30, then one in five minutes.
 */
const BUDGETS = {
  /** A browser that the account has signed in from: it is asked for nothing else, whatever others do (S-23). */
  device: { free: 10, forgetAfter: 600, longestWait: 900 },
  /** One account from one place. */
  pair: { free: 5, forgetAfter: 900, longestWait: 900 },
  /** One account from everywhere but known devices. */
  account: { free: 30, forgetAfter: 300, longestWait: 300 },
  /** One IPv4 address, or one IPv6 /64: what one visitor holds. */
  address: { free: 60, forgetAfter: 20, longestWait: 300 },
  /** IPv4 /24, IPv6 /48. */
  network: { free: 200, forgetAfter: 5, longestWait: 120 },
  /** Everybody. */
  global: { free: 2_000, forgetAfter: 0.2, longestWait: 5 },
} satisfies Record<string, Budget>
export type BudgetName = keyof typeof BUDGETS

/** Who tries. */
export interface Attempt {
  /** The comparable form of the address typed; null when it was none. */
  emailKey: string | null
  ip: string | null
  /** Set when the browser proved that this account has signed in from it. */
  knownDevice: { accountId: AccountId; tokenHash: Uint8Array } | null
}

export type Turn =
  | { allowed: true }
  | {
      allowed: false
      retryAfterMs: number
      /** Write it down: the first in a minute. */
      note: boolean
      /** Guesses, not typing errors: the first in an hour. */
      detected?: Detected | undefined
    }

export interface Detected {
  finding: Finding
  /** Where the guesses come from, when they are not at one account: an address or a network. */
  network: string | null
}

export interface Limits {
  /** Takes one try from the counters of the account, before the password is looked at: parallel guesses get no more. */
  take(db: Database, attempt: Attempt): Promise<Turn>
  /** The password was wrong: the counters of the place rise too. */
  failed(db: Database, attempt: Attempt): Promise<void>
  /** Nothing was decided: the try does not count. */
  giveBack(db: Database, attempt: Attempt): Promise<void>
  /** The password was right: the counters of the account start anew, those of the place stay. */
  succeeded(db: Database, attempt: Attempt): Promise<void>
}

/**
 * Limits on guessing, kept in the database so that they hold for all processes together, by database time.
 *
 * Not rate-limiter-flexible: its stores count by each process's own clock, take a round trip a counter (we have five),
 * and know fixed windows but no growing waits. This is one look and one upsert over all counters.
 */
export function createLimits(budgets: Record<BudgetName, Budget> = BUDGETS): Limits {
  return {
    async take(db, attempt) {
      const { own, shared } = counters(attempt, budgets)
      const all = [...own, ...shared]
      const before = await longestWait(db, all)
      if (before) return refuse(db, before)
      if ((await raise(db, own, { inTurn: true })) === own.length) return { allowed: true }
      // Another try of the same account came first, between the look and the upsert.
      return refuse(db, (await longestWait(db, all)) ?? { key: '', seconds: 1, wait: 1 })
    },
    async failed(db, attempt) {
      await raise(db, counters(attempt, budgets).shared, { inTurn: false })
    },
    async giveBack(db, attempt) {
      await lower(db, counters(attempt, budgets).own)
    },
    async succeeded(db, attempt) {
      await forget(db, counters(attempt, budgets).own)
    },
  }
}

/** For the terminal: an owner who comes back in finds no waits left by whoever guessed. Known devices' too. */
export async function resetLimits(db: Database, accountId: AccountId, emailKey: string | null): Promise<void> {
  const account = emailKey === null ? '' : hashed('account', emailKey)
  const pairs = emailKey === null ? '' : `${hashed('pair', emailKey)}|%`
  await db.execute(sql`
    delete from ${signInLimits}
    where key = ${account} or key like ${pairs} or key like ${`device:${accountId}|%`}`)
}

/** Removes what has leaked away entirely; a day is longer than any counter takes from where a wait begins. */
export async function pruneLimits(db: Database): Promise<void> {
  await db.execute(sql`delete from ${signInLimits} where at < now() - interval '1 day'`)
}

/** The place of a visitor without an address. */
const UNKNOWN = 'unknown'

interface Counter extends Budget {
  key: string
}

/** `own` counters belong to the account, `shared` ones to the place. Each list in one order, so that upserts never dead-lock. */
function counters({ emailKey, ip, knownDevice }: Attempt, budgets: Record<BudgetName, Budget>) {
  if (knownDevice) {
    const key = `device:${knownDevice.accountId}|${Buffer.from(knownDevice.tokenHash).toString('hex')}`
    return { own: [{ key, ...budgets.device }], shared: [] }
  }
  const [near, wide] = ip === null ? [] : placesOf(ip)
  const shared = [
    { key: `address:${near ?? UNKNOWN}`, ...(near ? budgets.address : budgets.network) },
    ...(wide ? [{ key: `network:${wide}`, ...budgets.network }] : []),
    { key: 'global', ...budgets.global },
  ]
  if (emailKey === null) return { own: [], shared }
  const own = [
    { key: hashed('account', emailKey), ...budgets.account },
    { key: `${hashed('pair', emailKey)}|${near ?? UNKNOWN}`, ...budgets.pair },
  ]
  return { own, shared }
}

function placesOf(ip: string): [near: string, wide: string | undefined] {
  const [narrow, wide] = limitNetworks(ip)
  return wide ? [narrow ?? ip, wide] : [canonicalAddress(ip) ?? ip, narrow]
}

const hashed = (name: string, emailKey: string) => `${name}:${Buffer.from(sha256(emailKey)).toString('hex')}`

/** Seconds to wait after the last try, by the level as it stood then. */
const wait = sql`(case when ${signInLimits.level} < ${signInLimits.free} - 0.5 then 0
  else least(${signInLimits.longestWait}, power(2, least(20, round(${signInLimits.level}) - ${signInLimits.free}))) end)`
const secondsLeft = sql`(${wait} - extract(epoch from now() - ${signInLimits.at}))`
const isNews = sql`(${signInLimits.detectedAt} is null or ${signInLimits.detectedAt} < now() - interval '1 hour')`

/** What one has to wait for: `seconds` from now on, `wait` from the last try. */
interface Waiting {
  key: string
  seconds: number
  wait: number
}

/** The counter that makes one wait longest. Index: sign_in_limits_pkey. */
async function longestWait(db: Database, list: Counter[]): Promise<Waiting | undefined> {
  const [row] = rowsOf<{ key: string; seconds: number | string; wait: number | string }>(
    await db.execute(sql`
      select ${signInLimits.key} as key, ${secondsLeft} as seconds, ${wait} as wait from ${signInLimits}
      where ${signInLimits.key} in (${sql.join(
        list.map(({ key }) => sql`${key}`),
        sql`, `,
      )})
        and ${wait} > 0 and ${secondsLeft} > 0
      order by seconds desc limit 1`),
  )
  return row && { key: row.key, seconds: Number(row.seconds), wait: Number(row.wait) }
}

/** @returns how many counters rose; with `inTurn` those that make one wait do not */
async function raise(db: Database, list: Counter[], { inTurn }: { inTurn: boolean }): Promise<number> {
  if (list.length === 0) return 0
  const risen = await db
    .insert(signInLimits)
    .values(list.map((counter) => ({ ...counter, level: 1, at: sql`now()` })))
    .onConflictDoUpdate({
      target: signInLimits.key,
      set: {
        level: sql`greatest(0, ${signInLimits.level}
          - greatest(0, extract(epoch from now() - ${signInLimits.at})) / excluded.forget_after) + 1`,
        // A statement that waited for this row began before the one it waited for.
        at: sql`greatest(now(), ${signInLimits.at})`,
        free: sql`excluded.free`,
        forgetAfter: sql`excluded.forget_after`,
        longestWait: sql`excluded.longest_wait`,
      },
      ...(inTurn ? { setWhere: sql`${wait} = 0 or ${secondsLeft} <= 0` } : {}),
    })
    .returning({ key: signInLimits.key })
  return risen.length
}

async function lower(db: Database, list: Counter[]): Promise<void> {
  if (list.length > 0)
    await db
      .update(signInLimits)
      .set({ level: sql`greatest(0, ${signInLimits.level} - 1)` })
      .where(inOrder(list))
}

async function forget(db: Database, list: Counter[]): Promise<void> {
  if (list.length > 0) await db.delete(signInLimits).where(inOrder(list))
}

/** Locked in the order in which `raise` has them: two tries of one account at once would dead-lock. */
const inOrder = (list: Counter[]) => sql`${signInLimits.key} = any(array(
  select ${signInLimits.key} from ${signInLimits}
  where ${inArray(
    signInLimits.key,
    list.map(({ key }) => key),
  )}
  order by ${signInLimits.key} for update))`

async function refuse(db: Database, { key, seconds, wait }: Waiting): Promise<Turn> {
  const [counter = ''] = key.split(':', 1)
  const finding = seeGuessing({ counter, seconds: wait })
  const [noted] = await db
    .update(signInLimits)
    .set({
      notedAt: sql`now()`,
      detectedAt: finding && sql`case when ${isNews} then now() else ${signInLimits.detectedAt} end`,
    })
    .where(
      sql`${signInLimits.key} = ${key} and (${signInLimits.notedAt} is null or ${signInLimits.notedAt} < now() - interval '1 minute')`,
    )
    .returning({ isNews: sql<boolean>`coalesce(${signInLimits.detectedAt} = now(), false)` })
  const place = key.slice(counter.length + 1)
  const network = finding?.rule === 'spraying' && place && place !== UNKNOWN ? place : null
  return {
    allowed: false,
    retryAfterMs: Math.ceil(seconds * 1000),
    note: noted !== undefined,
    detected: finding && noted?.isNews ? { finding, network } : undefined,
  }
}
