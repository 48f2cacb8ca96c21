import { inTime, TookTooLong } from '../follower/follower.js'
import type { Clock } from '../follower/types.js'
import type { Database, OpenDatabase, Renewable } from './database.js'

/** Those that a question is asked on. */
type Line = Exclude<Renewable, 'listener'>

/**
 * Asks in time. A connection that gives no answer is dropped, so that the next question finds a new one.
 *
 * @param ms more than the database itself lets a statement take: who has heard nothing for longer never will
 * @throws TookTooLong
 */
export async function askInTime<L extends Line, T>(
  open: Pick<OpenDatabase, L | 'renew'>,
  line: L,
  clock: Clock,
  ms: number,
  question: (db: Database) => Promise<T>,
): Promise<T> {
  const db: Database = open[line]
  try {
    return await inTime(question(db), clock, ms)
  } catch (error) {
    if (error instanceof TookTooLong && open[line] === db) open.renew(line)
    throw error
  }
}
