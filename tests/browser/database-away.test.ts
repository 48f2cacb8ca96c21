import type { Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { hearing } from '../support/announced.js'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { ownPostgres } from '../support/database.js'
import { usePanel } from '../support/panel.js'

/** What the panel says and shows while PostgreSQL is stopped, and once it is back. */
ownPostgres((database, cluster) => {
  const { chromium, open } = usePanel(database)
  let owner: TestAccount
  let start: (() => Promise<void>) | undefined

  beforeAll(async () => {
    owner = await anOwner(database.db)
    for (const name of ['Kavya Iyer', 'Marta Kowalczyk', 'Priya Raman'])
      await aSession(database.db, { account: await anAccount(database.db, { name }) })
  })
  beforeEach(() => chromium.allow(/503|stream|Failed to load/))
  afterEach(back)

  /** A page that is live, and then the database stops. */
  async function away(path: string): Promise<Page> {
    // A connection from before the last restart is found out by who takes it: here, and of the server below.
    const page = await vi.waitFor(() => open(owner), { timeout: 30_000 })
    await goneAt(page, path)
    return page
  }

  async function goneAt(page: Page, path: string) {
    await expect.poll(async () => (await page.goto(path))?.status(), { timeout: 30_000 }).toBe(200)
    if (await page.evaluate('Boolean(globalThis.rollcall)'))
      await page.locator('[data-connection][data-state="live"]:visible').waitFor()
    start = await cluster().halt()
  }

  async function back() {
    await start?.()
    start = undefined
  }

  const names = (page: Page) => page.locator('#live [data-row-link]').allInnerTexts()

  test('a page that brings nothing anew says that it is back as well', async () => {
    const page = await away('/admin/blocks/new')
    await page
      .locator('[data-connection]:visible')
      .getByText(/^Stale since/)
      .waitFor()
    await back()
    await page.locator('[data-connection][data-state="live"]:visible').waitFor()
  })

  describe.each(['/admin/sessions', '/admin/accounts'])('a search in %s', (path) => {
    test('is repeated by itself, and nothing of the other list can be chosen meanwhile', async () => {
      const page = await away(path)
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
    const page = await away('/admin/sessions')
    await page.locator('[data-row-link]').first().click()
    await page.locator('.toast').waitFor()
    expect(new URL(page.url()).pathname).toBe('/admin/sessions')
  })

  test('an act that failed says why and that nothing was changed, once', async () => {
    const page = await away('/admin/sessions?q=priya')
    const row = page.locator('[data-row]').first()
    await row.hover()
    for (let n = 0; n < 2; n++) {
      const failed = page.waitForResponse((response) => response.url().endsWith('/revoke'))
      await row.getByRole('button', { name: 'Sign out' }).click()
      await (await failed).finished()
    }
    const toast = page.locator('#problems .toast')
    await toast.getByText('The database does not answer. Nothing was changed.').waitFor()
    expect(await toast.count()).toBe(1)
  })

  test('the palette says that it could not look, and why, and says nothing else', async () => {
    const page = await open(owner)
    const said = await hearing(page)
    await goneAt(page, '/admin')
    const earlier = (await said()).length
    await page.keyboard.press('Control+k')
    const palette = page.locator('#palette')
    const problem =
      'It could not be looked for. The database does not answer. Nothing was changed. Try again in a moment.'
    await palette.getByText(problem).waitFor()
    expect((await said()).slice(earlier)).toEqual([['assertive', problem]])
    expect(await page.locator('.toast').count()).toBe(0)
    await accessible(page)

    await back()
    await expect
      .poll(
        async () => {
          await page.keyboard.press('Control+a')
          await page.keyboard.type('priya')
          return palette.getByRole('option', { name: /Priya Raman/ }).count()
        },
        { timeout: 30_000, interval: 1000 },
      )
      .toBeGreaterThan(0)
    expect(await palette.getByText('It could not be looked for.').count()).toBe(0)
  })

  test.each([true, false])('a page that could not be made comes by itself (with script: %s)', async (javaScript) => {
    const page = await open(owner, { javaScript })
    await goneAt(page, '/admin/sessions')
    await page.goto('/admin/sessions?q=kavya')
    await page.getByRole('heading', { name: 'The database does not answer' }).waitFor()
    expect(await page.getByRole('link', { name: 'Try again' }).getAttribute('href')).toBe('/admin/sessions?q=kavya')
    await back()
    await expect.poll(() => names(page), { timeout: 30_000 }).toEqual([expect.stringContaining('Kavya')])
    expect(new URL(page.url()).search).toBe('?q=kavya')
  })
})
