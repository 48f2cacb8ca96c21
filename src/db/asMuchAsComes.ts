import { sql } from 'drizzle-orm'
import type { Database } from './database.js'
import { hasCode } from './unavailable.js'

/** So long is waited for the larger answer. */
const PATIENCE = '1500ms'
const TOO_LONG = new Set(['57014'])

/**
 * Counts among a few, which always comes soon, then among many for as long as somebody waits gladly: where the database
 * reads them from its disk, who is about to block an attacker gets "500 or more", and no error.
 *
 * The embedded database stops no statement: there the second one takes what it takes.
 *
 * @param ask counts among at most so many; `atLeast` says that there may be more
 */
export async function asMuchAsComes<T extends { atLeast: boolean }>(
  db: Database,
  { few, many }: { few: number; many: number },
  ask: (db: Database, most: number) => Promise<T>,
): Promise<T> {
  const found = await ask(db, Math.min(few, many))
  if (!found.atLeast || many <= few) return found
  return (await ifItComesSoon(db, (tx) => ask(tx, many))) ?? found
}

/** @returns undefined where it takes longer than somebody waits gladly */
export async function ifItComesSoon<T>(db: Database, ask: (db: Database) => Promise<T>): Promise<T | undefined> {
  try {
    return await db.transaction(async (tx) => {
      await tx.execute(sql`select set_config('statement_timeout', ${PATIENCE}, true)`)
      return ask(tx)
    })
  } catch (error) {
    if (hasCode(error, TOO_LONG)) return undefined
    throw error
  }
}
