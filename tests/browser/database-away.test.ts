import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { ownPostgres } from '../support/database.js'
import { usePanel } from '../support/panel.js'

/** What the panel says and shows while PostgreSQL is stopped, and once it is back. */
ownPostgres((database, cluster) => {
  const { chromium, open } = usePanel(database)
  let owner: TestAccount

  beforeAll(async () => {
    owner = await anOwner(database.db)
    for (const name of ['Kavya Iyer', 'Marta Kowalczyk', 'Priya Raman'])
      await aSession(database.db, { account: await anAccount(database.db, { name }) })
  })
  beforeEach(() => chromium.allow(/503|stream|Failed to load/))

  /** A page that is live, and then the database stops. @returns what starts it again */
  async function away(path: string): Promise<{ page: Page; back: () => Promise<void> }> {
    const page = await open(owner)
    // A connection from before the last restart is found out by the request that takes it.
    await expect.poll(async () => (await page.goto(path))?.status(), { timeout: 30_000 }).toBe(200)
    await page.locator('[data-connection][data-state="live"]:visible').waitFor()
    return { page, back: await cluster().halt() }
  }

  const names = (page: Page) => page.locator('#live [data-row-link]').allInnerTexts()

  describe.each(['/admin/sessions', '/admin/accounts'])('a search in %s', (path) => {
    test('is repeated by itself, and nothing of the other list can be chosen meanwhile', async () => {
      const { page, back } = await away(path)
      const before = await names(page)
      await page.locator('[data-search]').fill('kavya')
      await page.locator('[data-search]').press('Enter')
      await page.getByText('No answer yet').waitFor()
      await page
        .locator('[data-connection]:visible')
        .getByText(/^Stale since/)
        .waitFor()
      expect(await names(page)).toEqual(before)
      expect(new URL(page.url()).search).toBe('?q=kavya')
      expect(await page.locator('#bulk').getAttribute('inert')).toBe('')
      await accessible(page)

      await back()
      await expect.poll(() => names(page), { timeout: 60_000 }).toEqual([expect.stringContaining('Kavya')])
      expect(await page.locator('[data-search]').inputValue()).toBe('kavya')
      expect(await page.locator('.toolbar-count').innerText()).toMatch(/^1 (session|account)$/)
      await page.locator('.select-all').check()
      await page.getByText('1 selected', { exact: true }).first().waitFor()
    })
  })

  test('a session that can’t be opened leaves the address to the list', async () => {
    const { page, back } = await away('/admin/sessions')
    await page.locator('[data-row-link]').first().click()
    await page.locator('.toast').waitFor()
    expect(new URL(page.url()).pathname).toBe('/admin/sessions')
    await back()
  })
})
