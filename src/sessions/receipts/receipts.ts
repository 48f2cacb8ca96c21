import type { Database } from '../../db/connect.js'
import { systemClock } from '../../follower/clock.js'
import { sees } from '../../follower/snapshot.js'
import type { Clock } from '../../follower/types.js'
import { readFollowers } from '../log/followers.js'
import type { Node } from '../log/node.js'
import { type Position, xidOf } from '../log/positions.js'
import { createElsewhere } from './elsewhere.js'
import { readReceipts, storeReceipts } from './stored.js'
import { type Receipt, summarise } from './summary.js'
import { type Acknowledgement, createTally, type Tally } from './tally.js'

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
/** Who has not confirmed by then is silent, or has asked for a long lease. */
const SOON_MS = 3_000
const LONGEST_PAUSE_LATER_MS = 250
/** Beyond these the newest are enough: who ends thousands in a second asks for the last one. */
const MOST_PENDING = 1_000
const MOST_REMEMBERED = 2_000
/** The longest lease that the client lets an app choose is 60 s. After that the database itself must be out of reach. */
const LONGEST_WATCH_MS = 65_000
/** While another node watches it. */
const ASK_AGAIN_MS = 100

interface Watched {
  position: Position
  /** As the node knew it. */
  era: string | undefined
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
  const elsewhere = createElsewhere({ db, node, clock })
  let looking = false
  let stopped = false
  let nextPauseMs = FIRST_LOOK_MS
  let woken = false
  let cutShort = () => {}
  let told = false
  let watchedAt = 0

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
    const here = node.engine.follower.position
    const known = remembered.get(position)
    // After a failover that lost transactions another act may have the same position.
    if (stopped || (known && known.era === here?.era)) return
    const since = clock.monotonicMs()
    watchedAt = since
    let finish = () => {}
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    const own = { key: node.id, name: node.name, leaseMs: node.leaseMs }
    const tally = createTally({ xid: xidOf(position), since, own })
    if (here && sees(here, xidOf(position))) tally.note(node.id, since)
    const watched = { position, era: here?.era, tally, since, done, finish }
    if (known) giveUp(known)
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
    const looked = [...pending.values()]
    const asked = clock.monotonicMs()
    const seen = await readFollowers(db)
    for (const { tally } of looked) tally.count(seen, clock.monotonicMs(), asked)
    const complete = looked.filter(({ tally }) => tally.complete)
    const kept = complete.map((watched) => toReceipt(watched))
    for (const watched of complete) end(watched)
    await storeReceipts(db, kept)
  }

  /** At least a few milliseconds, so that a thousand acts a second share their looks. */
  async function pause() {
    const ms = nextPauseMs
    const longest = clock.monotonicMs() - watchedAt < SOON_MS ? LONGEST_PAUSE_MS : LONGEST_PAUSE_LATER_MS
    nextPauseMs = Math.min(ms * 2, longest)
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
    return summarise(position, tally, now, { boundMs: node.leaseMs, waitedMs: tally.complete ? null : now - since })
  }

  async function read(position: Position) {
    const watched = remembered.get(position)
    return watched ? toReceipt(watched) : elsewhere.read(position)
  }

  return {
    watch,
    read,
    async readMany(positions) {
      const here = positions.flatMap((position) => remembered.get(position) ?? [])
      const found = new Map(here.map((watched) => [watched.position, toReceipt(watched)]))
      const others = [...new Set(positions)].filter((position) => !found.has(position))
      return new Map([...found, ...(await readReceipts(db, others, node.leaseMs))])
    },
    async until(position, ms) {
      const until = clock.monotonicMs() + ms
      const watched = remembered.get(position)
      if (watched) {
        await Promise.race([watched.done, sleep(clock, ms)])
        return read(position)
      }
      let receipt = await elsewhere.read(position)
      while (receipt && !receipt.complete && clock.monotonicMs() < until && !stopped) {
        await sleep(clock, ASK_AGAIN_MS)
        receipt = await elsewhere.read(position)
      }
      return receipt
    },
    async acknowledged(position) {
      const watched = remembered.get(position)
      if (watched) return { followers: watched.tally.list(clock.monotonicMs()), complete: watched.tally.complete }
      return elsewhere.acknowledged(position)
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

const oldestOf = <K, V>(map: Map<K, V>): V => map.values().next().value as V

const sleep = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))
