import type { Clock } from './types.js'

/** Further ones in the same interval count as uses from an address that is not known. */
const ADDRESSES_AN_INTERVAL = 8
/** While nothing can be written; beyond these the oldest are forgotten. */
const MOST_SESSIONS = 200_000

interface Use {
  ip: string | null
  /** Monotonic time of the last one. */
  at: number
  requests: number
  background: boolean
}

/** Of one session. It stays for the next interval, so that a busy session leaves the garbage collector nothing to do. */
interface Noted extends Use {
  /** False when nothing was noted since the last flush. */
  waits: boolean
  /** From further addresses. */
  elsewhere: Use[] | undefined
}

/** That a session was used, as it is written. */
export interface Touched<Id extends string> {
  id: Id
  ip: string | null
  /** How long ago; a duration, because no other clock is trusted. */
  secondsAgo: number
  requests: number
  /** An open page by itself: tells where the session is, but is no activity of the person (S-07). */
  background: boolean
}

export interface Touches<Id extends string> {
  /** Notes that a session was used now. Costs a map entry; never waits. */
  note(id: Id, ip: string | null, how?: { background?: boolean; requests?: number }): void
  /** Writes what was noted; keeps for the next time what could not be written. Never rejects. */
  flush(): Promise<void>
  /** Flushes every `intervalMs`. @returns what stops that */
  start(intervalMs: number): () => void
  /** Sessions that wait to be written. */
  readonly waiting: number
}

export interface TouchesOptions<Id extends string> {
  clock: Pick<Clock, 'monotonicMs' | 'after'>
  /**
   * What is written in one go; a part that fails is kept, the others are not held up by it. Uses of one session stand
   * together, in the order of time.
   */
  inParts: <T extends { id: Id }>(uses: readonly T[]) => readonly (readonly T[])[]
  write(touches: readonly Touched<Id>[]): Promise<void>
  onFailure(error: unknown): void
}

/**
 * Collects uses of sessions in memory: at most one a session, address and interval. A crash may lose one interval of
 * "last seen".
 */
export function createTouches<Id extends string>({
  clock,
  inParts,
  write,
  onFailure,
}: TouchesOptions<Id>): Touches<Id> {
  const noted = new Map<Id, Noted>()
  let waiting = 0
  let flushing: Promise<void> | undefined

  function keep(id: Id, ip: string | null, at: number, requests: number, background: boolean) {
    const known = noted.get(id)
    if (known?.waits) {
      if (known.ip === ip) addTo(known, at, requests, background)
      else addElsewhere(known, ip, at, requests, background)
      return
    }
    waiting += 1
    if (known === undefined) {
      if (noted.size >= MOST_SESSIONS) forgetOldest()
      noted.set(id, { ip, at, requests, background, waits: true, elsewhere: undefined })
      return
    }
    known.ip = ip
    known.at = at
    known.requests = requests
    known.background = background
    known.waits = true
  }

  function forgetOldest() {
    for (const [id, { waits }] of noted) {
      if (waits) waiting -= 1
      noted.delete(id)
      return
    }
  }

  /** Of one session the latest comes last: where it was seen last is where it is. */
  function takeAll(): (Use & { id: Id })[] {
    const uses: (Use & { id: Id })[] = []
    for (const [id, session] of noted) {
      if (!session.waits) {
        noted.delete(id)
        continue
      }
      const all = session.elsewhere
        ? [session, ...session.elsewhere].sort((one, other) => one.at - other.at)
        : [session]
      for (const { ip, at, requests, background } of all) uses.push({ id, ip, at, requests, background })
      session.waits = false
      session.elsewhere = undefined
    }
    waiting = 0
    return uses
  }

  async function writeAll() {
    for (const part of inParts(takeAll())) {
      try {
        const now = clock.monotonicMs()
        await write(part.map(({ at, ...use }) => ({ ...use, secondsAgo: (now - at) / 1_000 })))
      } catch (error) {
        onFailure(error)
        for (const { id, ip, at, requests, background } of part) keep(id, ip, at, requests, background)
      }
    }
  }

  const touches: Touches<Id> = {
    note: (id, ip, { background = false, requests = background ? 0 : 1 } = {}) =>
      keep(id, ip, clock.monotonicMs(), requests, background),
    async flush() {
      await flushing
      flushing = writeAll().finally(() => {
        flushing = undefined
      })
      await flushing
    },
    start(intervalMs) {
      let cancel = () => {}
      let stopped = false
      const waitAndFlush = () => {
        cancel = clock.after(intervalMs, () => void touches.flush().finally(() => stopped || waitAndFlush()))
      }
      waitAndFlush()
      return () => {
        stopped = true
        cancel()
      }
    },
    get waiting() {
      return waiting
    },
  }
  return touches
}

function addElsewhere(known: Noted, ip: string | null, at: number, requests: number, background: boolean) {
  known.elsewhere ??= []
  const { elsewhere } = known
  const isFull = elsewhere.length + 1 >= ADDRESSES_AN_INTERVAL
  const from = isFull && !elsewhere.some((use) => use.ip === ip) ? null : ip
  const other = known.ip === from ? known : elsewhere.find((use) => use.ip === from)
  if (other) addTo(other, at, requests, background)
  else elsewhere.push({ ip: from, at, requests, background })
}

/** Of two uses from one address the last that was an activity says when. */
function addTo(use: Use, at: number, requests: number, background: boolean) {
  const decides = at >= use.at ? !background || use.background : use.background && !background
  use.requests += requests
  if (!decides) return
  use.at = at
  use.background = background
}
