import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import type { AppId } from '../../db/ids.js'
import { sessions } from '../../db/schema.js'
import { findSession } from '../read.js'
import type { Session } from '../types.js'
import { atMost } from './tallies.js'

/** What has come of an app so far. */
export interface Arrivals {
  /** That have not ended. */
  live: number
  /** That have, as far as they are kept. */
  ended: number
  /** Of those that have not ended. */
  newest: Session | undefined
}

/** How many sessions an app has had, and the newest one. Indexes: session_tallies' key, sessions_live_app. */
export async function readArrivals(db: Database, appId: AppId): Promise<Arrivals> {
  const { live, ended } = await atMost(db, [['app', appId]])
  if (live === 0) return { live, ended, newest: undefined }
  const [row] = await db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.appId, appId), isNull(sessions.endedAt)))
    .orderBy(desc(sessions.id))
    .limit(1)
  return { live, ended, newest: row && (await findSession(db, row.id)) }
}
