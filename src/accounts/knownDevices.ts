import { and, desc, eq, notInArray, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { knownDevices } from '../db/schema.js'
import { hashLinkToken, newLinkToken } from './passwords/links.js'

/** More browsers than anyone signs in from at the same time; the one not used for longest makes room. */
const MOST_DEVICES = 20

/**
 * Remembers that an account signed in from this browser: a cookie that gives no access, only a budget of its own when
 * others guess at the account (S-23).
 *
 * @param present the cookie that the browser brought. Kept when this server issued it, for this account or another
 *   one; anything else is replaced, so that nobody can plant one
 * @returns what the cookie is to hold
 */
export async function rememberDevice(db: Database, accountId: AccountId, present: string | undefined): Promise<string> {
  return db.transaction(async (tx) => {
    const { token, hash } = (await issuedHere(tx, present)) ?? newLinkToken()
    await tx
      .insert(knownDevices)
      .values({ accountId, tokenHash: hash })
      .onConflictDoUpdate({ target: [knownDevices.accountId, knownDevices.tokenHash], set: { lastUsedAt: sql`now()` } })
    const latest = tx
      .select({ hash: knownDevices.tokenHash })
      .from(knownDevices)
      .where(eq(knownDevices.accountId, accountId))
      .orderBy(desc(knownDevices.lastUsedAt))
      .limit(MOST_DEVICES)
    await tx
      .delete(knownDevices)
      .where(and(eq(knownDevices.accountId, accountId), notInArray(knownDevices.tokenHash, latest)))
    return token
  })
}

/** Index: known_devices_token. */
async function issuedHere(db: Database, token: string | undefined) {
  const hash = token === undefined ? undefined : hashLinkToken(token)
  if (!token || !hash) return undefined
  const [row] = await db
    .select({ hash: knownDevices.tokenHash })
    .from(knownDevices)
    .where(eq(knownDevices.tokenHash, hash))
    .limit(1)
  return row && { token, hash }
}
