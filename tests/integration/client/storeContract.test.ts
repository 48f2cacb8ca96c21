import { eq } from 'drizzle-orm'
import session, { type SessionData } from 'express-session'
import { describe, expect, it, vi } from 'vitest'
import { TERMINAL } from '../../../src/audit/types.js'
import { accountOfPassport, accountOfUserId, RollcallStore } from '../../../src/client/expressSession.js'
import { storedSessions } from '../../../src/db/schema/stored.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { eachDatabase } from '../../support/database.js'
import { aRollcallStore, serve } from './anExpressApp.js'

const HOUR = 3_600_000
let count = 0
const aName = () => `sid${++count}-${process.pid}`
const data = (more: object = {}, maxAge: number | null = HOUR): SessionData =>
  ({
    cookie: { path: '/', originalMaxAge: maxAge, expires: maxAge === null ? null : new Date(Date.now() + maxAge) },
    ...more,
  }) as SessionData

/** What express-session asks of a store, and its own MemoryStore does: the same is expected of both. */
describe('the contract of a store', () => {
  eachDatabase((database) => {
    const server = useApp(database)
    const stores = {
      RollcallStore: async () => (await aRollcallStore(database.db, server.url)).store,
      'MemoryStore of express-session': async () => new session.MemoryStore(),
    }

    describe.each(Object.entries(stores))('%s', (_name, open) => {
      /** Each method by callback, whose first argument is the error. */
      async function opened() {
        const store = await open()
        const by = <T>(act: (callback: (error: unknown, value?: T) => void) => unknown) =>
          new Promise<T | undefined | null>((resolve, reject) => {
            act((error, value) => (error ? reject(error) : resolve(value)))
          })
        return {
          store,
          get: (sid: string) => by<SessionData | null>((callback) => store.get(sid, callback)),
          set: (sid: string, value: SessionData) => by<void>((callback) => store.set(sid, value, callback)),
          touch: (sid: string, value: SessionData) =>
            by<void>((callback) => store.touch?.(sid, value, callback as never)),
          destroy: (sid: string) => by<void>((callback) => store.destroy(sid, callback)),
          all: () => by<unknown>((callback) => store.all?.(callback as never)),
          length: () => by<number>((callback) => store.length?.(callback as never)),
          clear: () => by<void>((callback) => store.clear?.(callback)),
        }
      }

      it('is an event emitter and an instance of Store', async () => {
        const { store } = await opened()
        expect(store).toBeInstanceOf(session.Store)
        expect(store.on).toBeTypeOf('function')
      })

      it('gives back what was set, and nothing for an id that was never set', async () => {
        const { get, set } = await opened()
        const sid = aName()
        expect(await get(sid)).toBeFalsy()
        await set(sid, data({ cart: [{ n: 1 }, 'zwölf', null], views: 3 }))
        expect(await get(sid)).toMatchObject({ cart: [{ n: 1 }, 'zwölf', null], views: 3, cookie: { path: '/' } })
        await set(sid, data({ views: 4 }))
        const again = await get(sid)
        expect(again).toMatchObject({ views: 4 })
        expect(again).not.toHaveProperty('cart')
      })

      it('gives back copies: what the app does to one changes nothing that is stored', async () => {
        const { get, set } = await opened()
        const sid = aName()
        await set(sid, data({ views: 1 }))
        Object.assign((await get(sid)) ?? {}, { views: 100 })
        expect(await get(sid)).toMatchObject({ views: 1 })
      })

      it('forgets what was destroyed; destroying it again is no error', async () => {
        const { get, set, destroy } = await opened()
        const sid = aName()
        await set(sid, data())
        await destroy(sid)
        await destroy(sid)
        await destroy(aName())
        expect(await get(sid)).toBeFalsy()
      })

      it('does not give back what has expired by its cookie', async () => {
        const { get, set } = await opened()
        const sid = aName()
        await set(sid, data({}, -1_000))
        expect(await get(sid)).toBeFalsy()
      })

      it('moves the expiry of the cookie by a touch, and nothing else', async () => {
        const { get, set, touch } = await opened()
        const sid = aName()
        await set(sid, data({ views: 1 }, HOUR))
        const later = data({ views: 2 }, 2 * HOUR)
        await touch(sid, Object.assign((await get(sid)) as SessionData, { cookie: later.cookie }))
        const found = await get(sid)
        expect(found).toMatchObject({ views: 1 })
        expect(new Date(String(found?.cookie.expires)).getTime()).toBeGreaterThan(Date.now() + 1.5 * HOUR)
      })

      it('touches nothing into being', async () => {
        const { get, touch } = await opened()
        const sid = aName()
        await touch(sid, data())
        expect(await get(sid)).toBeFalsy()
      })

      it('tells all, their number, and empties itself', async () => {
        const { get, set, all, length, clear } = await opened()
        const sids = [aName(), aName(), aName()]
        for (const [views, sid] of sids.entries()) await set(sid, data({ views }))
        const views = Object.values((await all()) as Record<string, SessionData>).map((one) => one.views)
        expect(views.toSorted()).toEqual([0, 1, 2])
        expect(await length()).toBe(3)
        await clear()
        expect(await length()).toBe(0)
        for (const sid of sids) expect(await get(sid)).toBeFalsy()
      })

      it('loads a session object for a given id', async () => {
        const { store, set } = await opened()
        const sid = aName()
        await set(sid, data({ views: 5 }))
        const loaded = await new Promise((resolve, reject) =>
          store.load(sid, (error, found) => (error ? reject(error) : resolve(found))),
        )
        expect(loaded).toMatchObject({ id: sid, views: 5 })
      })

      it.each([
        { rolling: true, resave: false },
        { rolling: false, resave: true },
      ])('serves %j with reload, regenerate and a cookie that moves', async (options) => {
        const { store } = await opened()
        const cookie = { maxAge: HOUR }
        const app = await serve(store, { ...options, saveUninitialized: true, cookie }, (express) => {
          express.get('/reload', (req, res, next) => {
            req.session.views = 1_000
            req.session.reload((error) => (error ? next(error) : res.send(String(req.session.views))))
          })
          express.get('/age', (req, res) => void res.send(String(req.session.cookie.maxAge)))
        })
        const browser = app.browser()
        expect((await browser.get('/me')).setCookie).toMatch(/Expires=/)
        expect((await browser.get('/count')).text).toBe('1')
        expect((await browser.get('/count')).text).toBe('2')
        expect((await browser.get('/reload')).text).toBe('2')
        expect(Number((await browser.get('/age')).text)).toBeGreaterThan(HOUR - 60_000)
        expect((await browser.get('/me')).setCookie === null).toBe(!options.rolling)
        const before = browser.cookie
        expect((await browser.get('/sign-in/ada')).text).toBe('signed in')
        expect(browser.cookie).not.toBe(before)
        expect((await browser.get('/me')).text).toBe('ada')
        expect(app.errors).toEqual([])
      })
    })

    it('answers by promises too, and keeps what the app wrote to the letter', async () => {
      const { store, app } = await aRollcallStore(database.db, server.url)
      const sid = aName()
      const odd = { big: 2 ** 60, text: 'a\u0000b\ud800', ключ: { __proto: 1 }, list: [[[]]], none: null }
      await store.set(sid, data(odd))
      expect(await store.get(sid)).toMatchObject(odd)
      expect(await store.length()).toBe(1)
      const stored = await database.db.select().from(storedSessions).where(eq(storedSessions.appId, app))
      expect(stored.map(({ content }) => JSON.parse(content))).toMatchObject([odd])
      await store.destroy(sid)
      expect(await store.get(sid)).toBeNull()
      await expect(store.set(aName(), data({ text: 'x'.repeat(70_000) }))).rejects.toMatchObject({
        code: 'request-refused',
        message: expect.stringContaining('413'),
      })
    })

    it('tells of its start and its stop, and can be made of no bad option', async () => {
      const { key } = await aRollcallStore(database.db, server.url)
      const store = new RollcallStore({ url: server.url, key })
      const heard: string[] = []
      for (const event of ['connect', 'disconnect']) store.on(event, () => heard.push(event))
      await vi.waitFor(() => expect(heard).toEqual(['connect']))
      await store.stop()
      expect(heard).toEqual(['connect', 'disconnect'])
      expect(() => new RollcallStore({ url: 'http://rollcall.example.com', key })).toThrow(/plain http/)
    })

    it('knows who is signed in by passport, by userId, or as the app says', async () => {
      expect(accountOfPassport({ passport: { user: 'u1' } })).toEqual({ id: 'u1' })
      expect(
        accountOfPassport({ passport: { user: { id: 7, displayName: 'Ada', emails: [{ value: 'a@example.com' }] } } }),
      ).toEqual({ id: 7, name: 'Ada', email: 'a@example.com' })
      expect(accountOfPassport({ passport: {} })).toBeUndefined()
      expect(accountOfUserId({ userId: 5, email: 'a@example.com' })).toEqual({ id: 5, email: 'a@example.com' })
      expect(accountOfUserId({ userId: '' })).toBeUndefined()

      const account = (one: Readonly<Record<string, unknown>>) =>
        one['cart'] ? { email: `${one['cart']}@example.com` } : null
      const { store, app } = await aRollcallStore(database.db, server.url, { account, method: 'saml' })
      const sid = aName()
      await store.set(sid, data({ cart: sid }))
      const [live] = (await listSessions(database.db, { app })).items
      expect(live).toMatchObject({ account: { email: `${sid}@example.com`, name: sid }, method: 'saml' })
      if (!live) throw new Error('no session')
      await revokeSession(database.db, live.id, TERMINAL, 'stolen')
      await expect(store.set(sid, data({ cart: sid }))).rejects.toMatchObject({ code: 'session-ended', status: 401 })
      await expect(store.set(sid, data())).rejects.toMatchObject({ code: 'session-ended' })
      expect(await store.get(sid)).toBeNull()
    })
  })
})
