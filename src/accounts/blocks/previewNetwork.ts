import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import { inNetworks, parseNetworks } from '../../devices/address.js'
import { MOST_COUNTED } from '../../sessions/types.js'
import { hasMoreFrom, sessionsFrom } from './liveSessions.js'
import { readNetwork } from './networkReach.js'

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
 * @param most are looked at, whatever the network holds
 */
export async function previewNetworkBlock(
  db: Database,
  typed: string,
  ip: string | null = null,
  most = MOST_COUNTED,
): Promise<NetworkPreview | { error: string }> {
  const read = readNetwork(typed)
  if ('problem' in read) return { error: read.problem }
  const { network } = read
  const asked = sql`${network}::cidr`
  const [row] = rowsOf<{ sessions: number; accounts: number; more: boolean }>(
    await db.execute(sql`
      select count(*)::int as sessions, count(distinct account_id)::int as accounts, ${hasMoreFrom(asked, most)} as more
      from ${sessionsFrom(asked, most)} there`),
  )
  return {
    network,
    sessions: row?.sessions ?? 0,
    accounts: row?.accounts ?? 0,
    atLeast: row?.more ?? false,
    coversYou: inNetworks(ip, parseNetworks([network])),
  }
}
