import { eq } from 'drizzle-orm'
import { askInTime } from '../db/askInTime.js'
import type { OpenDatabase } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { handOvers } from '../db/schema/forward.js'
import { systemClock } from '../follower/clock.js'

const MOST = 100_000
/** As long as a check itself may take. */
const SILENT_MS = 1_500

/** Which protected host a session was handed over to; null for one that an app started itself. */
export interface HandedTo {
  /** On the connections for checks: pages never hold it up. @throws TookTooLong */
  find(session: SessionId): Promise<string | null>
  /** From memory alone; undefined where memory can't tell. */
  findCached(session: SessionId): string | null | undefined
}

/** It is written in the transaction that starts the session and never changes: memory needs no lease. */
export function createHandedTo(open: Pick<OpenDatabase, 'checks' | 'renew'>): HandedTo {
  const known = new Map<SessionId, string | null>()

  return {
    async find(session) {
      const before = known.get(session)
      if (before !== undefined) return before
      // Index: hand_overs_to
      const [row] = await askInTime(open, 'checks', systemClock, SILENT_MS, (db) =>
        db.select({ host: handOvers.host }).from(handOvers).where(eq(handOvers.toSession, session)),
      )
      if (known.size >= MOST) known.clear()
      known.set(session, row?.host ?? null)
      return row?.host ?? null
    },
    findCached: (session) => known.get(session),
  }
}
