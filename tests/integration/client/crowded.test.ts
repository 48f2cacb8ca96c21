import postgres from 'postgres'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { TERMINAL } from '../../../src/audit/types.js'
import { parseSnapshot } from '../../../src/follower/snapshot.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { aSession } from '../../support/builders.js'
import { ownPostgres } from '../../support/database.js'
import { aKey, send } from '../api/client.js'
import { anAppProcess } from './anAppProcess.js'

/** So many transactions under way that a position which names them all is longer than an address may be. */
const CROWD = 3_000

ownPostgres((database, cluster) => {
  let sql: postgres.Sql | undefined
  beforeAll(async () => {
    const own = postgres(cluster().url('postgres'), { max: 1 })
    await own.unsafe(`alter system set max_prepared_transactions = ${CROWD}`)
    await own.unsafe('alter system set fsync = off')
    await own.end()
    await (await cluster().halt())()
    sql = postgres(cluster().url('postgres'), { max: 1, onnotice: () => {} })
  }, 30_000)
  afterAll(() => sql?.end())
  const server = useApp(database)

  /** Prepared ones are as much under way as any other, and need no connection each. @returns what ends them */
  async function crowd(): Promise<() => Promise<void>> {
    const all = Array.from({ length: CROWD }, (_, i) => i)
    const run = (statements: string[]) => Promise.all(statements.map((text) => sql?.unsafe(text)))
    await run(all.flatMap((i) => ['begin', 'select pg_current_xact_id()', `prepare transaction 'one of many ${i}'`]))
    return async () => {
      await run(all.map((i) => `rollback prepared 'one of many ${i}'`))
    }
  }

  test('S-15 an app process follows on while more transactions are under way than a position has room for', async () => {
    const app = await anAppProcess(database.db, server.url)
    const [stays, goes] = [
      await aSession(database.db, { app: app.appId }),
      await aSession(database.db, { app: app.appId }),
    ]
    const isActive = async (token: string) => (await app.verify(token)).status === 'active'
    const position = async () => {
      const { secret } = await aKey(database.db, { app: app.appId, scopes: ['sessions:verify'] })
      return (await send(server.url, 'GET', '/revocations', { key: secret })).json.position as string
    }
    const { leaseMs } = server.services.node
    expect(await isActive(stays.token)).toBe(true)
    const end = await crowd()
    const polls = app.stats().polls
    await vi.waitFor(() => expect(app.stats().polls).toBeGreaterThan(polls + 6), { timeout: 3 * leaseMs })
    expect(encodeURIComponent(await position()).length).toBeGreaterThan(6_500)
    expect(encodeURIComponent(await position()).length).toBeLessThan(7_500)
    expect(await isActive(goes.token)).toBe(true)
    await revokeSession(database.db, goes.session.id, TERMINAL, null)
    await vi.waitFor(async () => expect(await isActive(goes.token)).toBe(false), { timeout: leaseMs })
    const { hits } = app.stats()
    expect(await isActive(stays.token)).toBe(true)
    expect(app.stats().hits).toBe(hits + 1)

    // It is told the same again with each reading, and does not read without a pause for that.
    const { applied } = app.stats()
    await new Promise((resolve) => setTimeout(resolve, leaseMs / 2))
    expect(app.stats().applied - applied).toBeGreaterThan(1)
    expect(app.stats().applied - applied).toBeLessThan(16)

    await end()
    await vi.waitFor(async () => expect(parseSnapshot(await position())?.xip.length).toBeLessThan(10), {
      timeout: leaseMs,
    })
    expect(app.failures).toEqual([])
    expect(app.stats()).toMatchObject({ pollFailures: 0, startedAnew: 1 })
    expect(await isActive(stays.token)).toBe(true)
  }, 60_000)
})
