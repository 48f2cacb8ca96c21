import { type Database, rowsOf } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import type { SessionFilter } from '../types.js'
import { MOST_PEOPLE, peopleMeant } from './search.js'

/**
 * Looks up once whom a search means, for all that is asked with it: each look takes milliseconds.
 * Indexes: those of `idsInNames`.
 *
 * @returns the filter with `people`, or as it is where it names none
 */
export async function withPeople(db: Database, filter: SessionFilter): Promise<SessionFilter> {
  const query = peopleMeant(filter)
  if (!query) return filter
  const found = rowsOf<{ id: AccountId }>(await db.execute(query))
  return { ...filter, people: found.map(({ id }) => id) }
}

/**
 * Whether what was typed means more people than are looked at: nobody is to take a part for the whole.
 *
 * @returns what to know and what to do, in words
 */
export async function tooManyPeople(db: Database, filter: SessionFilter): Promise<string | undefined> {
  const { people = [] } = filter.people ? filter : await withPeople(db, filter)
  return people.length > MOST_PEOPLE
    ? `More than ${MOST_PEOPLE} people match. Only the sessions of ${MOST_PEOPLE} of them are meant: type more of the name or the e-mail address.`
    : undefined
}
