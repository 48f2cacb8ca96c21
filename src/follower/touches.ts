import type { Clock } from './types.js'

/** Further ones in the same interval count as uses from an address that is not known. */
const ADDRESSES_AN_INTERVAL = 8
/** While nothing can be written; beyond these the oldest are forgotten. */
const MOST_SESSIONS = 200_000

interface Use {
  at: number
  requests: number
  background: boolean
}
type Uses = Map<string | null, Use>

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
  /** What is written in one go; a part that fails is kept, the others are not held up by it. */
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
  let noted = new Map<Id, Uses>()
  let flushing: Promise<void> | undefined

  function keep(id: Id, ip: string | null, use: Use) {
    let uses = noted.get(id)
    if (uses === undefined) {
      if (noted.size >= MOST_SESSIONS) forgetOldest()
      uses = new Map()
      noted.set(id, uses)
    }
    const key = uses.has(ip) || uses.size < ADDRESSES_AN_INTERVAL ? ip : null
    const other = uses.get(key)
    uses.set(key, other ? together(other, use) : use)
  }

  function forgetOldest() {
    for (const id of noted.keys()) {
      noted.delete(id)
      return
    }
  }

  async function writeAll() {
    const batch = noted
    noted = new Map()
    for (const part of inParts(usesOf(batch))) {
      try {
        const now = clock.monotonicMs()
        await write(part.map(({ at, ...use }) => ({ ...use, secondsAgo: (now - at) / 1_000 })))
      } catch (error) {
        onFailure(error)
        for (const { id, ip, ...use } of part) keep(id, ip, use)
      }
    }
  }

  const touches: Touches<Id> = {
    note: (id, ip, { background = false, requests = background ? 0 : 1 } = {}) =>
      keep(id, ip, { at: clock.monotonicMs(), requests, background }),
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
      return noted.size
    },
  }
  return touches
}

/** Of one session the latest comes last: where it was seen last is where it is. */
function usesOf<Id extends string>(noted: ReadonlyMap<Id, Uses>): (Use & { id: Id; ip: string | null })[] {
  return [...noted].flatMap(([id, uses]) =>
    [...uses].sort(([, one], [, other]) => one.at - other.at).map(([ip, use]) => ({ id, ip, ...use })),
  )
}

/** Of two uses from one address the last that was an activity says when. */
function together(one: Use, other: Use): Use {
  const [first, last] = one.at <= other.at ? [one, other] : [other, one]
  const decides = last.background && !first.background ? first : last
  return { ...decides, requests: one.requests + other.requests }
}
