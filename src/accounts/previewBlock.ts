import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { sessionActivity, sessions } from '../db/schema.js'
import { MOST_COUNTED } from '../sessions/types.js'
import { fromLiveSessions, sessionsFrom } from './liveSessions.js'
import { networksTable } from './networkReach.js'
import { findAccount } from './read.js'

export interface AccountBlockPreview {
  /** Live ones, in all apps: what the block would end. */
  sessions: number
  /** The addresses that they were last used from, those with most sessions first, at most ten. */
  networks: { network: string; sessions: number; otherAccounts: number }[]
}

/**
 * What a block of an account would hit, by the one predicate.
 *
 * @returns undefined when there is no such account. Index: sessions_account
 */
export async function previewAccountBlock(db: Database, id: AccountId): Promise<AccountBlockPreview | undefined> {
  if (!(await findAccount(db, id))) return undefined
  const own = rowsOf<{ ip: string | null; sessions: string }>(
    await db.execute(sql`
      select host(${sessionActivity.lastIp}) as ip, count(*) as sessions ${fromLiveSessions} and ${sessions.accountId} = ${id}
      group by ${sessionActivity.lastIp} order by count(*) desc, 1`),
  )
  const addresses = own.flatMap(({ ip }) => (ip === null ? [] : [ip])).slice(0, 10)
  const others = await otherAccounts(db, id, addresses)
  return {
    sessions: own.reduce((sum, row) => sum + Number(row.sessions), 0),
    networks: own.flatMap(({ ip, sessions }) =>
      ip !== null && addresses.includes(ip)
        ? [
            {
              network: `${ip}/${ip.includes(':') ? 128 : 32}`,
              sessions: Number(sessions),
              otherAccounts: others.get(ip) ?? 0,
            },
          ]
        : [],
    ),
  }
}

/** Among at most `MOST_COUNTED` sessions from each address. */
async function otherAccounts(db: Database, id: AccountId, addresses: string[]): Promise<Map<string, number>> {
  if (addresses.length === 0) return new Map()
  const rows = rowsOf<{ ip: string; accounts: number }>(
    await db.execute(sql`
      select host(asked.network) as ip, count(distinct hit.account_id)::int as accounts
      from ${networksTable(addresses)} cross join lateral (
        select account_id from ${sessionsFrom(sql`asked.network`, MOST_COUNTED)} there) hit
      where hit.account_id <> ${id}
      group by 1`),
  )
  return new Map(rows.map(({ ip, accounts }) => [ip, accounts]))
}
