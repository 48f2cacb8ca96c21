import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { revokeKey } from '../../../src/accounts/apps/keys.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { readSid } from '../../../src/client/store/sid.js'
import type { KeyId } from '../../../src/db/ids.js'
import { storedSessions } from '../../../src/db/schema/stored.js'
import { PROJECT_ROOT } from '../../../src/root.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSessions } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp } from '../../support/builders.js'
import { newestPostgres, oneDatabase } from '../../support/database.js'
import { freePort } from '../../support/postgres.js'
import { startServer, temporaryFolder } from '../../support/server.js'
import { aKey, send } from '../api/client.js'
import { aRollcallStore, type Browser, serve } from './anExpressApp.js'
import { aLineTo } from './proxies.js'

const run = promisify(execFile)
const within = (timeout: number) => ({ interval: 10, timeout })
const signedIn = async (browser: Browser, user: string) => {
  expect(await browser.get(`/sign-in/${user}`)).toMatchObject({ status: 200 })
  expect(await browser.get('/me')).toMatchObject({ status: 200, text: user })
}

describe('an Express app with RollcallStore in trouble', () => {
  oneDatabase((database) => {
    const server = useApp(database)

    it('S-16 refuses with 503 while Rollcall is away, crashes at nothing, and keeps everybody signed in', async () => {
      const line = await aLineTo(server.url)
      const rollcall = await aRollcallStore(database.db, line.url)
      const app = await serve(rollcall.store, {}, (express) => {
        express.get('/careless', (req, res) => {
          req.session.destroy(() => {})
          void rollcall.store.destroy('nobody looks at what comes of it')
          res.send('careless')
        })
      })
      const [browser, visitor] = [app.browser(), app.browser()]
      await signedIn(browser, 'away')
      await visitor.get('/count')
      line.swallows = true
      expect(await browser.get('/me')).toMatchObject({ status: 200, text: 'away' })
      await vi.waitFor(async () => expect(await browser.get('/me')).toMatchObject({ status: 503 }), within(10_000))
      expect(await visitor.get('/me')).toMatchObject({ status: 503, setCookie: null })
      expect(await app.browser().get('/sign-in/late')).toMatchObject({ status: 503 })
      expect(await app.browser().get('/careless')).toMatchObject({ status: 200 })
      expect(rollcall.failures.map(({ code }) => code)).toContain('no-answer')
      line.swallows = false
      await vi.waitFor(
        async () => expect(await browser.get('/me')).toMatchObject({ status: 200, text: 'away' }),
        within(15_000),
      )
      expect(await visitor.get('/count')).toMatchObject({ status: 200, text: '2' })
    })

    it('tells of a failure once, by the callback, where a route of Express 5 returns what the store gave', async () => {
      const ofApp = await anApp(database.db)
      const { secret: key } = await aKey(database.db, { app: ofApp, scopes: ['sessions:verify', 'sessions:write'] })
      const { store } = await aRollcallStore(database.db, server.url, { app: ofApp, key })
      const app = await serve(store, {}, (express) => {
        express.get('/how-many', (_req, res) => store.length((error) => res.status(500).send(String(error))))
      })
      const answer = await app.browser().get('/how-many')
      expect(answer.text).toContain('It needs the scope sessions:read')
      expect(answer.text).toMatch(/^RollcallFailure: /)
    })

    it('says that it was `account` that has thrown, and saves nothing', async () => {
      const rollcall = await aRollcallStore(database.db, server.url, {
        account: (session) => ({ id: (session['user'] as { id: string }).id }),
      })
      const app = await serve(rollcall.store)
      expect(await app.browser().get('/sign-in/wrong')).toMatchObject({ status: 500 })
      const message = expect.stringMatching(/^`account` has thrown: TypeError: Cannot read properties of undefined/)
      expect(rollcall.failures).toMatchObject([{ code: 'callback-threw', message }])
      expect(await rollcall.store.length()).toBe(0)
    })

    it('goes by what it remembers where the app says so, for those that it remembers', async () => {
      const line = await aLineTo(server.url)
      const rollcall = await aRollcallStore(database.db, line.url, { onUnavailable: 'allow-cached' })
      const app = await serve(rollcall.store)
      const [browser, visitor] = [app.browser(), app.browser()]
      await signedIn(browser, 'cached')
      await visitor.get('/count')
      line.swallows = true
      await vi.waitFor(() => expect(rollcall.store.verifier.stats().leaseLeftMs).toBe(0), within(5_000))
      expect(await browser.get('/me')).toMatchObject({ status: 200, text: 'cached' })
      expect(await visitor.get('/me')).toMatchObject({ status: 200, text: 'nobody' })
      const stranger = app.browser()
      stranger.cookie = `connect.sid=${encodeURIComponent('s:unknown.no')}`
      expect(await stranger.get('/me')).toMatchObject({ status: 200, text: 'nobody' })
    })

    it('gives up on an answer that takes longer than the lease, and takes one that is slow', async () => {
      const line = await aLineTo(server.url)
      const rollcall = await aRollcallStore(database.db, line.url)
      const browser = (await serve(rollcall.store)).browser()
      line.delayMs = 150
      await signedIn(browser, 'slow')
      const other = (await serve((await aRollcallStore(database.db, line.url, { app: rollcall.app })).store)).browser()
      other.cookie = browser.cookie
      line.delayMs = 1_500
      const asked = performance.now()
      expect(await other.get('/me')).toMatchObject({ status: 503 })
      expect(performance.now() - asked).toBeLessThan(5_000)
    })

    it('has one request at a time wait for a Rollcall that hangs', async () => {
      const line = await aLineTo(server.url)
      const { store } = await aRollcallStore(database.db, line.url)
      const app = await serve(store)
      const browser = app.browser()
      await signedIn(browser, 'hanging')
      line.swallows = true
      await vi.waitFor(() => expect(store.verifier.stats().leaseLeftMs).toBe(0), within(5_000))
      await expect(store.get('waited for in vain')).rejects.toThrow('No answer')
      const probe = store.get('finds out when that is over').catch((error: Error) => error.message)
      const began = performance.now()
      for (const act of [() => store.get('one'), () => store.destroy('another'), () => store.length()])
        await expect(act()).rejects.toMatchObject({ code: 'no-answer', status: 503 })
      expect(performance.now() - began).toBeLessThan(200)
      expect(await probe).toContain('No answer')
      line.swallows = false
      await vi.waitFor(async () => expect(await store.get('not there')).toBeNull(), within(15_000))
    })

    it('stops within a lease while Rollcall hangs, though the last uses are not told', async () => {
      const line = await aLineTo(server.url)
      const { store } = await aRollcallStore(database.db, line.url)
      await signedIn((await serve(store)).browser(), 'stopping')
      line.swallows = true
      expect(store.verifier.stats().usesWaiting).toBe(1)
      const began = performance.now()
      await store.stop()
      expect(performance.now() - began).toBeLessThan(3_000)
    })

    it('S-60 lets nobody in once its key was revoked', async () => {
      const app = await anApp(database.db)
      const { secret, id } = await aKey(database.db, { app, scopes: ['sessions:verify', 'sessions:write'] })
      const rollcall = await aRollcallStore(database.db, server.url, { app, key: secret })
      const served = await serve(rollcall.store)
      const [browser, visitor] = [served.browser(), served.browser()]
      await signedIn(browser, 'revoked')
      await visitor.get('/count')
      await revokeKey(database.db, id as KeyId, TERMINAL)
      for (const one of [browser, visitor])
        await vi.waitFor(async () => expect(await one.get('/me')).toMatchObject({ status: 503 }), within(5_000))
      expect(await served.browser().get('/sign-in/late')).toMatchObject({ status: 503 })
    })
  })

  newestPostgres((database) => {
    const server = useApp(database)

    it('holds 10,000 sessions at once, each with what is its own', async () => {
      const { store, app } = await aRollcallStore(database.db, server.url)
      const sids = Array.from({ length: 10_000 }, (_, i) => `many-${i}`)
      const cookie = { path: '/', originalMaxAge: 3_600_000, expires: null }
      const rows = sids.map((sid, views) => ({
        appId: app,
        key: Buffer.from(readSid(sid).key, 'base64url'),
        content: JSON.stringify({ cookie, views }),
        expiresAt: new Date(Date.now() + 3_600_000),
      }))
      for (let from = 0; from < rows.length; from += 1_000)
        await database.db.insert(storedSessions).values(rows.slice(from, from + 1_000))
      const inParts = async (wanted: string[], act: (sid: string, i: number) => Promise<unknown>) => {
        for (let from = 0; from < wanted.length; from += 20)
          await Promise.all(wanted.slice(from, from + 20).map((sid, i) => act(sid, from + i)))
      }
      await inParts(sids, async (sid, views) => expect((await store.get(sid))?.views).toBe(views))
      const signedIn = sids.slice(0, 200)
      await inParts(signedIn, (sid, views) => store.set(sid, { cookie: cookie as never, views, userId: sid }))
      const { items } = await listSessions(database.db, { app }, { limit: 200 })
      expect(items).toHaveLength(200)
      await revokeSessions(
        database.db,
        items.map(({ id }) => id),
        TERMINAL,
        'test',
      )
      await vi.waitFor(async () => expect(await store.get('many-0')).toBeNull(), within(3_000))
      await inParts(sids, async (sid, i) => expect((await store.get(sid))?.views, sid).toBe(i < 200 ? undefined : i))
    }, 300_000)
  })

  it('outlives a restart of Rollcall, and keeps everybody signed in', async () => {
    const dataDir = temporaryFolder()
    const port = await freePort()
    const env = { ROLLCALL_BOOTSTRAP_KEY: `rck_${'b'.repeat(43)}` }
    const first = await startServer({ dataDir, port, env })
    const key = await keyOfAnApp(first.url, env.ROLLCALL_BOOTSTRAP_KEY)
    const rollcall = await aRollcallStore(undefined as never, first.url, { app: 'unused' as never, key })
    const browser = (await serve(rollcall.store)).browser()
    await signedIn(browser, 'restart')
    await first.stop('SIGKILL')
    await startServer({ dataDir, port, env })
    await vi.waitFor(
      async () => expect(await browser.get('/me')).toMatchObject({ status: 200, text: 'restart' }),
      within(20_000),
    )
    expect(await browser.get('/count')).toMatchObject({ text: '1' })
  })

  it.each([-3_600_000, 3_600_000])('is right with a clock that is off by %i ms', async (offMs) => {
    const env = { ROLLCALL_BOOTSTRAP_KEY: `rck_${'b'.repeat(43)}` }
    const server = await startServer({ env })
    const key = await keyOfAnApp(server.url, env.ROLLCALL_BOOTSTRAP_KEY)
    const shift = `const R = Date; globalThis.Date = class extends R {
      constructor(...a) { a.length ? super(...a) : super(R.now() + ${offMs}) } static now() { return R.now() + ${offMs} } }`
    const app = `
      import { RollcallStore } from './dist/src/client/expressSession.js'
      const store = new RollcallStore({ url: '${server.url}', key: '${key}' })
      await store.verifier.started
      const cookie = { path: '/', originalMaxAge: 60_000, expires: new Date(Date.now() + 60_000) }
      await store.set('skewed', { cookie, userId: 'skewed' })
      const found = await store.get('skewed')
      console.log(JSON.stringify({ user: found?.userId, left: new Date(found?.cookie.expires) - Date.now() }))
      await store.stop()`
    const { stdout } = await run(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(shift)}`, '--input-type=module', '-e', app],
      { cwd: PROJECT_ROOT },
    )
    const { user, left } = JSON.parse(stdout)
    expect(user).toBe('skewed')
    expect(left).toBeGreaterThan(50_000)
    // A process whose clock is right finds it too, whatever time the other one has written into the cookie.
    const { store } = await aRollcallStore(undefined as never, server.url, { app: 'unused' as never, key })
    const found = await store.get('skewed')
    expect(found?.userId).toBe('skewed')
    const leftHere = new Date(String(found?.cookie.expires)).getTime() - Date.now()
    expect(leftHere).toBeGreaterThan(50_000)
    expect(leftHere).toBeLessThanOrEqual(60_000)
  })

  async function keyOfAnApp(url: string, bootstrap: string): Promise<string> {
    const app = await send(url, 'POST', '/apps', { key: bootstrap, body: { name: 'Shop' } })
    const scopes = ['sessions:verify', 'sessions:write', 'sessions:read']
    const made = await send(url, 'POST', '/keys', { key: bootstrap, body: { app: app.json.id, name: 'shop', scopes } })
    return made.json.secret ?? made.json.key
  }
})
