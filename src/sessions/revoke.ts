import { and, eq, ne, sql } from 'drizzle-orm'
import { recordAudit, recordAuditOfEach } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, SessionId } from '../db/ids.js'
import { accounts, sessions } from '../db/schema.js'
import { openDetection } from '../detections/open.js'
import type { Finding } from '../detections/types.js'
import { deviceText } from '../devices/words.js'
import { type EndedSession, type Ending, endSessions } from './end.js'
import { endAll } from './endings.js'
import { positionOf } from './log/positions.js'
import { NotAllowed } from './notAllowed.js'
import { outOfReach, refusedEntry, sessionsOutOfReach } from './reach.js'
import { among, findSession, inScope, type SessionScope } from './read.js'
import type { EndReason, Session } from './types.js'

/**
 * Ends a session for good ("Sign out"). Idempotent: the first reason and actor are kept.
 *
 * @param reason for admins and the audit log; the person is not shown it
 * @param scope whose sessions the actor may end at all
 * @returns the session as it now is, or undefined when there is none with that id in scope
 * @throws NotAllowed when it is out of the actor's reach (S-35, S-38); the attempt is audited
 * @see OWASP ASVS 5.0 7.4.1
 */
export async function revokeSession(
  db: Database,
  id: SessionId,
  by: Actor,
  reason: string | null,
  scope: SessionScope = {},
): Promise<Session | undefined> {
  return unlessRefused(await db.transaction((tx) => endOne(tx, id, by, reason, scope)), by)
}

type EndedOne = { session: Session; now: boolean } | 'refused' | undefined

/** After the transaction: the line that tells of the attempt has committed. */
function unlessRefused(ended: EndedOne, by: Actor): Session | undefined {
  if (ended === 'refused') throw notAllowed(by)
  return ended?.session
}

/** @returns `now`: it was this that ended it; `refused` when it is out of the actor's reach */
async function endOne(
  tx: Database,
  id: SessionId,
  by: Actor,
  reason: string | null,
  scope: SessionScope,
): Promise<EndedOne> {
  const [session, refused] = await Promise.all([
    findSession(tx, id, scope),
    refuseOutOfReach(tx, [id], by, reason, scope),
  ])
  if (!session) return undefined
  if (refused.length > 0) return 'refused'
  const ending = { reason: endReasonFor(by, session), by, note: reason }
  const [ended] = await endSessions(tx, eq(sessions.id, id), ending)
  if (!ended) {
    // Somebody else ended it, before or between the look and the act.
    const gone = session.state === 'ended' ? session : await findSession(tx, id, scope)
    return gone && { session: gone, now: false }
  }
  await recordEnded(tx, by, session, reason)
  return { session: over(session, ended, ending), now: true }
}

/**
 * Ends a session of which its person says that it is not theirs, and opens a detection.
 *
 * @param by the person, at another session of theirs
 * @param scope their own
 * @returns undefined when they have no such session
 */
export async function revokeUnrecognised(
  db: Database,
  id: SessionId,
  by: Actor,
  scope: SessionScope,
): Promise<Session | undefined> {
  const ended = await db.transaction(async (tx) => {
    const ended = await endOne(tx, id, by, 'Not recognised by the person', scope)
    if (typeof ended === 'object' && ended.now) await openDetection(tx, by, NOT_RECOGNISED, entryOf(ended.session))
    return ended
  })
  return unlessRefused(ended, by)
}

const NOT_RECOGNISED: Finding = {
  rule: 'not-recognised',
  severity: 'high',
  evidence: 'The person says that this session is not theirs.',
}

/** The session as it now is, without asking for all of it once more. */
export const over = (
  session: Session,
  { at, xid }: EndedSession,
  { reason, by, note }: { reason: EndReason; by: Actor; note: string | null },
): Session => ({
  ...session,
  state: 'ended',
  end: {
    at,
    reason,
    note,
    by: { kind: by.kind, id: 'id' in by ? by.id : null, name: by.name },
    position: positionOf(xid),
  },
})

/**
 * Ends the selected sessions, all of them in one transaction.
 *
 * @param except the actor's own session, unless they asked for it too
 * @returns which ended now, which were gone already (or never there), and which are out of the actor's
 * reach and were left alone; each of those attempts is audited (S-35, S-38)
 */
