import { clocksAgree, type Lease, leaseLeft, type Reading, read } from './lease.js'
import type { Memory } from './memory.js'
import { isAtOrPast } from './snapshot.js'
import type { Answer, Clock, Entry, Snapshot, Transport } from './types.js'

/** A lease that ran out longer ago than this says nothing about the past any more. */
const UNCERTAIN_AFTER_MS = 10 * 60_000

export interface FollowerOptions {
  transport: Pick<Transport, 'poll' | 'read'>
  memory: Pick<Memory, 'apply' | 'clear'> & { networks: Pick<Memory['networks'], 'replace'> }
  clock: Clock
  /** How long memory may be trusted after the last poll that confirmed it. */
  leaseMs: number
  /** After entries were taken in, or everything was forgotten (`anew`). */
  onApplied?: (applied: { entries: readonly Entry[]; snapshot: Snapshot; anew: boolean }) => void
  /** A poll or a read that failed; told once until one succeeds. */
  onFailure?: ((error: unknown) => void) | undefined
  /** From 0 to 1, so that a thousand processes do not come back in step. */
  random?: (() => number) | undefined
}

/** An entry of the log that nobody has read yet. */
export type Told = Pick<Entry, 'kind' | 'target'>

/** Keeps one process's memory true to the revocation log. */
export interface Follower {
  /** Begins. @returns resolves with the first poll that counts */
  start(): Promise<void>
  /** From here on memory is not asked: nobody tells it what ends. */
  stop(): void
  /**
   * "Read now": fast, and never relied on.
   *
   * @param entries what there is to read, where that is known: taken in at once, and again when it is read
   * @returns resolves, whatever came of it, after a reading that began later
   */
  nudge(entries?: readonly Told[]): Promise<void>
  /** Entries that were pushed: what `answer.snapshot` sees and `from` did not. */
  push(answer: Answer, from: Snapshot): void
  /** ms for which memory may still be trusted; 0: do not ask it. */
  leaseLeft(): number
  /** ms since the poll that the lease rests on was sent, with the age of what it answered; Infinity without one. */
  age(): number
  /** ms: database time where the database tells it, else monotonic time. Deadlines in memory are measured by it. */
  now(): number
  readonly position: Snapshot | undefined
  readonly stats: {
    polls: number
    pollFailures: number
    pollMs: number
    applied: number
    startedAnew: number
    horizonAgeMs: number
  }
}

/**
 * One algorithm for nodes and app processes.
 *
 * A nudge makes it fast. The poll, every quarter of the lease, makes it true: it reads everything after the position,
 * applies all of it, and only then trusts memory for one lease **from the moment the poll was sent**. A late answer, a
 * lost nudge, a paused process, a partition: the lease runs out, and memory is not asked.
 */
