import { sql } from 'drizzle-orm'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { isLive, liveAt } from '../sessions/live.js'

const joined = sql`
  from ${sessions}
  join ${accounts} on ${accounts.id} = ${sessions.accountId}
  join ${apps} on ${apps.id} = ${sessions.appId}
  join ${settings} on ${settings.id} = 1
  join ${sessionActivity} on ${sessionActivity.sessionId} = ${sessions.id}`

/** `from` and `where` over what is live by the one predicate; goes on with `and ...`. */
export const fromLiveSessions = sql`${joined} where ${isLive}`

/**
 * The same with what a block of its network refuses for now: it would be live again as soon as that block is lifted, or
 * the device goes elsewhere. From no address, no network is blocked.
 */
export const fromLiveOrRefusedByNetwork = sql`${joined} where ${liveAt(sql`now()`, sql`null::inet`)}`
