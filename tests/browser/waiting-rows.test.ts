import type { Page, Route } from 'playwright-core'
import { expect, test } from 'vitest'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { newestPostgres } from '../support/database.js'

/** A new session is told by the stream and counted by the list, in any order; it counts once. */
newestPostgres((database) => {
  const app = useApp(database)
  const chromium = useChromium()

  async function liveList(): Promise<Page> {
    const { token } = await aSession(database.db, { account: await anOwner(database.db) })
    const page = await chromium.open({ origin: app.url, token })
    // What the stream tells of is kept back while `held` is set.
    await page.addInitScript(`
      globalThis.told = 0; globalThis.held = false; const kept = []
      addEventListener('rollcall:changes', (event) => {
        if (event.detail?.again) return
        globalThis.told += event.detail?.started ?? 0
        if (!globalThis.held) return
        event.stopImmediatePropagation()
        kept.push(event.detail)
      }, true)
      globalThis.release = () => {
        globalThis.held = false
        for (const detail of kept.splice(0))
          document.body.dispatchEvent(new CustomEvent('rollcall:changes', { detail: { ...detail, again: true } }))
      }`)
    await page.goto('/admin/sessions')
    await page.locator('[data-connection][data-state="live"]:visible').waitFor()
    return page
  }

  /** One that somebody works in, so that what is new waits. */
  async function busyList(): Promise<Page> {
    const page = await liveList()
    await page.locator('[data-row-link]').first().focus()
    return page
  }

  const signIn = async () => aSession(database.db, { account: await anAccount(database.db) })
  const told = (page: Page, count: number) => expect.poll(() => page.evaluate('told')).toBe(count)
  const count = (page: Page) => page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:poll'))")
  const waiting = (page: Page, text: string) => page.getByRole('button', { name: text }).waitFor()

  test('when it is counted before it is told', async () => {
    const page = await busyList()
    await page.evaluate('held = true')
    await signIn()
    await count(page)
    await waiting(page, '1 new, show')
    await signIn()
    await told(page, 2)
    await page.evaluate('release()')
    await waiting(page, '2 new, show')
    await signIn()
    await waiting(page, '3 new, show')
  })

  test('when it is told while it is being counted', async () => {
    const page = await busyList()
    const { asked, answer } = await held(page, '**/admin/live/seen?*from=*')
    await count(page)
    await asked
    await signIn()
    await told(page, 1)
    await answer()
    await waiting(page, '1 new, show')
    await signIn()
    await waiting(page, '2 new, show')
  })

  test('when more have come just before the list than slide in: it waits, and is not asked for again and again', async () => {
    const account = await anAccount(database.db)
    await database.db.transaction(async (tx) => {
      for (let n = 0; n < 90; n++) await aSession(tx, { account })
    })
    const page = await liveList()
    const brought: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/admin/live/rows')) brought.push(request.url())
    })
    await signIn()
    await waiting(page, '1 new, show')
    await signIn()
    await waiting(page, '2 new, show')
    expect(brought).toHaveLength(1)
  })

  /** The next request for it reaches the server only when `answer` is called. */
  async function held(page: Page, path: string) {
    let resolve: (route: Route) => void = () => {}
    const asked = new Promise<Route>((done) => {
      resolve = done
    })
    await page.route(path, resolve, { times: 1 })
    return { asked, answer: async () => (await asked).continue() }
  }
})
