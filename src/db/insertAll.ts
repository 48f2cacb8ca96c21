import { getTableColumns, type InferInsertModel, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Database } from './database.js'

const BATCH = 2_000

/**
 * Writes thousands of rows in a moment: one JSON parameter a batch, where the query builder would bind every value of
 * every row. Columns that the first row leaves out get their defaults.
 */
export async function insertAll<T extends PgTable>(db: Database, table: T, rows: InferInsertModel<T>[]): Promise<void> {
  const columns = Object.entries(getTableColumns(table)).filter(([key]) => rows[0] && key in rows[0])
  const names = sql.join(
    columns.map(([, column]) => sql.identifier(column.name)),
    sql`, `,
  )
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH).map((row) => {
      const values: Record<string, unknown> = row
      return Object.fromEntries(columns.map(([key, column]) => [column.name, forJson(values[key])]))
    })
    await db.execute(
      sql`insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, ${JSON.stringify(batch)}::json)`,
    )
  }
}

/** Bytes as PostgreSQL reads them; dates become ISO text by themselves. JSON takes no half of a character, as a cut text may end in. */
function forJson(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  return value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : value
}
