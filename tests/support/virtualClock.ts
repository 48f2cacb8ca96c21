import type { Clock } from '../../src/follower/types.js'

/** Clocks that a test moves. What is due runs while they move, and what waits for it with it. */
export interface VirtualClock extends Clock {
  advance(ms: number): Promise<void>
  /** The process is stopped: the clocks go on, and nothing runs. */
  pass(ms: number): void
  /** The machine is suspended: the wall clock alone goes on. */
  suspend(ms: number): void
}

export function createVirtualClock(): VirtualClock {
  let monotonic = 1_000
  let wall = 1_000_000
  let timers: { due: number; act: () => void }[] = []

  return {
    monotonicMs: () => monotonic,
    wallMs: () => wall,
    after(ms, act) {
      const timer = { due: monotonic + ms, act }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(ms) {
      const end = monotonic + ms
      await settled()
      for (;;) {
        const next = timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0]
        if (!next) break
        timers = timers.filter((other) => other !== next)
        wall += Math.max(0, next.due - monotonic)
        monotonic = Math.max(monotonic, next.due)
        next.act()
        await settled()
      }
      wall += end - monotonic
      monotonic = end
    },
    pass(ms) {
      monotonic += ms
      wall += ms
    },
    suspend(ms) {
      wall += ms
    },
  }
}

/** All that waits for nothing but promises has run. */
export const settled = () => new Promise<void>((resolve) => process.nextTick(resolve))
