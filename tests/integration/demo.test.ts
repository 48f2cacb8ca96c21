import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { createKey } from '../../src/accounts/apps/keys.js'
import { blockAccount } from '../../src/accounts/blocks/blocks.js'
import type { Actor } from '../../src/audit/types.js'
import { BUILT_IN_APP } from '../../src/db/ids.js'
import { sessionActivity } from '../../src/db/schema.js'
import { thief } from '../../src/demo/attackers.js'
import { appDoor } from '../../src/demo/backend.js'
import { createBrowser, createTurnstile } from '../../src/demo/browser.js'
import type { Visit } from '../../src/demo/day.js'
import { deviceFor } from '../../src/demo/devices.js'
import type { Door } from '../../src/demo/door.js'
import { backfill } from '../../src/demo/history.js'
import { createCompany } from '../../src/demo/people.js'
import { createRandom } from '../../src/demo/random.js'
import { siteDoor } from '../../src/demo/site.js'
import { countSessions, listSessions } from '../../src/sessions/lists/list.js'
import { revokeAccountSessions } from '../../src/sessions/revoke.js'
import { useApp } from '../support/app.js'
import { acting, anAccount, anApp, anOwner, type TestAccount } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { aBrowserLikeClient } from '../support/http.js'
import { freePort } from '../support/postgres.js'
import { spawnServer, startServer, temporaryFolder } from '../support/server.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PASSWORD = 'a password of the demo 7'
const HOME = '79.210.161.20'

/** From nine until five, on a clock that the test sets: nothing waits. */
const NINE = Date.parse('2026-11-24T09:00:00Z')
const WORKDAY: Visit = { from: NINE, to: NINE + 8 * HOUR, ip: HOME, signsOut: true }
const TOMORROW: Visit = { ...WORKDAY, from: NINE + 24 * HOUR, to: NINE + 32 * HOUR }
const visitAt = (at: number) => (at < WORKDAY.to ? WORKDAY : TOMORROW)

oneDatabase((database) => {
  const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1' })

  const live = (account: TestAccount) => listSessions(database.db, { account: account.id, state: 'live' })
  const browserAt = (door: Door) =>
    createBrowser({ door, visitAt, random: createRandom('test'), turnstile: createTurnstile(0) })
  const siteOf = (account: TestAccount) =>
    siteDoor({ origin: app.url, device: deviceFor('test', 'computer'), email: account.email, password: PASSWORD })
  const appOf = async (account: TestAccount, by: Actor) => {
    const id = await anApp(database.db)
    const created = await createKey(
      database.db,
      { appId: id, name: 'Backend', scopes: ['sessions:write', 'sessions:verify'] },
      by,
    )
    if (created.status !== 'created') throw new Error(created.why)
    const key = { id: created.key.id, name: 'Backend', secret: created.secret }
    return appDoor({
      origin: app.url,
      app: { id, name: 'Console', key },
      device: deviceFor('test', 'phone'),
      email: account.email,
    })
  }
  const anAdmin = async () => acting(database.db, await anOwner(database.db))

  describe.each([
    ['the site', async (account: TestAccount, _by: Actor) => siteOf(account)],
    ['an app', appOf],
  ])('a simulated browser in %s', (_where, open) => {
    test('signs in when its person comes, from where they are, and out when they go', async () => {
      const account = await anAccount(database.db, { password: PASSWORD })
      const browser = browserAt(await open(account, await anAdmin()))
      await browser.step(NINE)
      const { items } = await live(account)
      expect(items).toMatchObject([{ ip: HOME, place: { country: 'DE' } }])
      expect(await browser.step(WORKDAY.to)).toBe(TOMORROW.from)
      expect((await live(account)).items).toEqual([])
    })

    test('signs in again some time after it was signed out', async () => {
      const [account, admin] = [await anAccount(database.db, { password: PASSWORD }), await anAdmin()]
      const browser = browserAt(await open(account, admin))
      const next = await browser.step(NINE)
      await revokeAccountSessions(database.db, account.id, admin, 'test')
      const returnsAt = await browser.step(next)
      expect((await live(account)).items).toEqual([])
      expect(returnsAt - next).toBeGreaterThanOrEqual(MINUTE / 2)
      expect(returnsAt - next).toBeLessThanOrEqual(3 * MINUTE)
      await browser.step(returnsAt)
      expect((await live(account)).items).toHaveLength(1)
    })

    test('stays out after a block: it tries twice and gives up for a good while', async () => {
      const [account, admin] = [await anAccount(database.db, { password: PASSWORD }), await anAdmin()]
      const browser = browserAt(await open(account, admin))
      const next = await browser.step(NINE)
      expect(await blockAccount(database.db, account.id, { reason: 'test' }, admin)).toMatchObject({
        status: 'blocked',
      })
      const first = await browser.step(next)
      const second = await browser.step(first)
      const muchLater = await browser.step(second)
      expect(second - first).toBeLessThanOrEqual(3 * MINUTE)
      expect(muchLater - second).toBeGreaterThanOrEqual(30 * MINUTE)
      expect((await live(account)).items).toEqual([])
    })
  })

  test('a stolen cookie moves the session to the thief’s address, until it is signed out', async () => {
    const [account, admin] = [await anAccount(database.db, { password: PASSWORD }), await anAdmin()]
    const door = siteOf(account)
    await browserAt(door).step(NINE)
    const stealing = thief(app.url, door)
    await stealing.step(NINE + MINUTE)
    await app.services.touches.flush()
    expect((await live(account)).items).toMatchObject([{ ip: HOME, lastPlace: { country: 'MD' } }])
    await revokeAccountSessions(database.db, account.id, admin, 'test')
    const nextTheft = await stealing.step(NINE + 2 * MINUTE)
    expect(nextTheft - NINE).toBeGreaterThan(10 * MINUTE)
  })

  test('many who come back together are let in one by one', () => {
    const turnstile = createTurnstile(2_000)
    expect([0, 100, 1_999, 2_000, 2_100].map(turnstile)).toEqual([true, false, false, true, false])
  })
})

