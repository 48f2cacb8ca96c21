import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { rowsOf } from '../../src/db/connect.js'
import { settings } from '../../src/db/schema.js'
import { aSession } from '../support/builders.js'
import { everyDatabase, everyPostgres } from '../support/database.js'

everyDatabase((database) => {
  test('a test file starts with a migrated database that holds nobody', async () => {
    const [row] = rowsOf<{ accounts: number }>(
      await database.db.execute(sql`select count(*)::int as accounts from accounts`),
    )
    expect(row?.accounts).toBe(0)
    expect(await database.db.select().from(settings)).toHaveLength(1)
  })

  test('a session can be built on any device, from anywhere, of any age', async () => {
    const { session, token } = await aSession(database.db, {
      on: 'Safari on iPhone',
      from: 'Lisbon',
      idleFor: '1 minute',
    })
    expect(token).toMatch(/^rcs_/)
    expect(session).toMatchObject({
      state: 'live',
      place: { country: 'PT' },
      device: { browser: 'Safari', type: 'mobile' },
    })
  })
})

everyPostgres((database) => {
  test('two connections are two', async () => {
    const [one, other] = await database.twoConnections()
    const pid = async (db: typeof one) => rowsOf<{ pid: number }>(await db.execute(sql`select pg_backend_pid() as pid`))
    expect(await pid(one)).not.toEqual(await pid(other))
  })

  test('commits reach the disk, as in production', async () => {
    const durable = rowsOf<{ name: string; setting: string }>(
      await database.db.execute(
        sql`select name, setting from pg_settings where name in ('fsync', 'synchronous_commit')`,
      ),
    )
    expect(durable.map(({ setting }) => setting)).toEqual(['on', 'on'])
  })
})
