import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { systemClock } from '../follower/clock.js'
import { sees } from '../follower/snapshot.js'
import type { Clock } from '../follower/types.js'
import { readFollowers } from './followers.js'
import type { Node } from './node.js'
import type { Position } from './positions.js'
import { readReceipts, storeReceipts } from './receiptsStored.js'
import { type Acknowledgement, createTally, type Tally } from './receiptsTally.js'

/** Who has not applied an act, and what that means. */
export interface LateFollower {
  name: string
  kind: 'node' | 'app'
  /** The app's name. */
  app: string | null
  state: 'waiting' | 'lease-over'
  leaseEndsInMs: number | null
  allowsCached: boolean
}

/** On how many processes an act holds. */
export interface Receipt {
  position: Position
  /** Every process has it, or holds nothing valid any more. Nothing is green before. */
  complete: boolean
  /** Measured: from the act's return until the last of those that have it had it; null where nobody measured. */
  afterMs: number | null
  /** Guaranteed, whatever fails. */
  boundMs: number
  nodes: { have: number; of: number }
  apps: { have: number; of: number }
  late: LateFollower[]
  /** Since the act; null for one that is over, or that somebody else watches. */
  waitedMs: number | null
}

/** Watches acts of this node until they hold everywhere, and keeps what it has seen. */
export interface Receipts {
  /** An act has just returned. Never throws, never waits. */
  watch(position: Position): void
  /** As it is now; undefined where nothing is known of it. */
  read(position: Position): Promise<Receipt | undefined>
  /** Of several, those that are known: watched here or kept. */
  readMany(positions: readonly Position[]): Promise<Map<Position, Receipt>>
  /** The same as `read` once it is complete, or after the time. */
  until(position: Position, ms: number): Promise<Receipt | undefined>
  /** Process by process. @returns undefined for a position that no act can have */
  acknowledged(position: Position): Promise<{ followers: Acknowledgement[]; complete: boolean } | undefined>
  /** How many acts are being watched. */
  readonly pending: number
  stop(): void
}

/** Looks come at once and then more seldom: the usual answer is there after a few milliseconds. */
const FIRST_LOOK_MS = 5
const LONGEST_PAUSE_MS = 40
/** Beyond these the newest are enough: who ends thousands in a second asks for the last one. */
const MOST_PENDING = 1_000
const MOST_REMEMBERED = 2_000
/** A database that does not answer for so long leaves nobody a valid lease, but it can't be seen who has what. */
const LONGEST_WATCH_MS = 30_000
/** While another node watches it. */
const ASK_AGAIN_MS = 100

interface Watched {
  position: Position
  tally: Tally
  since: number
  done: Promise<void>
  finish(): void
}

export interface ReceiptsOptions {
  db: Database
  node: Pick<Node, 'id' | 'name' | 'leaseMs' | 'engine' | 'subscribe'>
  onFailure(error: unknown): void
  clock?: Clock
}

