import { and, countDistinct, eq, ne, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { AccountId, SessionId } from '../db/ids.js'
import { accounts, apps, sessionActivity, sessions, settings } from '../db/schema.js'
import { canonicalNetwork } from '../devices/address.js'
import { listSessions } from '../sessions/list.js'
import { isLive } from '../sessions/live.js'
import type { Session } from '../sessions/types.js'

export interface BlockPreview {
  /** Live ones: what a block would end. */
  sessions: number
  /** Where the newest of them is (or the one that was asked about), as a network of that address alone. */
  network: { network: string; otherAccounts: number } | null
}

/** More sessions than this are counted as so many. */
const LOOKED_AT = 200

/**
 * What blocking an account would do, for the question before it.
 *
 * @param from the session whose network is offered to be blocked too
 */
export async function previewAccountBlock(
  db: Database,
  id: AccountId,
  { from }: { from?: SessionId | undefined } = {},
): Promise<BlockPreview> {
  const { items } = await listSessions(db, { account: id, state: 'live' }, { limit: LOOKED_AT })
  const asked = items.find((session) => session.id === from) ?? items[0]
  return { sessions: items.length, network: asked ? await networkOf(db, asked) : null }
}

/** Over what is live, by its last address; asked once a dialog. */
async function networkOf(db: Database, { lastIp, account }: Session): Promise<BlockPreview['network']> {
  const read = lastIp ? canonicalNetwork(lastIp) : undefined
  if (!read || !('network' in read)) return null
  const [row] = await db
    .select({ accounts: countDistinct(sessions.accountId) })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .innerJoin(apps, eq(apps.id, sessions.appId))
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(sessionActivity, eq(sessionActivity.sessionId, sessions.id))
    .where(and(sql`${sessionActivity.lastIp} = ${lastIp}::inet`, ne(sessions.accountId, account.id), isLive))
  return { network: read.network, otherAccounts: row?.accounts ?? 0 }
}
