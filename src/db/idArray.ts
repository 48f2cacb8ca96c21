import { type SQL, sql } from 'drizzle-orm'

/** However many ids, in one parameter: `where ${sessions.id} = any(${idArray(ids)})`. */
export const idArray = (ids: readonly string[]): SQL => sql`${`{${ids.join(',')}}`}::uuid[]`

/**
 * The same where a list's order is asked for too: of a plain array PostgreSQL counts the ids, and of many it would rather
 * walk the list in its order, past all others, until it has met enough of them than look each up.
 */
export const lookedUp = (ids: readonly string[]): SQL => sql`array(select unnest(${idArray(ids)}))`
