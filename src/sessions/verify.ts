import { eq, sql } from 'drizzle-orm'
import type { Role } from '../accounts/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, AppId, SessionId } from '../db/ids.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { effectiveExpiry, liveFactColumns, networkBlocked, whyNotLive } from './live.js'
import { parseToken, secretMatches } from './token.js'
import type { DenialReason } from './types.js'

export { liveFactColumns }

export interface VerifyRequest {
  /** Whose key or site asks: to any other app a token is `unknown` (S-38). Left out, any app's token counts. */
  appId?: AppId | undefined
  /** Where the request comes from, for network blocks; the session's last address where it is not known. */
  ip?: string | null | undefined
  /** Ask the database, whatever is remembered. */
  fresh?: boolean | undefined
}

export type Verdict =
  | {
      status: 'active'
      session: {
        id: SessionId
        appId: AppId
        method: string
        createdAt: Date
        /** The absolute end, by the policy in force now. */
        expiresAt: Date
        /** Ends by itself when it is not used for this long. */
        idleTimeoutMs: number
      }
      /** As it is now, not as it was at the sign-in (S-31). */
      account: { id: AccountId; name: string; email: string | null; role: Role }
    }
  | { status: 'denied'; reason: DenialReason }

export interface Verifier {
  /**
   * Decides whether a token is good now. Never throws: what can't be decided is `denied`, `unavailable`.
   *
   * @param token as the client sent it; anything but a session token's one spelling is `unknown`
   */
  verify(token: string, request?: VerifyRequest): Promise<Verdict>
  /** The same from memory alone, without I/O or await; "ask" where memory can't tell. */
  verifyCached(token: string, request?: VerifyRequest): Verdict | 'ask'
}

/**
 * The one door through which every check goes: the site, the panel, streams, the API.
 *
 * Today each check is one indexed query (sessions_pkey). What will remember verdicts goes behind this interface.
 */
export function createVerifier(db: Database, onFailure: (error: unknown) => void): Verifier {
  return {
    async verify(token, request = {}) {
      const parts = parseToken(token)
      if (!parts) return { status: 'denied', reason: 'unknown' }
      try {
        const row = await loadFacts(db, parts.id, request.ip ?? null)
        return row && secretMatches(parts.secret, row.secretHash) ? decide(row, request) : unknown
      } catch (error) {
        onFailure(error)
        return { status: 'denied', reason: 'unavailable' }
      }
    },
    verifyCached: (token) => (parseToken(token) ? 'ask' : unknown),
  }
}

const unknown: Verdict = { status: 'denied', reason: 'unknown' }

type Row = NonNullable<Awaited<ReturnType<typeof loadFacts>>>

function decide(row: Row, request: VerifyRequest): Verdict {
  if (request.appId && row.session.appId !== request.appId) return unknown
  const reason = whyNotLive(row)
  if (reason) return { status: 'denied', reason }
  return {
    status: 'active',
    session: { ...row.session, expiresAt: effectiveExpiry(row), idleTimeoutMs: row.idleTimeout * 1000 },
    account: row.account,
  }
}

/** Index: sessions_pkey, then the primary keys of what it joins. */
async function loadFacts(db: Database, id: SessionId, ip: string | null) {
  const [row] = await db
    .select({
      secretHash: sessions.secretHash,
      session: { id: sessions.id, appId: sessions.appId, method: sessions.method, createdAt: sessions.createdAt },
      account: { id: accounts.id, name: accounts.name, email: accounts.email, role: accounts.role },
      ...liveFactColumns,
      networkBlocked: networkBlocked(sql`coalesce(${ip}::inet, ${sessionActivity.lastIp})`),
    })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(apps, eq(apps.id, sessions.appId))
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))
    .where(eq(sessions.id, id))
  return row
}
