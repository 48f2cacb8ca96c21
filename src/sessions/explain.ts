import { eq } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { sessions } from '../db/schema.js'
import { findSession } from './read.js'
import { parseToken, secretMatches } from './token.js'
import type { EndReason } from './types.js'

/**
 * Why a browser that brings this token is not signed in any more: for the sign-in page.
 * Only who holds the whole token is told, and never an admin's note.
 *
 * @returns undefined for a token that is live, or that never was one
 */
export async function explainEnd(db: Database, token: string): Promise<{ reason: EndReason; at: Date } | undefined> {
  const parts = parseToken(token)
  if (!parts) return undefined
  const [row] = await db.select({ secretHash: sessions.secretHash }).from(sessions).where(eq(sessions.id, parts.id))
  if (!row || !secretMatches(parts.secret, row.secretHash)) return undefined
  const session = await findSession(db, parts.id)
  return session?.end ? { reason: session.end.reason, at: session.end.at } : undefined
}
