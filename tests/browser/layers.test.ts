import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'

/** Escape takes away what lies on top, and nothing else; the focus goes back to what opened it. */
oneDatabase((database) => {
  const app = useApp(database)
  const chromium = useChromium()

  async function withDrawer(): Promise<{ page: Page; drawer: Locator; row: Locator }> {
    const account = await anAccount(database.db, { name: 'Priya Raman' })
    const { session } = await aSession(database.db, { account })
    const { token } = await aSession(database.db, { account: await anOwner(database.db) })
    const page = await chromium.open({ origin: app.url, token })
    await page.goto(`/admin/sessions?q=${encodeURIComponent(account.email)}`)
    const row = page.locator(`#s-${session.id} [data-row-link]`)
    await row.click()
    await page.locator('#drawer #session').waitFor()
    return { page, drawer: page.locator('#drawer #session'), row }
  }

  const hasFocus = (element: Locator) =>
    expect.poll(() => element.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)

  async function closesBy({ page, drawer, row }: Awaited<ReturnType<typeof withDrawer>>) {
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    await hasFocus(row)
  }

  test('the palette over the drawer', async () => {
    const over = await withDrawer()
    const { page, drawer } = over
    const button = drawer.getByRole('button', { name: 'Sign out', exact: true })
    await button.focus()
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Find' })
    await palette.waitFor()
    await page.keyboard.type('priya')
    await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'hidden' })
    expect(await drawer.count()).toBe(1)
    await hasFocus(button)
    await closesBy(over)
  })

  test('a dialog over the drawer', async () => {
    const over = await withDrawer()
    const { page, drawer } = over
    const link = drawer.getByRole('link', { name: 'Block account…' })
    await link.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await drawer.count()).toBe(1)
    await hasFocus(link)
    await closesBy(over)
  })

  test('a menu over the drawer', async () => {
    const over = await withDrawer()
    const { page, drawer } = over
    const menu = drawer.locator('#sheet-more')
    await menu.locator('summary').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Escape')
    expect(await menu.getAttribute('open')).toBeNull()
    expect(await drawer.count()).toBe(1)
    await hasFocus(menu.locator('summary'))
    await closesBy(over)
  })

  test('the palette over a menu over the drawer', async () => {
    const over = await withDrawer()
    const { page, drawer } = over
    const menu = drawer.locator('#sheet-more')
    await menu.locator('summary').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('dialog', { name: 'Find' })
    await palette.waitFor()
    await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'hidden' })
    expect(await menu.getAttribute('open')).toBe('')
    await page.keyboard.press('Escape')
    expect(await menu.getAttribute('open')).toBeNull()
    expect(await drawer.count()).toBe(1)
    await hasFocus(menu.locator('summary'))
    await closesBy(over)
  })

  test('the search beside the drawer is left, and the drawer stays', async () => {
    const { page, drawer } = await withDrawer()
    const search = page.locator('#live [data-search]')
    await search.focus()
    await page.keyboard.press('Escape')
    expect(await search.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(false)
    expect(await drawer.count()).toBe(1)
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
  })
})