export function createReceipts({ db, node, onFailure, clock = systemClock }: ReceiptsOptions): Receipts {
  const pending = new Map<Position, Watched>()
  const remembered = new Map<Position, Watched>()
  let looking = false
  let stopped = false
  let nextPauseMs = FIRST_LOOK_MS
  let woken = false
  let cutShort = () => {}
  let told = false

  const unsubscribe = node.subscribe(({ answer }) => {
    if (pending.size === 0) return
    const now = clock.monotonicMs()
    for (const { position, tally } of pending.values())
      if (sees(answer.snapshot, xidOf(position))) tally.note(node.id, now)
    // What this node has heard, the others hear at the same time.
    lookSoon()
  })

  function lookSoon() {
    nextPauseMs = FIRST_LOOK_MS
    woken = true
    cutShort()
  }

  function watch(position: Position) {
    if (stopped || remembered.has(position)) return
    const since = clock.monotonicMs()
    let finish = () => {}
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    const here = node.engine.follower.position
    const own = { key: node.id, name: node.name, leaseMs: node.leaseMs }
    const tally = createTally({ xid: xidOf(position), era: here?.era, since, own })
    if (here && sees(here, xidOf(position))) tally.note(node.id, since)
    const watched = { position, tally, since, done, finish }
    pending.set(position, watched)
    remembered.set(position, watched)
    if (pending.size > MOST_PENDING) giveUp(oldestOf(pending))
    if (remembered.size > MOST_REMEMBERED) remembered.delete(oldestOf(remembered).position)
    lookSoon()
    void look()
  }

  /** One look at a time for all that are pending. */
  async function look() {
    if (looking) return
    looking = true
    while (pending.size > 0 && !stopped) {
      await pause()
      try {
        await countAll()
        told = false
      } catch (error) {
        if (!told && !stopped) onFailure(error)
        told = true
      }
      const now = clock.monotonicMs()
      for (const watched of [...pending.values()]) if (now - watched.since > LONGEST_WATCH_MS) giveUp(watched)
    }
    looking = false
  }

  async function countAll() {
    const asked = [...pending.values()]
    const seen = await readFollowers(db)
    const now = clock.monotonicMs()
    const own = seen.nodes.find(({ key }) => key === node.id)
    if (own) own.snapshot = node.engine.follower.position ?? own.snapshot
    for (const { tally } of asked) tally.count(seen, now)
    const complete = asked.filter(({ tally }) => tally.complete)
    const kept = complete.map((watched) => toReceipt(watched))
    for (const watched of complete) end(watched)
    await storeReceipts(db, kept)
  }

  /** At least a few milliseconds, so that a thousand acts a second share their looks. */
  async function pause() {
    const ms = nextPauseMs
    nextPauseMs = Math.min(ms * 2, LONGEST_PAUSE_MS)
    woken = false
    await sleep(clock, FIRST_LOOK_MS)
    if (woken || ms <= FIRST_LOOK_MS) return
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms - FIRST_LOOK_MS, resolve)
      cutShort = () => {
        cancel()
        resolve()
      }
    })
  }

  function end(watched: Watched) {
    pending.delete(watched.position)
    watched.finish()
  }

  /** Nothing can be said of it any more; its row is not there either. */
  function giveUp(watched: Watched) {
    remembered.delete(watched.position)
    end(watched)
  }

  function toReceipt({ position, tally, since }: Watched): Receipt {
    const now = clock.monotonicMs()
    return summed(position, tally, now, { boundMs: node.leaseMs, waitedMs: tally.complete ? null : now - since })
  }

  /** Where this node has not watched: what was kept, else who has it now. */
  async function readElsewhere(position: Position): Promise<Receipt | undefined> {
    const kept = (await readReceipts(db, [position], node.leaseMs)).get(position)
    if (kept) return kept
    const tally = await tallyNow(position)
    return tally && summed(position, tally, clock.monotonicMs(), { boundMs: node.leaseMs, waitedMs: null })
  }

  async function tallyNow(position: Position): Promise<Tally | undefined> {
    if (!(await canBe(position))) return undefined
    const tally = createTally({ xid: xidOf(position), era: node.engine.follower.position?.era, since: null })
    tally.count(await readFollowers(db), clock.monotonicMs())
    return tally
  }

  async function canBe(position: Position): Promise<boolean> {
    const here = node.engine.follower.position
    if (here && xidOf(position) < here.xmax) return true
    const [row] = rowsOf<{ xmax: string }>(
      await db.execute(sql`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`),
    )
    return xidOf(position) < Number(row?.xmax)
  }

  async function read(position: Position) {
    const watched = remembered.get(position)
    return watched ? toReceipt(watched) : readElsewhere(position)
  }

  return {
    watch,
    read,
    async readMany(positions) {
      const here = positions.flatMap((position) => remembered.get(position) ?? [])
      const found = new Map(here.map((watched) => [watched.position, toReceipt(watched)]))
      const elsewhere = [...new Set(positions)].filter((position) => !found.has(position))
      return new Map([...found, ...(await readReceipts(db, elsewhere, node.leaseMs))])
    },
    async until(position, ms) {
      const until = clock.monotonicMs() + ms
      const watched = remembered.get(position)
      if (watched) {
        await Promise.race([watched.done, sleep(clock, ms)])
        return read(position)
      }
      let receipt = await readElsewhere(position)
      while (receipt && !receipt.complete && clock.monotonicMs() < until && !stopped) {
        await sleep(clock, ASK_AGAIN_MS)
        receipt = await readElsewhere(position)
      }
      return receipt
    },
    async acknowledged(position) {
      const watched = remembered.get(position)
      if (watched) return { followers: watched.tally.list(clock.monotonicMs()), complete: watched.tally.complete }
      const tally = await tallyNow(position)
      if (!tally) return undefined
      const followers = tally.list(clock.monotonicMs())
      const kept = (await readReceipts(db, [position], node.leaseMs)).get(position)
      return { followers, complete: tally.complete || kept?.complete === true }
    },
    get pending() {
      return pending.size
    },
    stop() {
      stopped = true
      unsubscribe()
      cutShort()
      for (const watched of [...pending.values()]) end(watched)
    },
  }
}

const xidOf = (position: Position): number => Number(position.slice(1))

function summed(
  position: Position,
  tally: Tally,
  now: number,
  { boundMs, waitedMs }: Pick<Receipt, 'boundMs' | 'waitedMs'>,
): Receipt {
  const all = tally.list(now)
  const of = (kind: Acknowledgement['kind']) => {
    const theirs = all.filter((one) => one.kind === kind)
    return { have: theirs.filter(({ state }) => state === 'applied').length, of: theirs.length }
  }
  return {
    position,
    complete: tally.complete,
    afterMs: tally.afterMs,
    boundMs: Math.max(boundMs, tally.longestLeaseMs),
    nodes: of('node'),
    apps: of('app'),
    late: all.flatMap(toLate),
    waitedMs,
  }
}

function toLate({ name, kind, app, state, leaseEndsInMs, allowsCached }: Acknowledgement): LateFollower[] {
  return state === 'applied' ? [] : [{ name, kind, app: app?.name ?? null, state, leaseEndsInMs, allowsCached }]
}

const oldestOf = <K, V>(map: Map<K, V>): V => map.values().next().value as V

const sleep = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))
