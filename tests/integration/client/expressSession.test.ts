import type { Express } from 'express'
import { describe, expect, it, vi } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import type { StoreRequest } from '../../../src/client/expressSession.js'
import type { AttachingRequest } from '../../../src/client/store/middleware.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { age } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aRollcallStore, type StoreOfApp, serve } from './anExpressApp.js'

const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const within = (timeout: number) => ({ interval: 2, timeout })
const soon = within(5_000)
let count = 0
const aUser = () => `user${++count}-${process.pid}`

/** `/slow` changes its session as soon as it is let go on, and saves it then. */
function aSlowRoute() {
  let resume: (() => void) | undefined
  return {
    add(express: Express) {
      express.get('/slow', async (req, res) => {
        await new Promise<void>((resolve) => {
          resume = resolve
        })
        req.session.views = 99
        res.send('done')
      })
    },
    isAsked: () => resume !== undefined,
    goOn: () => resume?.(),
  }
}

describe('an Express app with RollcallStore', () => {
  eachDatabase((database) => {
    const server = useApp(database)
    const live = async ({ app }: StoreOfApp) => (await listSessions(database.db, { app })).items

    it('shows who is signed in with device and address, and whoever is signed out in the panel is out at the next click', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      const app = await serve(rollcall.store)
      const browser = app.browser({ 'user-agent': SAFARI, 'x-forwarded-for': '81.2.69.160' })
      const user = aUser()
      expect(await browser.get('/me')).toMatchObject({ text: 'nobody', setCookie: null })
      expect(await browser.get(`/sign-in/${user}`)).toMatchObject({ text: 'signed in' })
      expect(await browser.get('/me')).toMatchObject({ text: user })
      const [session] = await live(rollcall)
      expect(session).toMatchObject({
        account: { email: `${user}@example.com` },
        ip: '81.2.69.160',
        place: { country: 'GB' },
        device: { browser: 'Safari', os: 'iOS', type: 'mobile' },
      })
      if (!session) throw new Error('no session')
      await revokeSession(database.db, session.id, TERMINAL, 'stolen')
      await vi.waitFor(
        async () => expect(await browser.get('/me')).toMatchObject({ status: 200, text: 'nobody' }),
        soon,
      )
      expect(await live(rollcall)).toEqual([])
    })

    it('answers from memory: a hundred clicks ask Rollcall nothing', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      const app = await serve(rollcall.store)
      const [somebody, nobody] = [app.browser(), app.browser()]
      const user = aUser()
      await somebody.get(`/sign-in/${user}`)
      await nobody.get('/count')
      for (const one of [somebody, nobody]) await one.get('/me')
      await vi.waitFor(async () => {
        const asked = vi.spyOn(globalThis, 'fetch')
        for (let i = 0; i < 50; i++) {
          expect(await somebody.get('/me')).toMatchObject({ text: user })
          expect(await nobody.get('/me')).toMatchObject({ text: 'nobody' })
        }
        const paths = asked.mock.calls.map(([url]) => String(url)).filter((url) => url.includes('/store/'))
        asked.mockRestore()
        expect(paths).toEqual([])
      }, soon)
    })

    it('ends the session where the app signs out, and keeps it ended', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      const app = await serve(rollcall.store)
      const browser = app.browser()
      await browser.get(`/sign-in/${aUser()}`)
      const [session] = await live(rollcall)
      const { cookie } = browser
      expect(await browser.get('/sign-out')).toMatchObject({ text: 'signed out' })
      browser.cookie = cookie
      expect(await browser.get('/me')).toMatchObject({ text: 'nobody' })
      const [ended] = (await listSessions(database.db, { app: rollcall.app, state: 'ended' })).items
      expect(ended).toMatchObject({ id: session?.id, end: { reason: 'signed-out', by: { kind: 'account' } } })
    })

    it('S-12 a save that comes after the sign-out changes nothing, is told, and harms no answer', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      const slow = aSlowRoute()
      const app = await serve(rollcall.store, {}, slow.add)
      const browser = app.browser()
      await browser.get(`/sign-in/${aUser()}`)
      const [session] = await live(rollcall)
      if (!session) throw new Error('no session')
      const answer = browser.get('/slow')
      await vi.waitFor(() => expect(slow.isAsked()).toBe(true), soon)
      await revokeSession(database.db, session.id, TERMINAL, 'stolen')
      slow.goOn()
      expect(await answer).toMatchObject({ status: 200, text: 'done' })
      await vi.waitFor(() => expect(rollcall.failures.map(({ code }) => code)).toContain('session-ended'), soon)
      expect(await live(rollcall)).toEqual([])
      expect(await browser.get('/me')).toMatchObject({ text: 'nobody' })
    })

    it('S-12 what was loaded before a sign-in under the same id signs nobody out, is told, and harms no answer', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      const slow = aSlowRoute()
      const app = await serve(rollcall.store, {}, (express) => {
        slow.add(express)
        express.get('/sign-in-here/:user', (req, res) => {
          req.session.userId = req.params.user
          res.send('signed in')
        })
      })
      const browser = app.browser()
      await browser.get('/count')
      const answer = browser.get('/slow')
      await vi.waitFor(() => expect(slow.isAsked()).toBe(true), soon)
      const user = aUser()
      await browser.get(`/sign-in-here/${user}`)
      slow.goOn()
      expect(await answer).toMatchObject({ status: 200, text: 'done' })
      await vi.waitFor(() => expect(rollcall.failures.map(({ code }) => code)).toContain('stale-save'), soon)
      expect(await browser.get('/me')).toMatchObject({ text: user })
      expect(await live(rollcall)).toHaveLength(1)
    })

    it('S-07 a timer of an open page is no use, whether its route saves or not; a click is', async () => {
      const isBackground = ({ headers }: StoreRequest) => headers['x-timer'] !== undefined
      const rollcall = await aRollcallStore(database.db, server.url, { isBackground })
      const app = await serve(rollcall.store)
      const browser = app.browser()
      await browser.get(`/sign-in/${aUser()}`)
      const [session] = await live(rollcall)
      if (!session) throw new Error('no session')
      const timer = app.browser({ 'x-timer': '1' })
      timer.cookie = browser.cookie
      await vi.waitFor(() => expect(rollcall.store.verifier.stats().usesWaiting).toBe(0), within(15_000))
      await age(database.db, session, { idleFor: '1 hour' })
      for (const path of ['/me', '/count']) expect(await timer.get(path)).toMatchObject({ status: 200 })
      expect(rollcall.store.verifier.stats().usesWaiting).toBe(0)
      await browser.get('/me')
      expect(rollcall.store.verifier.stats().usesWaiting).toBe(1)
    })

    it('refuses the sign-in of who is blocked with 403, and says that it was that', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      const app = await serve(rollcall.store)
      const user = aUser()
      await app.browser().get(`/sign-in/${user}`)
      const [session] = await live(rollcall)
      if (!session) throw new Error('no session')
      await blockAccount(database.db, session.account.id, { reason: 'stolen' }, TERMINAL)
      const late = app.browser()
      expect(await late.get(`/sign-in/${user}`)).toMatchObject({ status: 403 })
      expect(rollcall.failures).toMatchObject([{ code: 'blocked', status: 403 }])
      expect(await late.get('/me')).toMatchObject({ text: 'nobody' })
    })

    it('says to the guards of a route who it is, and asks anew on demand', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      let told: ((req: AttachingRequest) => void | Promise<void>) | undefined
      const app = await serve(rollcall.store, {}, (express) => {
        express.use(rollcall.store.middleware())
        express.use(async (req, _res, next) => {
          await told?.(req)
          next()
        })
      })
      const browser = app.browser()
      const user = aUser()
      await browser.get(`/sign-in/${user}`)
      const [session] = await live(rollcall)
      if (!session) throw new Error('no session')
      const heard: unknown[] = []
      told = async (req) => {
        await revokeSession(database.db, session.id, TERMINAL, 'stolen')
        heard.push(req.rollcall?.session.id, await req.rollcall?.verifyAgain())
      }
      expect(await browser.get('/me')).toMatchObject({ text: user })
      expect(heard).toMatchObject([session.id, { status: 'denied', reason: 'ended' }])
    })

    it('shows what one process has written in the other, whoever comes first', async () => {
      const one = await aRollcallStore(database.db, server.url)
      const two = await aRollcallStore(database.db, server.url, { app: one.app })
      const views = (express: Express) => {
        express.get('/views', (req, res) => void res.send(String(req.session.views)))
      }
      const [first, second] = [await serve(one.store, {}, views), await serve(two.store, {}, views)]
      const browser = first.browser()
      const elsewhere = second.browser()
      await browser.get('/count')
      elsewhere.cookie = browser.cookie
      expect(await elsewhere.get('/count')).toMatchObject({ text: '2' })
      // Told within milliseconds; from then on both ask.
      await vi.waitFor(async () => expect(await browser.get('/views')).toMatchObject({ text: '2' }), soon)
      const now = Number((await browser.get('/count')).text)
      for (let i = 1; i <= 20; i++) {
        const text = String(now + i)
        expect(await (i % 2 === 0 ? browser : elsewhere).get('/count')).toMatchObject({ text })
      }
      // Nobody is told of a change any more: what was only read is not held either.
      for (let i = 21; i <= 23; i++) {
        expect(await elsewhere.get('/views')).toMatchObject({ text: String(now + i - 1) })
        expect(await browser.get('/count')).toMatchObject({ text: String(now + i) })
      }
    })

    it('refuses a request from a blocked network with 403, and lets the person on elsewhere', async () => {
      const rollcall = await aRollcallStore(database.db, server.url)
      const app = await serve(rollcall.store)
      const user = aUser()
      const browser = app.browser({ 'x-forwarded-for': '198.18.0.7' })
      await browser.get(`/sign-in/${user}`)
      await browser.get('/me')
      const there = app.browser({ 'x-forwarded-for': '198.19.0.9' })
      there.cookie = browser.cookie
      await blockNetwork(database.db, { network: '198.19.0.0/24', reason: 'attack' }, TERMINAL)
      await vi.waitFor(async () => expect(await there.get('/me')).toMatchObject({ status: 403 }), soon)
      expect(await browser.get('/me')).toMatchObject({ status: 200, text: user })
    })
  })
})
