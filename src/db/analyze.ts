import { sql } from 'drizzle-orm'
import { type OpenDatabase, rowsOf } from './database.js'

/** In pages of 8 KB. What is smaller is read whole as quickly as by any plan. */
const SMALL = 64
/** A tenth of the usual sample, which gives the same plans: some 0.1 s, in which the embedded database answers nobody, not 1 to 2. */
const TARGET = 10

/**
 * Tells the embedded database's planner how large the largest table has become that doubled since the last time.
 * Without it, lists by last use took seconds at 200,000 sessions. PostgreSQL's autovacuum does that by itself.
 *
 * @returns the table, if there was one
 */
export async function analyzeGrown({ db, kind }: Pick<OpenDatabase, 'db' | 'kind'>): Promise<string | undefined> {
  if (kind !== 'pglite') return undefined
  return db.transaction(async (tx) => {
    // An index that is made writes relpages too, so that it may be right where nothing is known of the values.
    const [grown] = rowsOf<{ name: string }>(
      await tx.execute(sql`
        select relname as name from pg_class, lateral (
          select pg_relation_size(pg_class.oid) / current_setting('block_size')::int as pages) size
        where relkind = 'r' and relnamespace = 'public'::regnamespace and pages >= ${SMALL}
          and (pages >= 2 * relpages or not exists (select from pg_statistic where starelid = pg_class.oid))
        order by pages desc limit 1`),
    )
    if (!grown) return undefined
    await tx.execute(sql`set local default_statistics_target = ${sql.raw(String(TARGET))}`)
    await tx.execute(sql`analyze ${sql.identifier(grown.name)}`)
    return grown.name
  })
}
