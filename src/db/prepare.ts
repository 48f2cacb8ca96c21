import type postgres from 'postgres'

/** A text that is asked so often is worth a name; what is asked once, in words of its own, is not. */
const WORTH_A_NAME = 3

/** The server keeps some 30 KB for each, on each connection, for as long as that lives. Lists have thousands of forms. */
const MOST_NAMED = 300

/** Forms that are counted before they have a name. */
const MOST_COUNTED = 5_000

/**
 * Has a client give names to the statements it asks again and again. Drizzle names none, and of a statement without a
 * name postgres.js asks what its parameters are before it sends them: two trips and an analysis each time, for one.
 *
 * Behind a pooler that gives each transaction another connection and knows no names (PgBouncer before 1.21),
 * `?prepare=false` in the database's URL leaves all of them nameless.
 */
export function withNames(client: postgres.Sql): postgres.Sql {
  const uses = new Map<string, number>()
  let named = 0

  function isNamed(text: string): boolean {
    const before = uses.get(text) ?? 0
    if (before >= WORTH_A_NAME) return true
    if (named >= MOST_NAMED) return false
    if (before === 0 && uses.size >= MOST_COUNTED + named) forgetTheNameless()
    uses.set(text, before + 1)
    if (before + 1 < WORTH_A_NAME) return false
    named += 1
    return true
  }

  function forgetTheNameless() {
    for (const [text, count] of uses) if (count < WORTH_A_NAME) uses.delete(text)
  }

  /** @param client is changed, and returned */
  function naming<Client extends Pick<postgres.Sql, 'unsafe'>>(client: Client): Client {
    const { unsafe } = client
    // Without parameters a statement takes one trip anyway.
    client.unsafe = (text, parameters, options) =>
      unsafe(text, parameters, { ...options, prepare: (parameters?.length ?? 0) > 0 && isNamed(text) })
    return client
  }

  /** So are the clients of its transactions, and of their savepoints. */
  function within<Tx>(work: (tx: postgres.TransactionSql) => Tx) {
    return (tx: postgres.TransactionSql) => {
      const { savepoint } = naming(tx)
      tx.savepoint = ((inner: typeof work) => savepoint(within(inner))) as typeof savepoint
      return work(tx)
    }
  }

  const { begin } = naming(client)
  client.begin = ((work: Parameters<typeof within>[0]) => begin(within(work))) as typeof begin
  return client
}
