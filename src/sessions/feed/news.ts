import type { Change } from '../../db/changes.js'
import type { AccountId } from '../../db/ids.js'
import type { Feed } from './feed.js'
import { createFold, type Folded, type Summary, shortId } from './fold.js'

/** Of one interval, made once for all who listen. */
export interface Told {
  /** The panel's event, as it goes over the wire. */
  readonly panel: Uint8Array
  /** Whether sessions of the account started or ended. */
  concerns(account: AccountId): boolean
}

/** Folds the changes that a process hears of, and tells each open stream of them at most once an interval. */
export interface News {
  /** @returns what ends the subscription */
  subscribe(listener: (told: Told) => void): () => void
  /** How things stand, for a page of the panel that has just opened its stream. */
  now(): Uint8Array
  stop(): void
  readonly listeners: number
}

/** Live sessions, people online, and sessions that ended within a day. */
export interface LiveCounts {
  live: number
  online: number
  endedInDay: number
}

export interface NewsOptions {
  feed: Pick<Feed, 'subscribe'>
  /** Asked once for all pages, at most every few seconds and only while something happens. */
  counts: () => Promise<LiveCounts>
  /** Whether this process knows what is true now. */
  inTouch: () => boolean
  /** How long a page waits between two small requests, in ms. */
  paceMs: () => number
  onFailure: (error: unknown) => void
  everyMs?: number
  countEveryMs?: number
}

const EVERY_MS = 1_000
const COUNT_EVERY_MS = 5_000
/** Counting takes at most this share of the time, however slow it has become. */
const COUNTING_SHARE = 0.1
/** What happens together after a quiet time is told together. */
const GATHER_MS = 40

const NOTHING = {
  started: 0,
  ended: 0,
  sessions: [],
  accounts: [],
  touched: false,
  audit: false,
  others: false,
} satisfies Summary
const NOBODY: Folded = { summary: NOTHING, whose: new Set() }

export function createNews(options: NewsOptions): News {
  const { feed, counts, inTouch, paceMs, onFailure, everyMs = EVERY_MS, countEveryMs = COUNT_EVERY_MS } = options
  const listeners = new Set<(told: Told) => void>()
  const fold = createFold()
  let timer: NodeJS.Timeout | undefined
  let [toldAt, countAfter] = [Number.NEGATIVE_INFINITY, 0]
  let figures: LiveCounts | undefined
  let [counting, countIsOld] = [false, true]
  /** As all pages were told: one that was told otherwise would never hear that it is not so. None is served before it is. */
  let away = false

  /** A page was drawn with figures of its own: those from before some change would be older than what it shows. */
  const encode = (summary: Summary, counted = countIsOld ? undefined : figures) => {
    const data = JSON.stringify({ ...summary, ...counted, away, paceMs: paceMs() })
    return new TextEncoder().encode(`event: changes\ndata: ${data}\n\n`)
  }

  const unsubscribe = feed.subscribe((change: Change) => {
    if (change.kind !== 'touched' && change.kind !== 'audit') countIsOld = true
    if (listeners.size === 0) return
    fold.add(change)
    timer ??= setTimeout(tell, Math.max(GATHER_MS, toldAt + everyMs - performance.now()))
  })

  function tell() {
    timer = undefined
    const folded = fold.take()
    if (folded) tellAll(folded)
    if (countIsOld) void count()
  }

  function tellAll({ summary, whose }: Folded, counted?: LiveCounts) {
    toldAt = performance.now()
    let panel: Uint8Array | undefined
    const told: Told = {
      get panel() {
        panel ??= encode(summary, counted)
        return panel
      },
      concerns: (account) => summary.started + summary.ended > 0 && (whose?.has(shortId(account)) ?? true),
    }
    for (const listener of [...listeners]) listener(told)
  }

  async function count() {
    if (counting || performance.now() < countAfter || !inTouch()) return
    counting = true
    countIsOld = false
    const began = performance.now()
    try {
      figures = await counts()
      tellAll(NOBODY, figures)
    } catch (error) {
      onFailure(error)
    }
    const took = performance.now() - began
    countAfter = performance.now() + Math.max(countEveryMs, took / COUNTING_SHARE)
    counting = false
  }

  const watch = setInterval(() => {
    if (away === inTouch()) {
      away = !away
      tellAll(NOBODY)
    }
    if (countIsOld && listeners.size > 0) void count()
  }, everyMs)
  watch.unref()

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    now: () => encode(NOTHING),
    stop() {
      unsubscribe()
      clearTimeout(timer)
      clearInterval(watch)
    },
    get listeners() {
      return listeners.size
    },
  }
}
