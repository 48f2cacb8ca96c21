const MINUTE_MS = 60_000

/** Keeps a flood out of a log. In memory and bounded: the key that was new longest ago is forgotten first. */
export interface FloodGate {
  /** @returns how many were held back since the last one that passed, or undefined: hold this one back too */
  pass(key: string): number | undefined
}

/** Lets `aMinute` through for each key. */
export function createFloodGate({
  aMinute = 1,
  keys = 1_000,
  monotonicMs = () => performance.now(),
}: {
  aMinute?: number
  keys?: number
  monotonicMs?: () => number
} = {}): FloodGate {
  const known = new Map<string, { since: number; passed: number; held: number }>()
  return {
    pass(key) {
      const now = monotonicMs()
      const before = known.get(key)
      if (before && now - before.since < MINUTE_MS) {
        if (before.passed < aMinute) {
          before.passed += 1
          return 0
        }
        before.held += 1
        return undefined
      }
      known.delete(key)
      if (known.size >= keys) forgetFirst(known)
      known.set(key, { since: now, passed: 1, held: 0 })
      return before?.held ?? 0
    },
  }
}

function forgetFirst(known: Map<string, unknown>) {
  for (const key of known.keys()) {
    known.delete(key)
    return
  }
}
