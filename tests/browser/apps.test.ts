import { describe, expect, test } from 'vitest'
import { listApps } from '../../src/accounts/apps/apps.js'
import { send } from '../integration/api/client.js'
import { useApp } from '../support/app.js'
import { accessible } from '../support/axe.js'
import { anOwner, aSession } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'

oneDatabase((database) => {
  const app = useApp(database)
  const chromium = useChromium()

  describe('an owner adds an app', () => {
    test('in three steps, and the wait turns green by itself with the first session', async () => {
      const { token } = await aSession(database.db, { account: await anOwner(database.db), ip: '127.0.0.1' })
      const page = await chromium.open({ origin: app.url, token })
      await page.goto('/admin/apps')
      await page.getByRole('link', { name: 'Add an app' }).first().click()
      await page.getByLabel('Name').fill('Corner shop')
      expect(await page.getByLabel('Host that the proxy protects').isVisible()).toBe(false)
      await page.getByText('Behind nginx or Caddy', { exact: true }).click()
      expect(await page.getByLabel('Host that the proxy protects').isVisible()).toBe(true)
      await page.getByText('Plain HTTP', { exact: true }).click()
      await page.getByRole('button', { name: 'Add the app' }).click()

      const key = await page.getByLabel('ROLLCALL_KEY').inputValue()
      const wait = page.locator('#first-session')
      await wait.getByText('Waiting for the first session').waitFor()
      await page.locator('[data-connection][data-state=live]').first().waitFor({ state: 'attached' })
      await accessible(page, 'the wait, light')

      const visit = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 Firefox/145.0' }
      const body = { account: { email: 'ada@example.com', name: 'Ada First' }, client: visit }
      expect((await send(app.url, 'POST', '/sessions', { key, body })).status).toBe(201)
      await wait.getByText('It works: the first session is here').waitFor()
      expect(await page.getByRole('list', { name: 'Three steps' }).getByText(', done').count()).toBe(3)
      expect(await wait.getByRole('link', { name: 'Ada First' }).getAttribute('href')).toMatch(/^\/admin\/sessions\//)
      expect(await page.getByLabel('ROLLCALL_KEY').inputValue(), 'the key is still there to copy').toBe(key)
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.goto(`${await page.getByRole('link', { name: 'Go to Corner shop' }).getAttribute('href')}/connect`)
      await accessible(page, 'the first session, dark')
      await page.getByRole('link', { name: 'Go to Corner shop' }).click()
      await page.getByRole('heading', { name: 'Corner shop' }).waitFor()
      expect((await listApps(database.db)).map(({ name }) => name)).toContain('Corner shop')
    })
  })
})