export function createFollower(options: FollowerOptions): Follower {
  const { transport, memory, clock, leaseMs, onApplied, onFailure, random = Math.random } = options
  const pollEveryMs = leaseMs / 4
  const stats = { polls: 0, pollFailures: 0, pollMs: 0, applied: 0, startedAnew: 0, horizonAgeMs: 0 }
  let position: Snapshot | undefined
  let lease: Lease | undefined
  let base: { monotonic: number; time: number } | undefined
  let horizonHeldSince: { xmin: number; monotonic: number } | undefined
  let lastPoll: Reading | undefined
  let epoch = 0
  let failuresInRow = 0
  let toldOfFailure = false
  let stopped = false
  let cancelTimer = () => {}
  let reading: Promise<void> | undefined
  let nextReading: Promise<void> | undefined
  let whenStarted: (() => void) | undefined

  /**
   * Nobody can tell what was missed: the next answer is a start anew. Until it comes memory is not trusted, but there, for
   * whoever goes on without an answer (`allow-cached`).
   */
  function giveUp() {
    position = undefined
    lease = undefined
    epoch += 1
  }

  function apply({ snapshot, entries, networks, anew }: Answer) {
    // The first position is a start anew too: a load from before it may lack what it will never hear of again.
    const isStart = anew || !position
    let isOvertaken = false
    if (isStart) {
      giveUp()
      // What was loaded before this moment, or is being loaded, is worth nothing.
      memory.clear()
      position = snapshot
      stats.startedAnew += 1
    } else {
      for (const entry of entries) memory.apply(entry)
      stats.applied += entries.length
      // Answers may overtake each other; the position only ever moves on.
      if (position && !isAtOrPast(snapshot, position)) isOvertaken = true
      else position = snapshot
    }
    // A whole list, unlike entries, is only as good as it is new.
    if (networks && !isOvertaken) memory.networks.replace(networks)
    if (isStart || entries.length > 0)
      onApplied?.({ entries: isStart ? [] : entries, snapshot: position ?? snapshot, anew: isStart })
  }

  async function poll() {
    const sent = read(clock)
    // Time has passed that one of the clocks did not see: nobody knows for how long things were not heard.
    if (lastPoll && !clocksAgree(lastPoll, sent)) giveUp()
    if (lease && sent.monotonic - lease.sent.monotonic > leaseMs + UNCERTAIN_AFTER_MS) giveUp()
    lastPoll = sent
    const began = epoch
    try {
      const answer = await inTime(transport.poll(position), clock, leaseMs / 2)
      if (stopped) return
      stats.pollMs = clock.monotonicMs() - sent.monotonic
      // What was asked from a position that has been given up says nothing.
      if (began === epoch) count(answer, sent)
      stats.polls += 1
      failuresInRow = 0
      toldOfFailure = false
    } catch (error) {
      if (stopped) return
      stats.pollFailures += 1
      failuresInRow += 1
      if (!toldOfFailure) onFailure?.(error)
      toldOfFailure = true
    }
    schedule(sent)
  }

  function count(answer: Answer, sent: Reading) {
    apply(answer)
    noteHorizon(answer.snapshot)
    const now = read(clock)
    const confirmed = { sent, ageMs: answer.ageMs }
    if (leaseLeft(confirmed, leaseMs, now) >= leaseLeft(lease, leaseMs, now)) lease = confirmed
    // Counted from the sending, the estimate is never behind the database: nothing is accepted past its expiry.
    if (answer.nowMs !== undefined) base = { monotonic: sent.monotonic, time: answer.nowMs }
    if (leaseLeft(lease, leaseMs, now) > 0) {
      whenStarted?.()
      whenStarted = undefined
    }
  }

  function noteHorizon({ xmin, xmax }: Snapshot) {
    const monotonic = clock.monotonicMs()
    if (xmin === xmax) horizonHeldSince = undefined
    else if (horizonHeldSince?.xmin !== xmin) horizonHeldSince = { xmin, monotonic }
    stats.horizonAgeMs = horizonHeldSince ? monotonic - horizonHeldSince.monotonic : 0
  }

  /** Backs off while there is no answer, but never so far that the return of one is noticed late. */
  function schedule(sent: Reading) {
    const backOffMs = failuresInRow === 0 ? 0 : Math.min(50 * 2 ** failuresInRow, pollEveryMs) * (0.5 + random() / 2)
    const dueInMs = failuresInRow === 0 ? pollEveryMs - (clock.monotonicMs() - sent.monotonic) : backOffMs
    cancelTimer = clock.after(Math.max(0, dueInMs), () => void poll())
  }

  /** One reading at a time; all who ask while one is under way share the next, which begins after they asked. */
  function readNow(): Promise<void> {
    if (reading === undefined)
      reading = readOnce().finally(() => {
        reading = undefined
      })
    else {
      nextReading ??= reading.then(() => {
        nextReading = undefined
        return readNow()
      })
      return nextReading
    }
    return reading
  }

  async function readOnce() {
    const began = epoch
    try {
      const answer = await inTime(transport.read(position), clock, leaseMs / 2)
      if (began === epoch && !stopped) apply(answer)
    } catch {
      // The poll will tell, and make it good.
    }
  }

  async function nudge(entries: readonly Told[] = []) {
    if (stopped || !position) return
    for (const entry of entries) memory.apply(entry)
    await readNow()
  }

  return {
    nudge,
    start() {
      return new Promise((resolve) => {
        whenStarted = resolve
        void poll()
      })
    },
    stop() {
      stopped = true
      lease = undefined
      cancelTimer()
    },
    push(answer, from) {
      if (stopped || !position) return
      if (answer.anew || position.era !== answer.snapshot.era) return void readNow()
      const hasEnds = answer.networks?.some(({ endsAt }) => endsAt !== null)
      if (isAtOrPast(position, from) && !hasEnds) return apply(answer)
      // Something between is missing, or came so late that nobody can tell when a block ends: take what there is, but do
      // not say that all was read.
      void nudge(answer.entries)
    },
    leaseLeft: () => leaseLeft(lease, leaseMs, read(clock)),
    age: () => (lease ? clock.monotonicMs() - lease.sent.monotonic + lease.ageMs : Number.POSITIVE_INFINITY),
    now() {
      const monotonic = clock.monotonicMs()
      return base ? base.time + (monotonic - base.monotonic) : monotonic
    },
    get position() {
      return position
    },
    stats,
  }
}

/**
 * Rejects what takes longer: the connection may be half open, and its answer would be worth nothing. A process that was
 * stopped finds answer and timer due at once, in whatever order.
 */
export function inTime<T>(work: Promise<T>, clock: Clock, ms: number): Promise<T> {
  const began = clock.monotonicMs()
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new TookTooLong(ms)))
    const inItsTime = (answer: T) => (clock.monotonicMs() - began > ms ? reject(new TookTooLong(ms)) : resolve(answer))
    work.then(inItsTime, reject).finally(cancel)
  })
}

export class TookTooLong extends Error {
  readonly code = 'took_too_long'
  constructor(ms: number) {
    super(`no answer within ${Math.round(ms)} ms`)
  }
}
