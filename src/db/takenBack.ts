import type { Database } from './database.js'

/** Carries what came of it out of the transaction that it ends. */
class TakenBack<T> extends Error {
  constructor(readonly outcome: T) {
    super('taken back')
  }
}

/** What would come of an act: all of it is done, and none of it stays. */
export async function takenBack<T>(db: Database, act: (tx: Database) => Promise<T>): Promise<T> {
  const ended = await db
    .transaction<never>(async (tx) => {
      throw new TakenBack(await act(tx))
    })
    .catch((error: unknown) => error)
  if (ended instanceof TakenBack) return ended.outcome
  throw ended
}
