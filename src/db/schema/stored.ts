import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea, time } from '../columns.js'
import type { AppId, SessionId } from '../ids.js'
import { apps } from './apps.js'
import { sessions } from './sessions.js'

/**
 * What apps keep in the place of their own session store, found by a session id that they made themselves. While somebody
 * is signed in there is a session like all others beside it; before and after that, data alone.
 *
 * It changes with use, and the id of the session does not come from the key: lists stay in the order of sign-ins.
 */
export const storedSessions = pgTable(
  'stored_sessions',
  {
    appId: uuid('app_id')
      .notNull()
      .$type<AppId>()
      .references(() => apps.id),
    /** The secret's SHA-256: what the app's session id is made into never gets here. */
    key: bytea().notNull(),
    sessionId: uuid('session_id')
      .$type<SessionId>()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    /** JSON as the app wrote it, to the letter: `jsonb` would sort names, and take neither NUL nor large numbers. */
    content: text().notNull(),
    /** Whom the app named, as it did: most saves name the same one again. */
    accountNamed: text('account_named'),
    /** Seconds that it may lie unused; null: as long as the app's policy gives. */
    maxAge: integer('max_age'),
    /** Of one that nobody is signed in with: when it goes. The others go with their session. */
    expiresAt: time('expires_at'),
    /** The app has ended it: a late save finds that out. */
    goneAt: time('gone_at'),
    /** The one app process that may answer from its memory what the content is. */
    holder: text(),
    heldAt: time('held_at'),
    /** Since when several processes ask for it: then none of them keeps it, for a while. */
    sharedAt: time('shared_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.appId, t.key] }),
    index('stored_sessions_session').on(t.sessionId),
    index('stored_sessions_expires').on(t.expiresAt),
    check('stored_sessions_go', sql`(${t.sessionId} is null) = (${t.expiresAt} is not null)`),
  ],
)
