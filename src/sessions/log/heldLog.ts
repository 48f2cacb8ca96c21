import { isAtOrPast, sees } from '../../follower/snapshot.js'
import type { Entry, Snapshot } from '../../follower/types.js'

/** Beyond these, an app process that comes back starts anew. */
const MOST_ENTRIES = 300_000
const KEPT_MS = 10 * 60_000

interface Batch {
  entries: readonly Entry[]
  snapshot: Snapshot
  at: number
}

/** What a node has read of the revocation log and passes on to app processes, from memory. */
export interface HeldLog {
  add(applied: { entries: readonly Entry[]; snapshot: Snapshot; anew: boolean }): void
  /**
   * @returns what came after the position, up to the newest; undefined where that is not held: the position is older
   *   than this node's start, of another era, or too long ago
   */
  since(position: Snapshot): readonly Entry[] | undefined
  /** Whether anything was appended that the one position has and the other had not, as far as can be told. */
  liesBetween(before: Snapshot, after: Snapshot): boolean
  readonly newest: Snapshot | undefined
}

/** A node holds nothing from before its own start. */
export function createHeldLog(
  monotonicMs: () => number,
  { mostEntries = MOST_ENTRIES, keptMs = KEPT_MS } = {},
): HeldLog {
  let batches: Batch[] = []
  let floor: Snapshot | undefined
  let newest: Snapshot | undefined
  let held = 0

  function prune() {
    const now = monotonicMs()
    let gone = 0
    for (const batch of batches) {
      if (held <= mostEntries && now - batch.at <= keptMs) break
      held -= batch.entries.length
      floor = batch.snapshot
      gone += 1
    }
    if (gone > 0) batches = batches.slice(gone)
  }

  function since(position: Snapshot): readonly Entry[] | undefined {
    if (!floor || !isAtOrPast(position, floor)) return undefined
    let first = batches.length
    // What a position is past, it has read, with all that came before.
    while (first > 0 && !isAtOrPast(position, (batches[first - 1] as Batch).snapshot)) first -= 1
    return batches.slice(first).flatMap(({ entries }) => entries.filter(({ xid }) => !sees(position, xid)))
  }

  return {
    since,
    liesBetween: (before, after) => since(before)?.some(({ xid }) => sees(after, xid)) ?? true,
    add({ entries, snapshot, anew }) {
      if (anew || !floor) {
        batches = []
        held = 0
        floor = snapshot
      }
      // A poll and the reading of a nudge that are under way together bring the same.
      const before = newest
      const unheld = before && !anew ? entries.filter(({ xid }) => !sees(before, xid)) : entries
      newest = snapshot
      if (unheld.length === 0) return
      batches.push({ entries: unheld, snapshot, at: monotonicMs() })
      held += unheld.length
      prune()
    },
    get newest() {
      return newest
    },
  }
}
