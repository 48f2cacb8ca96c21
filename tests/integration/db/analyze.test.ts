import { sql } from 'drizzle-orm'
import { expect, it, vi } from 'vitest'
import { analyzeGrown } from '../../../src/db/analyze.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { useApp } from '../../support/app.js'
import { eachDatabase, onEmbedded } from '../../support/database.js'

eachDatabase((database) => {
  it('the embedded database looks anew at a table that has doubled, and PostgreSQL does that by itself', async () => {
    const { db, kind } = database
    const crowd = kind === 'pglite' ? 'crowd' : undefined
    await db.execute(sql`create table crowd (n int, words text)`)
    await grow(db, 500)
    expect(await analyzeGrown(database), 'small').toBeUndefined()

    await grow(db, 7_500)
    await db.execute(sql`create index on crowd (n)`)
    expect(await analyzeGrown(database), 'never looked at, whatever making an index noted').toBe(crowd)
    if (crowd) expect(await knownValues(db)).toBe(2)
    expect(await analyzeGrown(database)).toBeUndefined()

    await grow(db, 4_000)
    expect(await analyzeGrown(database), 'half as much again').toBeUndefined()
    await grow(db, 4_500)
    expect(await analyzeGrown(database), 'twice as much').toBe(crowd)
    expect(await analyzeGrown(database)).toBeUndefined()
    await db.execute(sql`drop table crowd`)
  })
})

onEmbedded((database) => {
  useApp(database)

  it('so does a server that runs on it', async () => {
    await database.db.execute(sql`create table crowd (n int, words text)`)
    await grow(database.db, 8_000)
    await vi.waitFor(async () => expect(await knownValues(database.db)).toBe(2), { timeout: 20_000 })
  })
})

const grow = (db: Database, rows: number) =>
  db.execute(sql`insert into crowd select n, repeat('crowd ', 20) from generate_series(1, ${rows}::int) n`)

/** How many of the columns the planner knows the values of. */
async function knownValues(db: Database): Promise<number> {
  const rows = await db.execute(sql`select count(*)::int as n from pg_stats where tablename = 'crowd'`)
  return rowsOf<{ n: number }>(rows)[0]?.n ?? 0
}
