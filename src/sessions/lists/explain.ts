import { eq } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import type { AccountId, SessionId } from '../../db/ids.js'
import { sessions } from '../../db/schema.js'
import { findSession } from '../read.js'
import { parseToken, secretMatches } from '../token.js'
import type { EndReason } from '../types.js'

/**
 * Why a browser that brings this token is not signed in any more: for the sign-in page.
 * Only who holds the whole token is told, and never an admin's note.
 *
 * @returns undefined for a token that is live, or that never was one
 */
export async function explainEnd(db: Database, token: string): Promise<{ reason: EndReason; at: Date } | undefined> {
  const proven = await provenBy(db, token)
  const session = proven && (await findSession(db, proven.sessionId))
  return session?.end ? { reason: session.end.reason, at: session.end.at } : undefined
}

/**
 * Whose token this is, whether it is still good or not: for what they alone may know.
 *
 * @returns undefined for one that never was, or whose secret is not right
 */
export async function provenBy(
  db: Database,
  token: string,
): Promise<{ sessionId: SessionId; accountId: AccountId } | undefined> {
  const parts = parseToken(token)
  if (!parts) return undefined
  const [row] = await db
    .select({ secretHash: sessions.secretHash, accountId: sessions.accountId })
    .from(sessions)
    .where(eq(sessions.id, parts.id))
  if (!row || !secretMatches(parts.secret, row.secretHash)) return undefined
  return { sessionId: parts.id, accountId: row.accountId }
}
