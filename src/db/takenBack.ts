import type { Database } from './database.js'

/** Thrown within a transaction, which it undoes: carries what came of it out. */
export class TakenBack<T> extends Error {
  constructor(readonly outcome: T) {
    super('taken back')
  }
}

/** What came of a transaction, whether it stays or was taken back. */
export async function orOutcome<T>(transaction: Promise<T>): Promise<T> {
  try {
    return await transaction
  } catch (error) {
    if (error instanceof TakenBack) return error.outcome
    throw error
  }
}

/** What would come of an act: all of it is done, and none of it stays. */
export function takenBack<T>(db: Database, act: (tx: Database) => Promise<T>): Promise<T> {
  return orOutcome(
    db.transaction<T>(async (tx) => {
      throw new TakenBack(await act(tx))
    }),
  )
}
