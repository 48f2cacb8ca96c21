import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import { inNetworks, parseNetworks } from '../devices/address.js'
import { MOST_COUNTED } from '../sessions/types.js'
import { sessionsFrom } from './liveSessions.js'
import { readNetwork } from './networkReach.js'

export interface NetworkPreview {
  network: string
  /** Those whose last address is in it, and how many accounts have them. */
  sessions: number
  accounts: number
  /** There are more: these were counted among the first that many. */
  more: boolean
  /** The one who asks is in it. */
  coversYou: boolean
}

/**
 * What a block would hit. Counted by the sessions' last address, with what another block of networks refuses already.
 *
 * @param most are counted, whatever the network holds
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
  const [row] = rowsOf<{ sessions: number; accounts: number }>(
    await db.execute(sql`
      select count(*)::int as sessions, count(distinct account_id)::int as accounts
      from (select account_id from ${sessionsFrom(sql`${network}::cidr`)} there limit ${most + 1}) counted`),
  )
  const sessions = row?.sessions ?? 0
  return {
    network,
    sessions: Math.min(sessions, most),
    accounts: row?.accounts ?? 0,
    more: sessions > most,
    coversYou: inNetworks(ip, parseNetworks([network])),
  }
}
