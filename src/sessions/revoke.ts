import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, SessionId } from '../db/ids.js'
import { accounts, sessions } from '../db/schema.js'
import { deviceText } from '../devices/words.js'
import { endSessions } from './end.js'
import { findSession, inScope, type SessionScope } from './read.js'
import { appendRevocations } from './revocations.js'
import type { EndReason, Session } from './types.js'

/**
 * Ends a session for good ("Sign out"). Idempotent: the first reason and actor are kept.
 *
 * @param reason for admins and the audit log; the person is not shown it
 * @param scope whose sessions the actor may end at all
 * @returns the session as it now is, or undefined when there is none with that id in scope
 * @see OWASP ASVS 5.0 7.4.1
 */
export async function revokeSession(
  db: Database,
  id: SessionId,
  by: Actor,
  reason: string | null,
  scope: SessionScope = {},
): Promise<Session | undefined> {
  return db.transaction(async (tx) => {
    const session = await findSession(tx, id, scope)
    if (!session) return undefined
    const ended = await endSessions(tx, sql`${and(eq(sessions.id, id), inScope(scope))}`, {
      reason: endReasonFor(by, session),
      by,
      note: reason,
    })
    if (ended.length === 0) return session
    await recordRevoked(tx, by, session, reason)
    return findSession(tx, id, scope)
  })
}

/**
 * Ends the selected sessions, all of them in one transaction.
 *
 * @param except the actor's own session, unless they asked for it too
 * @returns which ended now, and which were gone already (or never there)
 */
export async function revokeSessions(
  db: Database,
  ids: SessionId[],
  by: Actor,
  reason: string | null,
  { except, scope = {} }: { except?: SessionId | undefined; scope?: SessionScope } = {},
): Promise<{ ended: SessionId[]; gone: SessionId[] }> {
  const wanted = [...new Set(ids)].filter((id) => id !== except)
  if (wanted.length === 0) return { ended: [], gone: [] }
  return db.transaction(async (tx) => {
    const which = sql`${and(inArray(sessions.id, wanted), inScope(scope))}`
    const ended = (await endSessions(tx, which, { reason: 'revoked', by, note: reason })).map((session) => session.id)
    for (const id of ended) {
      const session = await findSession(tx, id)
      if (session) await recordRevoked(tx, by, session, reason)
    }
    return { ended, gone: wanted.filter((id) => !ended.includes(id)) }
  })
}

/**
 * "Sign out everywhere": ends every session of an account, those of sign-ins that are under way too (by generation).
 *
 * @param except leaves this one alone ("Sign out all other devices"); then nothing is done by generation
 * @returns how many ended, or undefined when there is no such account
 */
export async function revokeAccountSessions(
  db: Database,
  accountId: AccountId,
  by: Actor,
  reason: string | null,
  { except, scope = {} }: { except?: SessionId | undefined; scope?: SessionScope } = {},
): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const [account] = await tx
      .select({ name: accounts.name })
      .from(accounts)
      .where(eq(accounts.id, accountId))
      .for('no key update')
    if (!account) return undefined
    const everywhere = !except && !scope.appId
    if (everywhere) await bumpAccountGeneration(tx, accountId)
    const others = except ? ne(sessions.id, except) : undefined
    const ended = await endSessions(tx, sql`${and(eq(sessions.accountId, accountId), others, inScope(scope))}`, {
      reason: isOwnAccount(by, accountId) ? 'signed-out-elsewhere' : 'revoked',
      by,
      note: reason,
    })
    await recordAudit(tx, by, 'account.sessions-revoked', {
      target: { kind: 'account', id: accountId, name: account.name },
      accountId,
      reason,
      details: { ended: ended.length, ...(except ? { except } : {}) },
    })
    return ended.length
  })
}

/** O(1): whatever was born with the old number is not live any more, marked or not, committed or about to. */
export async function bumpAccountGeneration(tx: Database, accountId: AccountId): Promise<void> {
  await tx
    .update(accounts)
    .set({ generation: sql`${accounts.generation} + 1` })
    .where(eq(accounts.id, accountId))
  await appendRevocations(tx, [{ kind: 'account', target: accountId }])
}

function endReasonFor(by: Actor, session: Session): EndReason {
  if (!isOwnAccount(by, session.account.id)) return 'revoked'
  return by.kind === 'account' && by.sessionId === session.id ? 'signed-out' : 'signed-out-elsewhere'
}

const isOwnAccount = (by: Actor, accountId: AccountId) => by.kind === 'account' && by.id === accountId

async function recordRevoked(tx: Database, by: Actor, session: Session, reason: string | null) {
  await recordAudit(tx, by, isOwnAccount(by, session.account.id) ? 'session.ended' : 'session.revoked', {
    target: { kind: 'session', id: session.id, name: deviceText(session.device) },
    accountId: session.account.id,
    sessionId: session.id,
    reason,
    details: {
      account: session.account.name,
      device: deviceText(session.device),
      ip: session.lastIp,
      app: session.app.name,
    },
  })
}
