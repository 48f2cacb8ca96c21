import { sql } from 'drizzle-orm'
import type { Bulk } from '../db/connect.js'

interface Definition {
  name: string
  on: string
  text: string
}

/**
 * Lets the work write into tables that have nothing but their primary keys, then puts back what was there: an index made
 * at once is made in a tenth of the time.
 */
export async function withoutIndexes(
  bulk: Bulk,
  tables: string[],
  tell: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  const list = sql`any(${`{${tables.join(',')}}`}::regclass[])`
  const keys = await bulk.run<Definition>(sql`
    select conname as name, conrelid::regclass::text as on, pg_get_constraintdef(oid) as text
    from pg_constraint where contype = 'f' and (conrelid = ${list} or confrelid = ${list})`)
  const indexes = await bulk.run<Definition>(sql`
    select i.indexrelid::regclass::text as name, i.indrelid::regclass::text as on, pg_get_indexdef(i.indexrelid) as text
    from pg_index i where i.indrelid = ${list} and not i.indisprimary`)
  for (const { name, on } of keys) await bulk.run(sql.raw(`alter table ${on} drop constraint "${name}"`))
  for (const { name } of indexes) await bulk.run(sql.raw(`drop index ${name}`))
  for (const table of tables) await bulk.run(sql.raw(`alter table ${table} disable trigger user`))
  await work()
  await bulk.run(sql`set local maintenance_work_mem = '512MB'`)
  for (const { name, text } of indexes) {
    tell(`index ${name}`)
    await bulk.run(sql.raw(text))
  }
  for (const table of tables) await bulk.run(sql.raw(`alter table ${table} enable trigger user`))
  for (const { name, on, text } of keys) await bulk.run(sql.raw(`alter table ${on} add constraint "${name}" ${text}`))
}
