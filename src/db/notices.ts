import { type SQL, sql } from 'drizzle-orm'
import { CHANNEL, type Change } from './changes.js'
import type { Database } from './database.js'

/** More ids than this are not spelt out: a notice holds 8,000 bytes. */
const MOST_IDS = 100

/** Tells every process that listens, when the transaction commits and not before. */
export async function announce(tx: Database, ...changes: Change[]): Promise<void> {
  await tx.execute(sql`select ${sql.join(changes.map(notice), sql`, `)}`)
}

/** The same within a statement that does something else. */
export function notice(change: Change): SQL {
  const folded =
    'sessions' in change && (change.sessions?.length ?? 0) > MOST_IDS
      ? { ...change, sessions: null, accounts: null }
      : change
  return sql`pg_notify(${CHANNEL}, ${JSON.stringify(folded)})`
}