export async function revokeSessions(
  db: Database,
  ids: SessionId[],
  by: Actor,
  reason: string | null,
  { except }: { except?: SessionId | undefined } = {},
): Promise<{ ended: SessionId[]; gone: SessionId[]; refused: SessionId[] }> {
  const wanted = [...new Set(ids)].filter((id) => id !== except)
  if (wanted.length === 0) return { ended: [], gone: [], refused: [] }
  return db.transaction(async (tx) => {
    const refused = await refuseOutOfReach(tx, wanted, by, reason)
    const allowed = wanted.filter((id) => !refused.includes(id))
    if (allowed.length === 0) return { ended: [], gone: [], refused }
    const ended = (await endSessions(tx, among(allowed), { reason: 'revoked', by, note: reason })).map(
      (session) => session.id,
    )
    for (const id of ended) {
      const session = await findSession(tx, id)
      if (session) await recordEnded(tx, by, session, reason)
    }
    return { ended, gone: allowed.filter((id) => !ended.includes(id)), refused }
  })
}

/**
 * "Sign out everywhere": ends every session of an account, those of sign-ins that are under way too (by generation).
 * Within one app, rows alone are marked: an account has no more live ones there than the session limit.
 *
 * @param except leaves this one alone ("Sign out all other devices")
 * @returns how many ended (see `endAll`), or undefined when there is no such account
 * @throws NotAllowed when it is out of the actor's reach (S-35, S-38); the attempt is audited
 */
export async function revokeAccountSessions(
  db: Database,
  accountId: AccountId,
  by: Actor,
  reason: string | null,
  { except, scope = {} }: { except?: SessionId | undefined; scope?: SessionScope } = {},
): Promise<number | undefined> {
  const ended = await db.transaction(async (tx) => {
    const unreachable = await outOfReach(tx, by, sql`${scope.appId ?? null}::uuid`)
    const [account] = await tx
      .select({ name: accounts.name, unreachable: sql<boolean>`coalesce(${unreachable ?? sql`false`}, false)` })
      .from(accounts)
      .where(eq(accounts.id, accountId))
      .for('no key update')
    if (!account) return undefined
    const target = { kind: 'account', id: accountId, name: account.name }
    if (account.unreachable) {
      await recordAudit(tx, by, 'account.sessions-revoked', { result: 'refused', target, accountId, reason })
      return 'refused'
    }
    const why: EndReason = isOwnAccount(by, accountId) ? 'signed-out-elsewhere' : 'revoked'
    const ended = await endAllInScope(tx, accountId, { reason: why, by, note: reason }, except, scope)
    await recordAudit(tx, by, 'account.sessions-revoked', {
      target,
      accountId,
      reason,
      details: { ended, ...(except ? { except } : {}) },
    })
    return ended
  })
  if (ended === 'refused') throw notAllowed(by)
  return ended
}

async function endAllInScope(
  tx: Database,
  account: AccountId,
  ending: Ending,
  except: SessionId | undefined,
  scope: SessionScope,
): Promise<number> {
  if (!scope.appId) return (await endAll(tx, { kind: 'account', target: account }, ending, except))?.ended ?? 0
  const others = except ? ne(sessions.id, except) : undefined
  const ended = await endSessions(tx, sql`${and(eq(sessions.accountId, account), others, inScope(scope))}`, ending)
  return ended.length
}

/** @returns which of these the actor may not end; each attempt is audited */
async function refuseOutOfReach(
  tx: Database,
  ids: SessionId[],
  by: Actor,
  reason: string | null,
  scope: SessionScope = {},
): Promise<SessionId[]> {
  const refused = await sessionsOutOfReach(tx, ids, by, scope)
  await recordAuditOfEach(tx, by, 'session.revoked', refused.map(refusedEntry(reason)))
  return refused.map(({ id }) => id)
}

const notAllowed = (by: Actor) =>
  new NotAllowed(
    by.kind === 'key'
      ? 'A session in the panel is ended by a key with the scope admin.'
      : 'Only an owner can sign out an owner.',
  )

function endReasonFor(by: Actor, session: Session): EndReason {
  if (!isOwnAccount(by, session.account.id)) return 'revoked'
  return by.kind === 'account' && by.sessionId === session.id ? 'signed-out' : 'signed-out-elsewhere'
}

const isOwnAccount = (by: Actor, accountId: AccountId) => by.kind === 'account' && by.id === accountId

/** @param told what else is known of how it came about */
export async function recordEnded(
  tx: Database,
  by: Actor,
  session: Session,
  reason: string | null,
  told: Record<string, unknown> = {},
) {
  const { details, ...about } = entryOf(session)
  await recordAudit(tx, by, isOwnAccount(by, session.account.id) ? 'session.ended' : 'session.revoked', {
    ...about,
    reason,
    details: { ...details, ...told },
  })
}

/** What a line of the audit log says of a session. */
const entryOf = (session: Session) => ({
  target: { kind: 'session', id: session.id, name: deviceText(session.device) } as const,
  accountId: session.account.id,
  sessionId: session.id,
  details: {
    account: session.account.name,
    device: deviceText(session.device),
    ip: session.lastIp,
    app: session.app.name,
  },
})
