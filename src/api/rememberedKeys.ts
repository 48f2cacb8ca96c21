import { hash } from 'node:crypto'
import { findUsableKey, noteKeyUse } from '../accounts/apps/keys.js'
import type { ApiKey } from '../accounts/types.js'
import { askInTime } from '../db/askInTime.js'
import type { OpenDatabase } from '../db/connect.js'
import { systemClock } from '../follower/clock.js'
import type { Follower } from '../follower/follower.js'
import type { Clock } from '../follower/types.js'
import { unavailable } from '../http/errors.js'
import type { Node } from '../sessions/log/node.js'

const MOST_KEPT = 10_000
/** A flood of made-up keys leaves the other connections to the checks. */
const AT_ONCE = 2
const MOST_WAITING = 1_000
const SILENT_MS = 1_500
const NOTED_EVERY_MS = 60_000

/** API keys by the SHA-256 of their secret, under the lease of the node (S-60): a check costs no query for its key. */
export interface RememberedKeys {
  /**
   * @returns undefined for a key that is unknown, revoked or expired
   * @throws PublicError 503 when the database did not tell in time
   */
  find(secret: string): Promise<ApiKey | undefined>
  /** From memory alone; undefined also where memory can't tell. */
  findCached(secret: string): ApiKey | undefined
}

export interface RememberedKeysOptions {
  open: Pick<OpenDatabase, 'db' | 'checks' | 'renew'>
  node: Pick<Node, 'leaseMs' | 'subscribe'> & { engine: { follower: Pick<Follower, 'leaseLeft' | 'now'> } }
  onFailure(error: unknown): void
  clock?: Clock
}

interface Kept {
  key: ApiKey
  /** Monotonic time at which its last use was written. */
  notedAt: number
}

export function createRememberedKeys(options: RememberedKeysOptions): RememberedKeys {
  const { open, node, onFailure, clock = systemClock } = options
  const { follower } = node.engine
  const kept = new Map<string, Kept>()
  const loads = new Map<string, Promise<ApiKey | undefined>>()
  const turn = inTurn(AT_ONCE, MOST_WAITING)
  let forgotten = 0

  node.subscribe(({ answer: { anew, entries } }) => {
    if (anew) kept.clear()
    const concerned = new Set(
      entries.filter(({ kind }) => kind === 'key' || kind === 'app').map(({ target }) => target),
    )
    if (concerned.size > 0)
      for (const [hashed, { key }] of kept) if (concerned.has(key.id) || concerned.has(key.app.id)) kept.delete(hashed)
    if (anew || concerned.size > 0) forgotten += 1
  })

  function findCached(secret: string): ApiKey | undefined {
    return remembered(hash('sha256', secret, 'base64'))
  }

  function remembered(hashed: string): ApiKey | undefined {
    const found = kept.get(hashed)
    if (!found || follower.leaseLeft() === 0 || hasExpired(found.key)) return undefined
    noteUse(found)
    return found.key
  }

  const hasExpired = ({ expiresAt }: ApiKey) => expiresAt !== null && expiresAt.getTime() <= follower.now()

  function noteUse(used: Kept) {
    const now = clock.monotonicMs()
    if (now - used.notedAt < NOTED_EVERY_MS) return
    used.notedAt = now
    noteKeyUse(open.db, used.key.id).catch(onFailure)
  }

  async function find(secret: string): Promise<ApiKey | undefined> {
    const hashed = hash('sha256', secret, 'base64')
    const found = remembered(hashed)
    if (found) return found
    const underWay = loads.get(hashed)
    if (underWay !== undefined) return underWay
    const load = turn(() => look(secret, hashed)).finally(() => loads.delete(hashed))
    loads.set(hashed, load)
    return load
  }

  async function look(secret: string, hashed: string): Promise<ApiKey | undefined> {
    const began = { at: clock.monotonicMs(), forgotten }
    const key = await ask(secret)
    // An answer that took longer than the lease says nothing about now.
    if (clock.monotonicMs() - began.at >= node.leaseMs) throw unavailable()
    if (!key) return undefined
    const loaded = { key, notedAt: Number.NEGATIVE_INFINITY }
    noteUse(loaded)
    // What was revoked meanwhile is not kept: nobody would say so again (S-14).
    if (began.forgotten === forgotten) {
      if (kept.size >= MOST_KEPT) kept.clear()
      kept.set(hashed, loaded)
    }
    return key
  }

  const ask = (secret: string) => askInTime(open, 'checks', clock, SILENT_MS, (db) => findUsableKey(db, secret))

  return { find, findCached }
}

/** Runs so many at once; the others wait. @throws PublicError 503 when too many do */
function inTurn(atOnce: number, mostWaiting: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1
    else {
      if (waiting.length >= mostWaiting) throw unavailable()
      // Who goes hands its place on.
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
