import type { Clock } from '../../../src/follower/types.js'
import type { Timeline } from './timeline.js'

/**
 * What a process runs on. Stopped (SIGSTOP), nothing executes while both clocks run; suspended, the monotonic clock
 * stands still too. What would have happened meanwhile happens when it goes on.
 */
export interface Machine {
  readonly name: string
  readonly clock: Clock
  readonly isUp: boolean
  /** For what comes to this process: it runs at once, or when the machine goes on; never once the process is gone. */
  mailbox(): (act: () => void) => void
  stop(ms: number): void
  suspend(ms: number): void
  setWall(byMs: number): void
  /** Goes on at once. */
  wake(): void
  /** The process is gone with all that waited for it. */
  kill(): void
  boot(): void
}

/**
 * A machine that is suspended while its wall clock is set back by as much can't notice: that is what the guarantee rests
 * on, so no schedule has both within this time of each other.
 */
const APART_MS = 10_000

export function createMachine(name: string, timeline: Timeline): Machine {
  let isUp = false
  let life = 0
  let stoppedUntil = 0
  let suspendedUntil = Number.NEGATIVE_INFINITY
  let suspendedAt = 0
  let suspendedMs = 0
  let setBackAt = Number.NEGATIVE_INFINITY
  let wallMs = 0
  let waiting: { life: number; act: () => void }[] = []

  let isSuspended = false

  const monotonicMs = () => (isSuspended ? suspendedAt : timeline.now) - suspendedMs

  function goOn() {
    if (isSuspended && suspendedUntil <= timeline.now) {
      suspendedMs += timeline.now - suspendedAt
      isSuspended = false
    }
    if (isSuspended || stoppedUntil > timeline.now) return
    const due = waiting
    waiting = []
    // One event each, so that what one of them leads to runs before the next.
    for (const one of due) timeline.after(0, () => run(one))
  }

  function run(one: { life: number; act: () => void }) {
    if (one.life !== life || !isUp) return
    if (isSuspended || stoppedUntil > timeline.now) waiting.push(one)
    else {
      timeline.stir()
      one.act()
    }
  }

  return {
    name,
    get isUp() {
      return isUp
    },
    clock: {
      monotonicMs,
      wallMs: () => timeline.now + wallMs,
      after(ms, act) {
        const due = monotonicMs() + ms
        const one = { life, act: ring }
        let isCancelled = false
        let cancel = timeline.after(ms, () => run(one))
        function ring() {
          if (isCancelled) return
          const left = due - monotonicMs()
          if (left > 1e-6) cancel = timeline.after(left, () => run(one))
          else act()
        }
        return () => {
          isCancelled = true
          cancel()
        }
      },
    },
    mailbox() {
      const mine = life
      return (act) => run({ life: mine, act })
    },
    stop(ms) {
      stoppedUntil = Math.max(stoppedUntil, timeline.now + ms)
      timeline.after(ms, goOn)
    },
    suspend(ms) {
      if (timeline.now - setBackAt < APART_MS) return
      if (!isSuspended) suspendedAt = timeline.now
      isSuspended = true
      suspendedUntil = Math.max(suspendedUntil, timeline.now + ms)
      timeline.after(ms, goOn)
    },
    wake() {
      stoppedUntil = suspendedUntil = timeline.now
      goOn()
    },
    setWall(byMs) {
      if (byMs < 0 && timeline.now - suspendedUntil < APART_MS) return
      if (byMs < 0) setBackAt = timeline.now
      wallMs += byMs
    },
    kill() {
      life += 1
      isUp = false
      waiting = []
    },
    boot() {
      life += 1
      isUp = true
    },
  }
}
