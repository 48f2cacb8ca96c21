import type { InferInsertModel } from 'drizzle-orm'
import type { sessionCounts } from '../db/schema.js'
import type { EventRow } from './events.js'
import type { PastSession } from './past.js'

const QUARTER = 900_000

/** The quarters of an hour from `since` until `now`, as `recordCounts` would have counted them. */
export function countQuarters(
  sessions: readonly PastSession[],
  failures: readonly Pick<EventRow, 'at'>[],
  inUse: ReadonlyMap<string, readonly { from: number; to: number }[]>,
  since: number,
  now: number,
): InferInsertModel<typeof sessionCounts>[] {
  const first = Math.floor(since / QUARTER)
  const count = Math.floor(now / QUARTER) - first
  const quarters = Array.from({ length: count }, (_, n) => ({
    at: new Date((first + n) * QUARTER),
    live: 0,
    online: 0,
    signIns: 0,
    failures: 0,
    ended: 0,
  }))
  const at = (time: number) => quarters[Math.floor(time / QUARTER) - first]
  const bump = (time: number, what: 'signIns' | 'failures' | 'ended') => {
    const quarter = at(time)
    if (quarter) quarter[what]++
  }
  /** Each quarter whose end lies within. */
  const during = (from: number, to: number, act: (n: number) => void) => {
    const last = Math.min(count - 1, Math.ceil(to / QUARTER) - 1 - first)
    for (let n = Math.max(0, Math.floor(from / QUARTER) - first); n <= last; n++) act(n)
  }

  for (const { from, end } of sessions) {
    bump(from, 'signIns')
    if (end) bump(end.at, 'ended')
    during(from, (end?.at ?? now) - QUARTER, (n) => {
      const quarter = quarters[n]
      if (quarter) quarter.live++
    })
  }
  for (const { at: time } of failures) if (time) bump(time.getTime(), 'failures')
  for (const visits of inUse.values()) {
    const seen = new Set<number>()
    for (const { from, to } of visits) during(from, to, (n) => seen.add(n))
    for (const n of seen) {
      const quarter = quarters[n]
      if (quarter) quarter.online++
    }
  }
  return quarters
}
