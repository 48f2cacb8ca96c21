import { eq } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { AppId, KeyId, SessionId } from '../../db/ids.js'
import { sessions } from '../../db/schema.js'
import { endSessions } from '../end.js'
import { findSession } from '../read.js'
import { over, recordEnded } from '../revoke.js'
import type { Session } from '../types.js'

/** What an app may say for the person: they have signed out in it, or signed in anew. All else is its own act, "revoked". */
export const APP_ENDINGS = ['signed-out', 'replaced'] as const
export type AppEnding = (typeof APP_ENDINGS)[number]

/**
 * Ends a session on the word of its app: by the person, whose session it is. The audit log names the key that told.
 * Idempotent: the first reason and actor are kept.
 *
 * @param appId the app that says so: it speaks for its own people alone
 * @returns the session as it now is, or undefined when this app has none with that id
 */
export async function endOnWordOfApp(
  db: Database,
  id: SessionId,
  why: AppEnding,
  { appId, key, reason }: { appId: AppId; key: { id: KeyId; name: string }; reason: string | null },
): Promise<Session | undefined> {
  return db.transaction(async (tx) => {
    const session = await findSession(tx, id, { appId })
    if (!session) return undefined
    const ending = { reason: why, by: personOf(session), note: reason }
    const [now] = await endSessions(tx, eq(sessions.id, id), ending)
    if (!now) return session
    const { id: keyId, name } = key
    await recordEnded(tx, ending.by, session, reason, { why, key: { id: keyId, name } })
    return over(session, now, ending)
  })
}

/** As the actor of what an app says they did. */
export const personOf = ({ id, account, lastIp }: Session): Extract<Actor, { kind: 'account' }> => ({
  kind: 'account',
  id: account.id,
  name: account.name,
  sessionId: id,
  ip: lastIp,
})
