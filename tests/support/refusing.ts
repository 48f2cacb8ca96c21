import { type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Database } from '../../src/db/connect.js'

/**
 * The database gives up, as for a lock that it waited for too long, on each row that is put into a table meanwhile.
 *
 * @param when over `new`; each row when left out
 * @param sqlstate why else it gives up
 */
export async function whileRefusing<T>(
  db: Database,
  table: PgTable,
  act: () => Promise<T>,
  when: SQL = sql`true`,
  sqlstate = '55P03',
): Promise<T> {
  await db.execute(sql`
    create or replace function refuse() returns trigger language plpgsql as $$ begin raise sqlstate '${sql.raw(sqlstate)}'; end $$`)
  await db.execute(
    sql`create trigger refuses before insert on ${table} for each row when (${when}) execute function refuse()`,
  )
  try {
    return await act()
  } finally {
    await db.execute(sql`drop trigger refuses on ${table}`)
  }
}
