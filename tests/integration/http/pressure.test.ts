import { eq, type SQL, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { SYSTEM } from '../../../src/audit/types.js'
import { readConfig } from '../../../src/config.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { onlyOnce } from '../../../src/db/retries.js'
import { auditEvents, revocations } from '../../../src/db/schema.js'
import type { AppEnv } from '../../../src/http/env.js'
import { answerError } from '../../../src/http/failures.js'
import { createLog } from '../../../src/log.js'
import { noticing } from '../../../src/sessions/log/positions.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { eachPostgres } from '../../support/database.js'
import { aKey, aVisit, send } from '../api/client.js'

/** As `openPostgres` has it for pages. */
const PAGES_CONNECTIONS = 10

eachPostgres((database) => {
  const server = useApp(database)

  /** A transaction that stays open until the test ends or lets it go. */
  async function holdOpen(db: Database, statement: SQL): Promise<() => Promise<void>> {
    const [begun, released] = [aSignal(), aSignal()]
    const over = db.transaction(async (tx) => {
      await tx.execute(statement)
      begun.give()
      await released.given
    })
    await Promise.race([begun.given, over])
    const end = async () => {
      released.give()
      await over
    }
    onTestFinished(end)
    return end
  }

  test('S-74 while pages hold every connection of theirs, checks go on: for keys and sessions that nobody remembers too', async () => {
    const app = await anApp(database.db)
    const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
    const { token } = await aSession(database.db, { app })
    const { secret: reader } = await aKey(database.db)
    const held = await Promise.all(
      Array.from({ length: PAGES_CONNECTIONS }, () => holdOpen(database.db, sql`select 1`)),
    )
    let listed = false
    const list = send(server.url, 'GET', '/sessions', { key: reader }).then((answer) => {
      listed = true
      return answer
    })
    for (const body of [
      { token, client: aVisit() },
      { token, client: aVisit() },
      { token, fresh: true },
    ])
      expect((await send(server.url, 'POST', '/sessions/verify', { key: secret, body })).json.status).toBe('active')
    expect((await send(server.url, 'GET', '/revocations', { key: secret })).status).toBe(200)
    expect(server.services.node.engine.follower.leaseLeft()).toBeGreaterThan(0)
    expect(listed).toBe(false)
    for (const end of held) await end()
    expect((await list).status).toBe(200)
  })

  test('S-74 what waits for a lock too long is given up, with words and when to try again', async () => {
    const { secret } = await aKey(database.db)
    const [other] = await database.twoConnections()
    await holdOpen(other, sql`lock table sessions in access exclusive mode`)
    const given = performance.now()
    const answer = await send(server.url, 'GET', '/sessions', { key: secret })
    expect(answer).toMatchObject({ status: 503, json: { type: expect.stringMatching(/unavailable$/) } })
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(performance.now() - given).toBeLessThan(6_000)
  }, 15_000)

  /** What a page does, answered as the app answers its errors. */
  async function answering(act: () => Promise<unknown>): Promise<Response> {
    const app = new Hono<AppEnv>().onError(answerError).get('/api/act', async (c) => {
      c.set('config', readConfig({}))
      c.set('log', createLog('silent'))
      await act()
      return c.text('done')
    })
    return app.request('/api/act')
  }

  const raise = (code: string) => sql.raw(`do $$ begin raise sqlstate '${code}'; end $$`)
  const touchSettings = sql`update settings set contact = contact`
  const touchApp = (id: string) => sql`update apps set name = name where id = ${id}`

  test('S-74 who loses in a deadlock waits for the other and is done', async () => {
    const [mine, theirs] = await database.twoConnections()
    const app = await anApp(database.db)
    const [theyHaveOne, iHaveOne] = [aSignal(), aSignal()]
    const other = theirs.transaction(async (tx) => {
      // Whoever finds out first loses: not this one.
      await tx.execute(sql`set local deadlock_timeout = '1min'`)
      await tx.execute(touchApp(app))
      theyHaveOne.give()
      await iHaveOne.given
      await tx.execute(touchSettings)
    })
    const answer = await answering(() =>
      mine.transaction(async (tx) => {
        await theyHaveOne.given
        await tx.execute(touchSettings)
        iHaveOne.give()
        await tx.execute(touchApp(app))
      }),
    )
    await other
    expect([answer.status, await answer.text()]).toEqual([200, 'done'])
  })

  test.each(['40P01', '40001'])('S-74 who loses three times (%s) is told to try again', async (code) => {
    let tries = 0
    const answer = await answering(() =>
      database.db.transaction((tx) => {
        tries += 1
        return tx.execute(raise(code))
      }),
    )
    expect([answer.status, answer.headers.get('retry-after'), tries]).toEqual([503, '5', 3])
  })

  test.each(['55P03', '57014', '23505'])('S-74 what fails otherwise (%s) is not tried again', async (code) => {
    let tries = 0
    const lost = database.db.transaction((tx) => {
      tries += 1
      return tx.execute(raise(code))
    })
    await expect(lost).rejects.toMatchObject({ cause: { code } })
    expect(tries).toBe(1)
  })

  test('S-74 nor is what has reached beyond the database', async () => {
    let tries = 0
    const lost = database.db.transaction((tx) => {
      tries += 1
      onlyOnce(tx)
      return tx.execute(raise('40P01'))
    })
    await expect(lost).rejects.toMatchObject({ cause: { code: '40P01' } })
    expect(tries).toBe(1)
  })

  test('S-74 what is tried again begins anew: whatever it had written is not there twice, and positions are told once', async () => {
    const told: string[] = []
    const { session } = await aSession(database.db)
    let tries = 0
    await noticing(database.db, (position) => told.push(position)).transaction(async (tx) => {
      await revokeSession(tx, session.id, SYSTEM, 'left')
      tries += 1
      if (tries === 1) await tx.execute(raise('40P01'))
    })
    expect([tries, told.length]).toEqual([2, 1])
    const log = await database.db.$count(revocations, eq(revocations.target, session.id))
    const lines = await database.db.$count(auditEvents, eq(auditEvents.sessionId, session.id))
    expect({ log, lines }).toEqual({ log: 1, lines: 2 })
  })

  test('S-55 S-74 a request with an Idempotency-Key that loses is not answered a second time', async () => {
    const { secret: key } = await aKey(database.db)
    const { session, account } = await aSession(database.db)
    await database.db.execute(sql`create sequence tries`)
    await database.db.execute(sql`
      create function lose() returns trigger language plpgsql as $$
      begin perform nextval('tries'); raise sqlstate '40P01'; end $$`)
    await database.db.execute(
      sql`create trigger loses before update on idempotency_keys for each row execute function lose()`,
    )
    onTestFinished(async () => {
      await database.db.execute(sql`drop trigger loses on idempotency_keys`)
    })
    const answer = await send(server.url, 'POST', `/accounts/${account.id}/revoke-sessions`, {
      key,
      body: { reason: 'left' },
      headers: { 'idempotency-key': 'once' },
    })
    const [made] = rowsOf(await database.db.execute(sql`select last_value::int as tries from tries`))
    expect([answer.status, made]).toEqual([503, { tries: 1 }])
    expect((await findSession(database.db, session.id))?.state).toBe('live')
  })

  test('S-74 what could not be put in order with others is told to try again', async () => {
    const [mine, theirs] = await database.twoConnections()
    const app = await anApp(database.db)
    const answer = await answering(() =>
      mine.transaction(
        async (tx) => {
          await tx.execute(sql`select 1 from apps`)
          await theirs.execute(touchApp(app))
          await tx.execute(touchApp(app))
        },
        { isolationLevel: 'repeatable read' },
      ),
    )
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  })
})

function aSignal() {
  let give = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { give, given }
}
