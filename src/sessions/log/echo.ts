import { type SQL, sql } from 'drizzle-orm'
import type { OpenDatabase } from '../../db/connect.js'
import type { Clock } from '../../follower/types.js'

const EVERY_MS = 5_000
const AT_MOST_EVERY_MS = 60_000
/** A notification that has not come back by then is lost. */
const LOST_AFTER_MS = 1_000

/** A node that calls itself: so it learns whether notifications arrive at all. */
export interface Echo {
  listen(): Promise<void>
  /** What the next poll carries. `sent` is called when it has been committed. */
  call(): { sql: SQL; sent(): void }
  /** The last call came back. */
  readonly heard: boolean
}

export function createEcho({
  open,
  nodeId,
  clock,
}: {
  open: Pick<OpenDatabase, 'listen' | 'renew'>
  nodeId: string
  clock: Clock
}): Echo {
  // PGlite takes a channel's name as it stands: a dash would end it.
  const channel = `rollcall_node_${nodeId.replaceAll('-', '')}`
  let calls = 0
  let lastHeard = 0
  let heard = false
  let everyMs = EVERY_MS
  let due = Number.NEGATIVE_INFINITY
  let waiting: { since: number } | undefined

  /** Behind a transaction pooler it never comes back: then seldom, since each try is a new connection. */
  function giveUp() {
    waiting = undefined
    heard = false
    everyMs = Math.min(everyMs * 2, AT_MOST_EVERY_MS)
    open.renew('listener')
  }

  return {
    listen: () =>
      open.listen(channel, (payload) => {
        lastHeard = Math.max(lastHeard, Number(payload))
        if (lastHeard < calls) return
        waiting = undefined
        heard = true
        everyMs = EVERY_MS
      }),
    call() {
      const now = clock.monotonicMs()
      if (waiting && now - waiting.since > LOST_AFTER_MS) giveUp()
      if (waiting || now < due) return { sql: sql``, sent() {} }
      due = now + everyMs
      const call = ++calls
      return {
        sql: sql`from (select pg_notify(${channel}, ${String(call)})) call`,
        sent() {
          if (lastHeard < call) waiting = { since: clock.monotonicMs() }
        },
      }
    },
    get heard() {
      return heard
    },
  }
}
