import { sql } from 'drizzle-orm'
import { isLive, liveAt, liveTables } from '../sessions/live.js'

/** `from` and `where` over what is live by the one predicate; goes on with `and ...`. */
export const fromLiveSessions = sql`from ${liveTables} where ${isLive}`

/**
 * The same with what a block of its network refuses for now: it would be live again as soon as that block is lifted, or
 * the device goes elsewhere. From no address, no network is blocked.
 */
export const fromLiveOrRefusedByNetwork = sql`from ${liveTables} where ${liveAt(sql`now()`, sql`null::inet`)}`
