import postgres from 'postgres'
import { CommandFailed, EXIT } from '../exit.js'
import type { OldSession } from './old.js'

const PAGE = 500

/** What connect-pg-simple has stored, in the order of its ids. The connection can only read. */
export async function* pgSimple(
  url: string,
  { schema, table }: { schema: string; table: string },
): AsyncGenerator<OldSession[]> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { default_transaction_read_only: true, application_name: 'rollcall import' },
  })
  try {
    for (let after = ''; ; ) {
      // Its column has no time zone: it holds the time of day of the connection that wrote it, as localtimestamp is.
      const rows = await sql<{ sid: string; content: string; left: number }[]>`
        select sid, sess::text as content, extract(epoch from expire - localtimestamp)::float8 as left
        from ${sql(schema)}.${sql(table)} where sid > ${after} order by sid limit ${PAGE}`
      if (rows.length === 0) return
      yield rows
      after = rows.at(-1)?.sid ?? after
    }
  } catch (error) {
    throw failed(error, `${schema}.${table}`)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

function failed(error: unknown, table: string): unknown {
  if (error instanceof CommandFailed || !(error instanceof Error)) return error
  if (error instanceof postgres.PostgresError)
    return new CommandFailed(
      EXIT.refused,
      `The old store can’t be read: ${error.message} (${table}). Give --schema and --table if they are called otherwise.`,
    )
  return 'code' in error
    ? new CommandFailed(EXIT.unreachable, `No answer from the old store’s database: ${error.code}.`)
    : error
}
