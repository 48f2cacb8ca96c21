import type { Clock } from './types.js'

/** The machine's own clocks. A timer of ours keeps no process alive. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(ms, act) {
    const timer: unknown = setTimeout(act, ms)
    if (canUnref(timer)) timer.unref()
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
  },
}

/** Node and Bun give an object; Deno and browsers a number. */
function canUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}
