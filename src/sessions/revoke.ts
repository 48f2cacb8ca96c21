import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import type { Role } from '../accounts/types.js'
import { recordAudit } from '../audit/record.js'
import type { Actor, AuditAction } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, SessionId } from '../db/ids.js'
import { accounts, sessions } from '../db/schema.js'
import { deviceText } from '../devices/words.js'
import { endSessions } from './end.js'
import { NotAllowed } from './notAllowed.js'
import { findSession, inScope, type SessionScope } from './read.js'
import { appendRevocations } from './revocations.js'
import type { EndReason, Session } from './types.js'

/**
 * Ends a session for good ("Sign out"). Idempotent: the first reason and actor are kept.
 *
 * @param reason for admins and the audit log; the person is not shown it
 * @param scope whose sessions the actor may end at all
 * @returns the session as it now is, or undefined when there is none with that id in scope
 * @throws NotAllowed when it is an owner's and the actor is a lesser admin (S-35); the attempt is audited
 * @see OWASP ASVS 5.0 7.4.1
 */
export async function revokeSession(
  db: Database,
  id: SessionId,
  by: Actor,
  reason: string | null,
  scope: SessionScope = {},
): Promise<Session | undefined> {
  const found = await findSession(db, id, scope)
  if (found) await refuseOwnersTo(db, by, found.account, 'session.revoked')
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
 * @returns which ended now, which were gone already (or never there), and which are an owner's and were left alone
 * because the actor is a lesser admin (S-35)
 */
export async function revokeSessions(
  db: Database,
  ids: SessionId[],
  by: Actor,
  reason: string | null,
  { except, scope = {} }: { except?: SessionId | undefined; scope?: SessionScope } = {},
): Promise<{ ended: SessionId[]; gone: SessionId[]; refused: SessionId[] }> {
  const wanted = [...new Set(ids)].filter((id) => id !== except)
  if (wanted.length === 0) return { ended: [], gone: [], refused: [] }
  return db.transaction(async (tx) => {
    const refused = await ownersAmong(tx, wanted, by)
    const allowed = wanted.filter((id) => !refused.includes(id))
    if (allowed.length === 0) return { ended: [], gone: [], refused }
    const which = sql`${and(inArray(sessions.id, allowed), inScope(scope))}`
    const ended = (await endSessions(tx, which, { reason: 'revoked', by, note: reason })).map((session) => session.id)
    for (const id of ended) {
      const session = await findSession(tx, id)
      if (session) await recordRevoked(tx, by, session, reason)
    }
    return { ended, gone: allowed.filter((id) => !ended.includes(id)), refused }
  })
}

/**
 * "Sign out everywhere": ends every session of an account, those of sign-ins that are under way too (by generation).
 *
 * @param except leaves this one alone ("Sign out all other devices"); then nothing is done by generation
 * @returns how many ended, or undefined when there is no such account
 * @throws NotAllowed when it is an owner's and the actor is a lesser admin (S-35); the attempt is audited
 */
export async function revokeAccountSessions(
  db: Database,
  accountId: AccountId,
  by: Actor,
  reason: string | null,
  { except, scope = {} }: { except?: SessionId | undefined; scope?: SessionScope } = {},
): Promise<number | undefined> {
  const [target] = await db
    .select({ id: accounts.id, name: accounts.name, role: accounts.role })
    .from(accounts)
    .where(eq(accounts.id, accountId))
  if (target) await refuseOwnersTo(db, by, target, 'account.sessions-revoked')
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

/** Only an owner ends an owner's sessions. Apps' keys are bound by their scope instead. */
async function refuseOwnersTo(
  db: Database,
  by: Actor,
  target: { id: AccountId; name: string; role: Role },
  action: AuditAction,
) {
  if (target.role !== 'owner' || (await mayEndOwners(db, by)) || isOwnAccount(by, target.id)) return
  await recordAudit(db, by, action, {
    result: 'refused',
    target: { kind: 'account', id: target.id, name: target.name },
    accountId: target.id,
  })
  throw new NotAllowed('Only an owner can sign out an owner.')
}

/** Index: sessions_pkey. */
async function ownersAmong(tx: Database, ids: SessionId[], by: Actor): Promise<SessionId[]> {
  if (await mayEndOwners(tx, by)) return []
  const rows = await tx
    .select({ id: sessions.id, accountId: sessions.accountId })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(and(inArray(sessions.id, ids), eq(accounts.role, 'owner')))
  return rows.filter((row) => !isOwnAccount(by, row.accountId)).map((row) => row.id)
}

async function mayEndOwners(tx: Database, by: Actor): Promise<boolean> {
  if (by.kind !== 'account') return true
  const [actor] = await tx.select({ role: accounts.role }).from(accounts).where(eq(accounts.id, by.id))
  return actor?.role === 'owner'
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
