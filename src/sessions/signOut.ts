import { and, eq } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { AppId, SessionId } from '../db/ids.js'
import { accounts, sessions } from '../db/schema.js'
import { revokeSession } from './revoke.js'
import { parseToken, secretMatches } from './token.js'

/**
 * Ends the session that the whole token proves, whether it is live or not: who signs out on a network that is blocked
 * must not leave a session behind that lives again when the block is lifted (S-09).
 *
 * @param appId whose token it must be: any other app's is unknown (S-38)
 * @returns the session's id, or undefined for what is no token of this app
 */
export async function signOut(
  db: Database,
  token: string,
  { appId, ip }: { appId: AppId; ip: string | null },
): Promise<SessionId | undefined> {
  const parts = parseToken(token)
  if (!parts) return undefined
  const [row] = await db
    .select({ secretHash: sessions.secretHash, account: { id: accounts.id, name: accounts.name } })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(and(eq(sessions.id, parts.id), eq(sessions.appId, appId)))
  if (!row || !secretMatches(parts.secret, row.secretHash)) return undefined
  await revokeSession(db, parts.id, { kind: 'account', ...row.account, sessionId: parts.id, ip }, null)
  return parts.id
}
