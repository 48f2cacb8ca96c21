import session from 'express-session'
import { describe, expect, it, vi } from 'vitest'
import { TERMINAL } from '../../../src/audit/types.js'
import type { OtherStore } from '../../../src/client/expressSession.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { oneDatabase } from '../../support/database.js'
import { aRollcallStore, type Browser, type Served, serve } from './anExpressApp.js'

const soon = { interval: 10, timeout: 5_000 }
const signIn = async (app: Served, user: string) => {
  const browser = app.browser()
  expect(await browser.get(`/sign-in/${user}`)).toMatchObject({ status: 200 })
  return browser
}

describe('an app that moves from another store, both side by side', () => {
  oneDatabase((database) => {
    const server = useApp(database)

    /** The app as it was, and as it is from now on: to the same browsers. */
    async function anAppThatMoves(movingFrom: session.MemoryStore = new session.MemoryStore()) {
      const before = await serve(movingFrom)
      const { store, app, failures } = await aRollcallStore(database.db, server.url, { movingFrom })
      const after = await serve(store)
      const comesBack = ({ cookie }: Browser): Browser => Object.assign(after.browser(), { cookie })
      const live = async () => (await listSessions(database.db, { app })).items
      return { movingFrom, before, after, comesBack, store, live, failures }
    }
    const left = (store: session.MemoryStore) =>
      new Promise((resolve, reject) => store.length((error, length) => (error ? reject(error) : resolve(length))))

    it('nobody has to sign in again, and each is in the panel from their first use on', async () => {
      const app = await anAppThatMoves()
      const browser = await signIn(app.before, 'mara')
      await browser.get('/count')
      const visitor = app.before.browser()
      await visitor.get('/count')
      expect(await app.live()).toEqual([])
      expect(await app.comesBack(browser).get('/me')).toMatchObject({ status: 200, text: 'mara' })
      expect(await app.comesBack(browser).get('/count')).toMatchObject({ text: '2' })
      expect(await app.comesBack(visitor).get('/count')).toMatchObject({ text: '2' })
      expect((await app.live()).map(({ account }) => account.email)).toEqual(['mara@example.com'])
      expect(await left(app.movingFrom)).toBe(0)
      expect(app.failures).toEqual([])
    })

    it('who is signed out in the panel is out, and does not come over again', async () => {
      const app = await anAppThatMoves()
      const old = await signIn(app.before, 'pia')
      const kept: OtherStore['destroy'] = (_sid, done) => done?.()
      // The other store is said to have taken it out, and has not.
      app.movingFrom.destroy = kept
      const browser = app.comesBack(old)
      expect(await browser.get('/me')).toMatchObject({ text: 'pia' })
      const [found] = await app.live()
      await revokeSession(database.db, found?.id as never, TERMINAL, 'stolen')
      await vi.waitFor(async () => expect(await browser.get('/me')).toMatchObject({ text: 'nobody' }), soon)
      // Memory has refused that one; from here on Rollcall itself is asked.
      expect(await browser.get('/me')).toMatchObject({ status: 200, text: 'nobody' })
      expect(await left(app.movingFrom)).toBe(1)
      expect(await app.live()).toEqual([])
    })

    it('who signs out before their first use is out in both', async () => {
      const app = await anAppThatMoves()
      const old = await signIn(app.before, 'ola')
      await app.store.destroy(sidOf(old))
      expect(await left(app.movingFrom)).toBe(0)
      expect(await app.comesBack(old).get('/me')).toMatchObject({ text: 'nobody' })
    })

    it('two requests of a browser at the same moment bring it over once', async () => {
      const app = await anAppThatMoves()
      const old = await signIn(app.before, 'twin')
      let arrived = 0
      let both = () => {}
      const bothAsked = new Promise<void>((resolve) => {
        both = resolve
      })
      const { get } = app.movingFrom
      app.movingFrom.get = (sid, done) => {
        arrived += 1
        if (arrived === 2) both()
        // Each has read it there before either has moved it.
        get.call(app.movingFrom, sid, (...found) => void bothAsked.then(() => done(...found)))
      }
      const answers = await Promise.all([app.comesBack(old).get('/me'), app.comesBack(old).get('/me')])
      expect(answers.map(({ text }) => text)).toEqual(['twin', 'twin'])
      expect(await app.live()).toHaveLength(1)
    })

    it('what a slow request has read there overwrites nothing that was saved here since', async () => {
      const app = await anAppThatMoves()
      const old = app.before.browser()
      await old.get('/count')
      let goOn: (() => void) | undefined
      const { get } = app.movingFrom
      app.movingFrom.get = (sid, done) =>
        get.call(app.movingFrom, sid, (...found) => {
          app.movingFrom.get = get
          goOn = () => done(...found)
        })
      const slow = app.comesBack(old).get('/me')
      await vi.waitFor(() => expect(goOn).toBeDefined(), soon)
      expect(await app.comesBack(old).get('/count')).toMatchObject({ text: '2' })
      goOn?.()
      expect(await slow).toMatchObject({ status: 200, text: 'nobody' })
      expect(await app.comesBack(old).get('/count')).toMatchObject({ text: '3' })
    })

    it('signs everybody out of both by `clear`, and refuses where the other one can’t', async () => {
      const app = await anAppThatMoves()
      const old = await signIn(app.before, 'kim')
      await app.store.clear()
      expect(await app.comesBack(old).get('/me')).toMatchObject({ text: 'nobody' })
      const without = await anAppThatMoves(Object.assign(new session.MemoryStore(), { clear: undefined as never }))
      const stays = without.comesBack(await signIn(without.before, 'lea'))
      expect(await stays.get('/me')).toMatchObject({ text: 'lea' })
      await expect(without.store.clear()).rejects.toThrow(/can’t be cleared; nothing was/)
      expect(await stays.get('/me')).toMatchObject({ text: 'lea' })
    })

    it('refuses while the other one can’t be read: who is not found there would have to sign in again', async () => {
      const app = await anAppThatMoves()
      const old = await signIn(app.before, 'ivo')
      const { get } = app.movingFrom
      app.movingFrom.get = (_sid, done) => done(new Error('the old database is away'))
      expect(await app.comesBack(old).get('/me')).toMatchObject({ status: 503 })
      // Whoever reads the app's log is not sent to look for the fault at Rollcall.
      const message = 'The store that `movingFrom` names has failed: Error: the old database is away.'
      expect(app.failures).toMatchObject([{ code: 'old-store', message }])
      app.movingFrom.get = get
      expect(await app.comesBack(old).get('/me')).toMatchObject({ text: 'ivo' })
    })
  })
})

const sidOf = ({ cookie = '' }: Browser): string => /^[^=]+=s%3A([^.]+)\./.exec(cookie)?.[1] ?? ''
