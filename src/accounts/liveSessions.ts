import { sql } from 'drizzle-orm'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { isLive } from '../sessions/live.js'

/** `from` and `where` over what is live by the one predicate; goes on with `and ...`. */
export const fromLiveSessions = sql`
  from ${sessions}
  join ${accounts} on ${accounts.id} = ${sessions.accountId}
  join ${apps} on ${apps.id} = ${sessions.appId}
  join ${settings} on ${settings.id} = 1
  join ${sessionActivity} on ${sessionActivity.sessionId} = ${sessions.id}
  where ${isLive}`
