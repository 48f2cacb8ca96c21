import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import { sessionActivity, sessions } from '../../db/schema.js'
import { findAccount } from '../read.js'
import { fromLiveSessions } from './liveSessions.js'

export interface AccountBlockPreview {
  /** Live ones, in all apps: what the block would end. */
  sessions: number
  /** The addresses that they were last used from, those with most sessions first, at most ten. */
  networks: { network: string; sessions: number }[]
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
  return {
    sessions: own.reduce((sum, row) => sum + Number(row.sessions), 0),
    networks: own
      .flatMap(({ ip, sessions }) =>
        ip === null ? [] : [{ network: `${ip}/${ip.includes(':') ? 128 : 32}`, sessions: Number(sessions) }],
      )
      .slice(0, 10),
  }
}
