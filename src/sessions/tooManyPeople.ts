import { type Database, rowsOf } from '../db/connect.js'
import { MOST_PEOPLE, meansMorePeople } from './search.js'
import type { SessionFilter } from './types.js'

/**
 * Whether what was typed means more people than are looked at: nobody is to take a part for the whole.
 * Indexes: those of `idsInNames`.
 *
 * @returns what to know and what to do, in words
 */
export async function tooManyPeople(db: Database, filter: SessionFilter): Promise<string | undefined> {
  const query = meansMorePeople(filter)
  if (!query) return undefined
  const [row] = rowsOf<{ more: boolean }>(await db.execute(query))
  return row?.more
    ? `More than ${MOST_PEOPLE} people match. Only the sessions of ${MOST_PEOPLE} of them are meant: type more of the name or the e-mail address.`
    : undefined
}
