import { sql } from 'drizzle-orm'
import { asMuchAsComes } from '../../db/asMuchAsComes.js'
import { type Database, rowsOf } from '../../db/connect.js'
import { inNetworks, parseNetworks } from '../../devices/address.js'
import { MOST_COUNTED } from '../../sessions/types.js'
import { hasMoreFrom, sessionsFrom } from './liveSessions.js'

const FEW = 500

export interface NetworkPreview {
  network: string
  /** Those whose last address is in it, and how many accounts have them. */
  sessions: number
  accounts: number
  /** It is so large that not all was looked at: there are at least these. */
  atLeast: boolean
  /** The one who asks is in it. */
  coversYou: boolean
}

/**
 * What a block would hit. Counted by the sessions' last address, with what another block of networks refuses already.
 *
 * @param network canonical, by `readNetwork`
 * @param most are looked at, whatever the network holds; fewer where that takes too long
 */
export async function previewNetworkBlock(
  db: Database,
  network: string,
  ip: string | null = null,
  most = MOST_COUNTED,
): Promise<NetworkPreview> {
  const found = await asMuchAsComes(db, { few: FEW, many: most }, (db, most) => countThere(db, network, most))
  return { network, ...found, coversYou: inNetworks(ip, parseNetworks([network])) }
}

async function countThere(db: Database, network: string, most: number) {
  const asked = sql`${network}::cidr`
  const [row] = rowsOf<{ sessions: number; accounts: number; more: boolean }>(
    await db.execute(sql`
      select count(*)::int as sessions, count(distinct account_id)::int as accounts, ${hasMoreFrom(asked, most)} as more
      from ${sessionsFrom(asked, most)} there`),
  )
  return { sessions: row?.sessions ?? 0, accounts: row?.accounts ?? 0, atLeast: row?.more ?? false }
}
