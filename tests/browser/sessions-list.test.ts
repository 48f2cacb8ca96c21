import { eq } from 'drizzle-orm'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import { sessions } from '../../src/db/schema.js'
import { revokeAccountSessions, revokeSession } from '../../src/sessions/revoke.js'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner, aSession, priyaRaman } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

oneDatabase((database) => {
  const { app, chromium, open } = usePanel(database)

  test('a list that is opened while its last rows leave says that nothing matches once they have left', async () => {
    const account = await priyaRaman(database.db)
    await revokeAccountSessions(database.db, account.id, TERMINAL, 'stolen')
    const page = await open(await anOwner(database.db))
    // No news from elsewhere helps it.
    await page.route('**/admin/stream', () => {})
    await page.goto('/admin/sessions?q=priya')
    await page.locator('[data-leaving]').first().waitFor()
    await page.getByText('No session matches').waitFor()
    expect(await page.locator('[data-row]').count()).toBe(0)
  })

  test('ended sessions are one press away from the live ones that were seen last, in an order that they have', async () => {
    const account = await priyaRaman(database.db)
    await revokeAccountSessions(database.db, account.id, TERMINAL, 'stolen')
    const page = await open(await anOwner(database.db))
    for (const state of ['Ended', 'All']) {
      await page.goto('/admin/sessions?q=priya&sort=seen')
      await page.getByRole('link', { name: state, exact: true }).click()
      await page.getByRole('heading', { name: state === 'All' ? 'All sessions' : 'Ended sessions' }).waitFor()
      await page.locator('[data-row]').first().waitFor()
      expect(await page.getByText('Something in the request is not right').count()).toBe(0)
    }
  })

  test('the filter menu has every value there is, and since when', async () => {
    const { db } = database
    const countries = ['AT', 'BE', 'CH', 'DK', 'ES', 'FI', 'GR', 'HU', 'IS', 'NZ']
    for (const country of countries) {
      const { session } = await aSession(db, { signedInFor: country === 'NZ' ? '2 hours' : '1 minute' })
      await db.update(sessions).set({ country }).where(eq(sessions.id, session.id))
    }
    const page = await open(await anOwner(db))
    const choose = async (group: string, option: string) => {
      const summary = page.locator('#filter-menu > summary')
      await summary.click()
      await accessible(page)
      const choices = page.locator('.filter-group', { hasText: group })
      await choices.getByRole('link', { name: option }).click()
      await page.locator('.chip[data-on]', { hasText: group }).waitFor()
    }
    await page.goto('/admin/sessions')
    await choose('Country', 'New Zealand')
    expect(await page.locator('[data-row]').count()).toBe(1)
    await choose('Signed in since', 'Last 24 hours')
    expect(await page.locator('[data-row]').count()).toBe(1)
    await choose('Signed in since', 'Last hour')
    await page.getByText('No session matches').waitFor()
    await page.getByRole('link', { name: 'Without Signed in since' }).click()
    await page.locator('[data-row]').waitFor()
  })

  describe('the list of live sessions', () => {
    const rowOf = (page: Page, id: string) => page.locator(`#s-${id}`)
    const heads = (page: Page) =>
      page.locator('[data-row]').evaluateAll((rows) => rows.map((row) => row.id.slice('s-'.length)))

    async function liveList() {
      const account = await priyaRaman(database.db)
      const page = await open(await anOwner(database.db))
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).pathname))
      await page.goto('/admin/sessions')
      await page.locator('[data-connection][data-state="live"]:visible').waitFor()
      await expect.poll(() => asked.includes('/admin/live/seen')).toBe(true)
      asked.length = 0
      return { page, account, asked }
    }

    test('a new row slides in at its head, and the list is not fetched for it', async () => {
      const { page, account, asked } = await liveList()
      const { session } = await aSession(database.db, { account })
      await rowOf(page, session.id).waitFor()
      expect((await heads(page))[0]).toBe(session.id)
      expect(await rowOf(page, session.id).getAttribute('class')).toBe('is-new')
      expect(asked).not.toContain('/admin/sessions')
    })

    test('a row opens in the drawer again after the list was brought anew, and never as a page', async () => {
      const { page, account, asked } = await liveList()
      const { session } = await aSession(database.db, { account })
      const row = rowOf(page, session.id)
      await row.waitFor()
      await page.evaluate('window.stayed = true')
      for (let n = 0; n < 2; n++) {
        const link = row.getByRole('link', { name: 'Priya Raman' })
        await (n === 0 ? link.click() : link.press('Enter'))
        await page.locator(`#drawer [data-session="${session.id}"]`).waitFor()
        await page.keyboard.press('Escape')
        await page.locator('#drawer #session').waitFor({ state: 'detached' })
        const anew = page.waitForResponse((response) => new URL(response.url()).pathname === '/admin/sessions')
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:sessions'))")
        await (await anew).finished()
      }
      await row.hover()
      await row.getByRole('button', { name: 'Sign out' }).click()
      await row.getByText('Signed out').waitFor()
      expect(await page.evaluate('window.stayed')).toBe(true)
      expect(asked.filter((path) => path === `/admin/sessions/${session.id}/revoke`)).toHaveLength(1)
    })

    test('a row that is opened is asked for once', async () => {
      const { page, asked } = await liveList()
      const link = page.locator('[data-row-link]').first()
      const path = await link.getAttribute('href')
      await link.click()
      await page.locator('#drawer #session').waitFor()
      expect(asked.filter((one) => one === path)).toHaveLength(1)
    })

    test('its number of those that ended follows, in the open page and in the next one', async () => {
      const { page, account } = await liveList()
      const tile = page.locator('[data-figure="ended"]')
      const before = Number(await tile.innerText())
      const { session } = await aSession(database.db, { account })
      await revokeSession(database.db, session.id, TERMINAL, 'stolen')
      await page.reload()
      expect(Number(await tile.innerText())).toBe(before + 1)
      const { session: next } = await aSession(database.db, { account })
      await revokeSession(database.db, next.id, TERMINAL, 'stolen')
      await expect.poll(() => tile.innerText(), { timeout: 20_000 }).toBe(String(before + 2))
    })

    test('while somebody works in it new rows wait; choice, focus and drawer stay', async () => {
      const { page, account } = await liveList()
      const { session: chosen } = await aSession(database.db, { account })
      const { session: other } = await aSession(database.db, { account })
      await rowOf(page, other.id).waitFor()
      await rowOf(page, other.id).getByRole('link', { name: 'Priya Raman' }).click()
      await page.locator('#drawer #session').waitFor()
      const box = rowOf(page, chosen.id).locator('.row-select')
      await box.check()

      const { session: late } = await aSession(database.db, { account })
      await page.getByRole('button', { name: '1 new, show' }).waitFor()
      await revokeSession(database.db, other.id, TERMINAL, 'stolen')
      await rowOf(page, other.id).getByText('Signed out').waitFor()
      expect(await rowOf(page, late.id).count()).toBe(0)
      expect(await box.isChecked()).toBe(true)
      expect(await box.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true)
      expect(await page.locator('#drawer #session').innerText()).toContain('Signed out')

      await page.getByRole('button', { name: '1 new, show' }).click()
      await rowOf(page, late.id).waitFor()
      expect((await heads(page))[0]).toBe(late.id)
      await page.locator('[data-new]').waitFor({ state: 'hidden' })
    })

    test('a burst is folded, also under a filter, by which it is counted', async () => {
      const { page, account, asked } = await liveList()
      const other = await anAccount(database.db, { name: 'Marta Kowalczyk' })
      await page.goto('/admin/sessions?q=priya')
      await page.locator('[data-connection][data-state="live"]:visible').waitFor()
      await expect.poll(() => asked.includes('/admin/live/seen')).toBe(true)
      const before = await heads(page)
      // By one commit: a few of them, seen before the others, would slide in.
      await database.db.transaction(async (tx) => {
        for (let n = 0; n < 14; n++) await aSession(tx, { account: n % 2 ? account : other })
      })
      await page.getByRole('button', { name: '7 new, show' }).waitFor()
      expect(await heads(page)).toEqual(before)
    })

    test('a hidden tab asks for nothing; shown again, it catches up once', async () => {
      const { page, account, asked } = await liveList()
      const look = (hidden: boolean) =>
        page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'))`)
      await look(true)
      const heard = page.evaluate(
        `new Promise((resolve) => new BroadcastChannel('rollcall:/admin/stream').addEventListener('message', resolve))
          .then(() => true)`,
      )
      const { session } = await aSession(database.db, { account })
      expect(await heard).toBe(true)
      expect(asked).toEqual([])
      await look(false)
      await rowOf(page, session.id).waitFor()
      expect(asked.filter((path) => path === '/admin/sessions')).toHaveLength(1)
    })

    test('says that it lost the stream, polls, and says since when it is stale; what is on the screen stays', async () => {
      chromium.allow(/stream|seen|503|Failed to load|ERR_FAILED/)
      const account = await priyaRaman(database.db)
      const page = await open(await anOwner(database.db))
      await page.clock.install()
      await page.goto('/admin/sessions')
      const said = page.locator('[data-connection]:visible')
      await page.locator('[data-connection][data-state="live"]:visible').waitFor()
      const before = await heads(page)

      await page.route('**/admin/stream', (route) => route.abort())
      app.services.streams.closeAll()
      await said.getByText('Reconnecting…').waitFor()
      await page.clock.fastForward(16_000)
      await said.getByText('Polling').waitFor()
      const { session } = await aSession(database.db, { account })
      await page.clock.fastForward(12_000)
      await rowOf(page, session.id).waitFor()

      await page.route('**/admin/live/**', (route) => route.fulfill({ status: 503, body: 'away' }))
      await page.clock.fastForward(12_000)
      await said.getByText(/^Stale since \d\d:\d\d$/).waitFor()
      expect(await heads(page)).toEqual([session.id, ...before])

      await page.unroute('**/admin/live/**')
      await page.unroute('**/admin/stream')
      await page.clock.fastForward(40_000)
      await said.getByText('Live', { exact: true }).waitFor()
    })
  })
  test('in the drawer an endless e-mail address gives way, and the number of sessions beside it stays', async () => {
    const account = await anAccount(database.db, { email: `${'endless.'.repeat(7)}name@example.com` })
    const { session } = await aSession(database.db, { account })
    const page = await open(await anOwner(database.db), { width: 390 })
    await page.goto(`/admin/sessions/${session.id}`)
    const who = page.locator('.sheet-who')
    const end = (of: Locator) => of.boundingBox().then((box) => (box ? box.x + box.width : Number.NaN))
    expect(await end(who.getByText('1 live session'))).toBeLessThanOrEqual(await end(who))
  })
})
