import type { Database } from './database.js'

/**
 * A query that is put together once for a database and then only asked: putting it together costs the process more than
 * asking does. Not for handles that come and go, such as a transaction's or a request's own: each would put it together.
 *
 * @param prepare ends in `.prepare(name)`; what differs from time to time is an `sql.placeholder`
 */
export function preparedOnce<Prepared extends object>(prepare: (db: Database) => Prepared): (db: Database) => Prepared {
  const prepared = new WeakMap<Database, Prepared>()
  return (db) => {
    let query = prepared.get(db)
    if (!query) {
      query = prepare(db)
      prepared.set(db, query)
    }
    return query
  }
}
