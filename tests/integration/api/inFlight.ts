import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../../src/db/connect.js'

/**
 * Forces an interleaving: the first request waits in the middle of its transaction while the others are made.
 *
 * @param other a connection that the server does not use
 * @returns the answer of the first
 */
export async function holdInFlight<T>(
  other: Database,
  first: () => Promise<T>,
  meanwhile: () => Promise<void>,
): Promise<T> {
  let answer: Promise<T> | undefined
  await other.transaction(async (tx) => {
    await tx.execute(sql`lock table idempotency_keys in share mode`)
    answer = first()
    for (let waits = false; !waits; ) {
      const [row] = rowsOf<{ waits: boolean }>(
        await tx.execute(
          sql`select exists (select 1 from pg_locks where not granted and relation = 'idempotency_keys'::regclass) as waits`,
        ),
      )
      waits = row?.waits ?? false
    }
    await meanwhile()
  })
  if (!answer) throw new Error('the first request was not made')
  return answer
}
