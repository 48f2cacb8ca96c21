import { sql } from 'drizzle-orm'
import { expect, it, onTestFinished } from 'vitest'
import { type Database, openDatabase, rowsOf } from '../../../src/db/connect.js'
import { tellError } from '../../../src/log.js'
import { everyPostgres } from '../../support/database.js'

everyPostgres((database) => {
  /** All on one connection: that is where a statement has its name. */
  async function open(search = '') {
    const opened = await openDatabase({ url: `${database.url}${search}`, dataDir: '', connections: 1 })
    onTestFinished(() => opened.close())
    return opened.db
  }

  async function ask(db: Database, text: string, value = 1): Promise<number | undefined> {
    const [row] = rowsOf<{ value: number }>(
      await db.execute(sql`select ${value}::int as value, ${sql.raw(text)} /* asked */`),
    )
    return row?.value
  }

  async function countNamed(db: Database): Promise<number | undefined> {
    const [row] = rowsOf<{ count: number }>(
      await db.execute(
        sql`select count(*)::int as count from pg_prepared_statements where statement like '%/* asked */'`,
      ),
    )
    return row?.count
  }

  it('what is asked the third time gets a name, what is asked less often has none', async () => {
    const db = await open()
    await ask(db, `'once'`)
    for (const value of [1, 2]) expect(await ask(db, `'often'`, value)).toBe(value)
    expect(await countNamed(db)).toBe(0)
    for (const value of [3, 4, 5]) expect(await ask(db, `'often'`, value)).toBe(value)
    expect(await countNamed(db)).toBe(1)
  })

  it('so it is in transactions and within their savepoints', async () => {
    const db = await open()
    for (const value of [1, 2, 3])
      await db.transaction(async (tx) => {
        expect(await ask(tx, `'in one'`, value)).toBe(value)
        await tx.transaction(async (inner) => expect(await ask(inner, `'within'`, value)).toBe(value))
        expect(await ask(tx, `'after'`, value)).toBe(value)
      })
    expect(await countNamed(db)).toBe(3)
  })

  it('no more than 300 have names, whatever is asked', async () => {
    const db = await open()
    for (let form = 0; form < 310; form++) for (const value of [1, 2, 3]) await ask(db, `'form ${form}'`, value)
    expect(await countNamed(db)).toBe(300)
  })

  it('each gets its own answer where a name has to be given anew', async () => {
    const db = await open()
    await db.execute(sql`create table renamed as select n as value from generate_series(1, 40) n`)
    const find = async (value: number) => {
      const [row] = rowsOf<{ value: number }>(await db.execute(sql`select * from renamed where value = ${value}::int`))
      return row?.value
    }
    for (const value of [1, 2, 3, 4]) expect(await find(value)).toBe(value)
    await db.execute(sql`alter table renamed add column more int`)
    const values = Array.from({ length: 40 }, (_, i) => i + 1)
    expect(await Promise.all(values.map(find))).toEqual(values)
  })

  it('a name that is gone is told with what to do behind a pooler', async () => {
    const db = await open()
    const error = await db.execute(sql`execute gone`).catch((error: unknown) => error)
    expect(JSON.stringify(tellError(error))).toContain('Add prepare=false to DATABASE_URL')
  })

  it('none has one for a pooler that knows no names', async () => {
    const db = await open('?prepare=false')
    for (const value of [1, 2, 3, 4]) expect(await ask(db, `'often'`, value)).toBe(value)
    expect(await countNamed(db)).toBe(0)
  })
})
