import { sql } from 'drizzle-orm'
import { sessions } from '../db/schema.js'

/** How somebody came in who had signed in at Rollcall and was handed over. */
export const HANDED_OVER = 'rollcall'

/**
 * Of a session of a protected host: when the sign-in at Rollcall that it came from is over, if nobody uses it and by the
 * policy in force now; the epoch where that is over already, marked or not; null where it came from none. It is over with
 * its sign-in, unless only idleness ends that, of an admin.
 *
 * Over the columns of `sessions`, by a function of the database. Index: hand_overs_to, and only for what was handed over.
 */
export const signInIdleAt = sql<Date | null>`(case when ${sessions.method} = ${HANDED_OVER}
  then sign_in_idle_at(${sessions.id}) end)`.mapWith(sessions.createdAt)
