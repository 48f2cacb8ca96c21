import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { authorityOf } from '../accounts/authority.js'
import { atLeast } from '../accounts/types.js'
import type { AuditEntry } from '../audit/record.js'
import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { BUILT_IN_APP, type SessionId } from '../db/ids.js'
import { accounts, sessions } from '../db/schema.js'
import { inScope, type SessionScope } from './read.js'

/**
 * Whose sessions an actor may not end, by the database's state now: call it inside the transaction of the act (S-31).
 *
 * Everybody ends their own. Of others, a responder ends all but an owner's (S-35). An app's key is bound by its scope
 * instead; without `admin` it leaves alone what people with a role in the panel have open there (S-38).
 *
 * @param app of the session; of the account, where all its sessions are meant: the only app in scope
 * @returns over the rows of `accounts`, and of `sessions` unless `app` is given; undefined where nobody is out of reach
 */
export async function outOfReach(tx: Database, by: Actor, app: SQL = sql`${sessions.appId}`): Promise<SQL | undefined> {
  const authority = await authorityOf(tx, by)
  if (authority === 'owner') return undefined
  if (by.kind === 'key') {
    if (!atLeast(authority, 'responder')) return sql`true`
    return sql`(${app} = ${BUILT_IN_APP} and ${accounts.role} <> 'person')`
  }
  if (atLeast(authority, 'responder')) return sql`${accounts.role} = 'owner'`
  return 'id' in by ? sql`${accounts.id} <> ${by.id}` : sql`true`
}

/** Which of these, within the scope, the actor may not end. Index: sessions_pkey. */
export async function sessionsOutOfReach(tx: Database, ids: SessionId[], by: Actor, scope: SessionScope = {}) {
  const unreachable = await outOfReach(tx, by)
  if (!unreachable) return []
  return tx
    .select({ id: sessions.id, account: { id: accounts.id, name: accounts.name } })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(and(inArray(sessions.id, ids), inScope(scope), unreachable))
}

/** The line of the audit log for one of them. */
export const refusedEntry =
  (reason: string | null) =>
  ({ id, account }: Awaited<ReturnType<typeof sessionsOutOfReach>>[number]): AuditEntry => ({
    result: 'refused',
    target: { kind: 'account', ...account },
    accountId: account.id,
    sessionId: id,
    reason,
  })
