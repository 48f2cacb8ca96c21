import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import { sessions } from '../../db/schema.js'
import { newestMatching } from './walk.js'

export interface Sharing {
  accounts: number
  /** So many sessions are there that not all were looked at. */
  atLeast: boolean
}

/** Of an address behind which a whole country sits, nobody needs the number. */
const LOOKED_AT = 2_000

/**
 * How many other accounts the list of live sessions has by an address or a network: they signed in from there, or moved
 * there since. Indexes: those of that list, sessions_live_ip and session_addresses_ip.
 */
export async function othersSharing(
  db: Database,
  network: string,
  account: AccountId,
  most = LOOKED_AT,
): Promise<Sharing> {
  const listed = await newestMatching(db, { ip: network }, most + 1)
  const [row] = rowsOf<{ looked: number; accounts: number }>(
    await db.execute(sql`
      select count(*)::int as looked,
        count(distinct ${sessions.accountId}) filter (where ${sessions.accountId} <> ${account})::int as accounts
      from ${sessions} where ${sessions.id} = any(array(${listed}))`),
  )
  return { accounts: row?.accounts ?? 0, atLeast: (row?.looked ?? 0) > most }
}
