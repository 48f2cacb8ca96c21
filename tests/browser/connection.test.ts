import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { BUILT_IN_APP } from '../../src/db/ids.js'
import { createStreams } from '../../src/http/streams.js'
import { hearing } from '../support/announced.js'
import { accessible } from '../support/axe.js'
import { anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { aHoldingProxy } from '../support/holdingProxy.js'
import { usePanel } from '../support/panel.js'

oneDatabase((database) => {
  const { app, chromium, open } = usePanel(database)

  test.each([1440, 1000, 700, 390, 320])(
    'at %i px a page is called live once its stream is open, and nothing moves for it',
    async (width) => {
      const page = await open(await anOwner(database.db), { width })
      const said = await hearing(page)
      let release = () => {}
      const opening = new Promise<void>((resolve) => {
        release = resolve
      })
      await page.route('**/admin/stream', (route) => opening.then(() => route.continue()))
      await page.goto('/admin/sessions')
      const connection = page.locator('[data-connection]:visible')
      const beside = () =>
        page
          .locator('[data-palette]:visible, .user-menu-summary:visible')
          .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().left))
      const before = await beside()
      expect(await connection.locator('[data-text]').textContent()).toBe('Connecting…')
      expect(await connection.locator('.dot').getAttribute('data-tone')).toBe(null)
      await accessible(page)

      release()
      await connection.getByText('Live', { exact: true }).waitFor()
      expect(await connection.locator('.dot').getAttribute('data-tone')).toBe('green')
      expect(await beside()).toEqual(before)
      expect(await said()).toEqual([])
    },
  )

  describe('a stream that says nothing', () => {
    const HEARTBEAT_MS = 1000
    beforeAll(() => {
      app.services.streams = createStreams((watched) => app.services.node.over(watched, BUILT_IN_APP), {
        heartbeatMs: HEARTBEAT_MS,
      })
    })

    const states = (page: Page) => page.evaluate<string[]>('states')
    const isSaid = (page: Page, state: string) =>
      page.locator(`[data-connection][data-state="${state}"]`).first().waitFor({ state: 'attached' })

    async function watched(page: Page): Promise<Page> {
      await page.goto('/admin/sessions')
      await isSaid(page, 'live')
      await page.evaluate(`globalThis.states = []; new MutationObserver((changes) => {
          for (const { target } of changes) states.push(target.dataset.state)
        }).observe(document.querySelector('[data-connection]'), { attributeFilter: ['data-state'] })`)
      return page
    }

    test('is not called live, though it stands, and what happened meanwhile is there when it speaks again', async () => {
      const proxy = await aHoldingProxy(app.url)
      const { token } = await aSession(database.db, { account: await anOwner(database.db) })
      const page = await watched(await chromium.open({ origin: proxy.url, token }))
      // Nothing happens but heartbeats.
      await page.waitForTimeout(4 * HEARTBEAT_MS)
      expect(await states(page)).toEqual([])

      proxy.hold()
      const { session } = await aSession(database.db)
      await isSaid(page, 'reconnecting')
      proxy.letGo()
      await isSaid(page, 'live')
      await page.locator(`#s-${session.id}`).waitFor()
    })

    test('is not called live when it is opened and held: the page polls', async () => {
      const proxy = await aHoldingProxy(app.url)
      proxy.hold()
      const { token } = await aSession(database.db, { account: await anOwner(database.db) })
      const page = await chromium.open({ origin: proxy.url, token })
      await page.clock.install()
      await page.goto('/admin/sessions')
      await expect.poll(() => app.services.streams.open).toBe(1)
      await page.clock.runFor(14_000)
      await isSaid(page, 'connecting')
      await page.clock.runFor(2000)
      await isSaid(page, 'polling')
    })

    test('because the tab that has it sleeps: the others are not called live, and it says nothing when it wakes', async () => {
      const first = await watched(await open(await anOwner(database.db)))
      const next = await watched(await chromium.open({ origin: app.url, sameAs: first }))
      const chrome = await first.context().newCDPSession(first)
      // Neither its timers run nor its events come, as in a tab that the browser has frozen.
      await chrome.send('Debugger.enable')
      await chrome.send('Debugger.pause')
      await isSaid(next, 'reconnecting')
      await chrome.send('Debugger.disable')
      await isSaid(next, 'live')
      await next.waitForTimeout(4 * HEARTBEAT_MS)
      expect([await states(first), await states(next)]).toEqual([[], ['reconnecting', 'live']])
    })
  })
})