oneDatabase((database) => {
  const app = useApp(database)

  test('the backfilled history is one that Rollcall itself could have written', async () => {
    const { places } = app.services
    await places.warm()
    const people = createCompany(new Date())
    const { open } = await backfill(database.db, people, Date.now(), { owner: 'none', staff: 'none' }, places.findNow)

    // It took a moment: what was about to be idle is used once more.
    await database.db.update(sessionActivity).set({ lastSeenAt: sql`now()` })
    // Every session that the simulation goes on from would authenticate right now, and no other one is live.
    expect(await countSessions(database.db, { state: 'live' })).toBe(open.length)
    for (const { token, habit } of open.slice(0, 20)) {
      const verdict = await app.services.verifier.verify(token, habit.app === 'Rollcall' ? { appId: BUILT_IN_APP } : {})
      expect(verdict.status).toBe('active')
    }
    expect(await countSessions(database.db, { state: 'ended' })).toBeGreaterThan(3_000)
  })
})

describe('npm run demo', () => {
  test('prints how to sign in as its owner, and leaves nothing behind', async () => {
    const tmp = temporaryFolder()
    const demo = await startServer({ program: 'dist/server/demo/main.js', env: { TMPDIR: tmp } })
    const [, email = '', password = ''] = await demo.says(/sign in as (\S+) with the password (\S+)/)
    const browser = aBrowserLikeClient(demo.url)
    expect(await browser.post('/sign-in', { email, password })).toMatchObject({ status: 303, location: '/admin' })
    expect(readdirSync(tmp)).toHaveLength(1)

    expect(await demo.stop('SIGINT')).toMatchObject({ code: 0 })
    expect(readdirSync(tmp)).toEqual([])
  }, 120_000)

  test('stopped while it is still starting, it leaves nothing behind either', async () => {
    const tmp = temporaryFolder()
    const demo = await spawnServer({ program: 'dist/server/demo/main.js', env: { TMPDIR: tmp } })
    await demo.answers('/', 503)
    expect(await demo.stop('SIGINT')).toMatchObject({ code: 0 })
    expect(readdirSync(tmp)).toEqual([])
  })

  test('a port in use is said in words, at once', async () => {
    const tmp = temporaryFolder()
    const port = await freePort()
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    const demo = await spawnServer({ program: 'dist/server/demo/main.js', port, env: { TMPDIR: tmp } })
    expect(await demo.exited).toMatchObject({ code: 1 })
    expect(demo.stderr()).toMatch(/Port \d+ on 127\.0\.0\.1 is in use/)
    expect(readdirSync(tmp)).toEqual([])
    other.close()
  })
})
