import { type SQL, sql } from 'drizzle-orm'

/**
 * Ids as an array that each is looked up by: of a plain one PostgreSQL counts the ids, and of many it would rather walk a
 * list in its order, past all others, until it has met enough of them. In one parameter.
 */
export const lookedUp = (ids: readonly string[]): SQL => sql`array(select unnest(${`{${ids.join(',')}}`}::uuid[]))`
