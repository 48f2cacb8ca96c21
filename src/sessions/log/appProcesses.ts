import type { AppId, KeyId } from '../../db/ids.js'
import type { Snapshot } from '../../follower/types.js'
import type { ProcessReport } from '../../follower/wire.js'

/** How long one that has gone silent stays listed: its lease has run out long before. */
const LISTED_MS = 60_000
/** Of one key: whoever makes up names does not fill the memory. */
export const MOST_A_KEY = 1_000

export interface AppProcess extends ProcessReport {
  app: { id: AppId; name: string }
  keyId: KeyId
  /** What it has applied, as far as it has told. */
  position: Snapshot | undefined
  /** Monotonic time of this node. */
  seenAt: number
}

/** The app processes that follow this node, as they told with their last poll. */
export interface AppProcesses {
  /** @returns what it told last, or undefined for a new one; or that it is one too many of its key, which is not listed */
  note(report: Omit<AppProcess, 'seenAt'>): AppProcess | undefined | 'too many'
  list(): AppProcess[]
}

export function createAppProcesses(monotonicMs: () => number): AppProcesses {
  const processes = new Map<string, AppProcess>()

  function forgetSilent(now: number) {
    for (const [key, { seenAt }] of processes) if (now - seenAt > LISTED_MS) processes.delete(key)
  }

  return {
    note(report) {
      const now = monotonicMs()
      const key = `${report.keyId} ${report.process}`
      const before = processes.get(key)
      if (!before) {
        forgetSilent(now)
        if ([...processes.values()].filter(({ keyId }) => keyId === report.keyId).length >= MOST_A_KEY)
          return 'too many'
      }
      processes.set(key, { ...report, seenAt: now })
      return before
    },
    list() {
      forgetSilent(monotonicMs())
      return [...processes.values()]
    },
  }
}
