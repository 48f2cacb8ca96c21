import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { held } from '../support/held.js'
import { usePanel } from '../support/panel.js'

/** News are asked about every two seconds at most. */
const SOON = { timeout: 20_000 }

/** The list is that of what stands in the search box, in whatever order it is typed, asked for and answered. */
oneDatabase((database) => {
  const { open } = usePanel(database)

  const signIn = async (name: string) =>
    (await aSession(database.db, { account: await anAccount(database.db, { name }) })).session.id

  async function aPage(path: string, { stopped = false } = {}): Promise<Page> {
    const page = await open(await anOwner(database.db))
    if (stopped) await page.clock.install()
    await page.goto(path)
    await page.locator('[data-connection][data-state="live"]:visible').waitFor()
    return page
  }

  const names = (page: Page) =>
    page.locator('#live tbody tr').evaluateAll((rows) => rows.map((row) => row.querySelector('a')?.textContent?.trim()))
  const news = (page: Page) => page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:sessions'))")
  const searched = (page: Page) => new URL(page.url()).searchParams.get('q')

  async function search(page: Page, text: string) {
    await page.locator('[data-search]').fill(text)
    await page.locator('[data-search]').press('Enter')
    await expect.poll(() => searched(page)).toBe(text)
  }

  test('what is typed while the search for its beginning is answered is searched for', async () => {
    await signIn('Ann Other')
    await signIn('Annabel Lee')
    const page = await aPage('/admin/sessions', { stopped: true })
    const { isAsked, answer } = await held(page, '**/admin/sessions?q=ann')
    await page.locator('[data-search]').focus()
    await page.keyboard.type('ann')
    await page.clock.runFor(300)
    await expect.poll(isAsked).toBe(true)
    await page.keyboard.type('abel')
    await answer()
    await page.clock.runFor(300)
    await expect.poll(() => names(page)).toEqual(['Annabel Lee'])
    expect(searched(page)).toBe('annabel')
  })

  test('a list that was asked for before the search, and comes after it, is not drawn', async () => {
    await signIn('Kavya Iyer')
    const page = await aPage('/admin/accounts')
    const { asked, answer } = await held(page, '**/admin/accounts')
    await news(page)
    await asked
    await search(page, 'kavya')
    await expect.poll(() => names(page)).toEqual(['Kavya Iyer'])
    await answer()
    expect(await names(page)).toEqual(['Kavya Iyer'])
    expect(await page.locator('#live').getAttribute('hx-get')).toBe('/admin/accounts?q=kavya')
  })

  test('rows that were asked for before the search, and come after it, are left out', async () => {
    await signIn('Wanda Maximoff')
    const page = await aPage('/admin/sessions')
    const { asked, answer } = await held(page, '**/admin/live/rows?*')
    await signIn('Bruce Banner')
    await asked
    await search(page, 'wanda')
    await expect.poll(() => names(page)).toEqual(['Wanda Maximoff'])
    await answer()
    expect(await names(page)).toEqual(['Wanda Maximoff'])
    await signIn('Wanda Maximoff')
    await expect.poll(() => names(page), SOON).toEqual(['Wanda Maximoff', 'Wanda Maximoff'])
  })

  test('a number that was counted before the search, and comes after it, is not said of it', async () => {
    await signIn('Tony Stark')
    const page = await aPage('/admin/sessions')
    await page.locator('[data-row-link]').first().focus()
    const { asked, answer } = await held(page, '**/admin/live/seen?*from=*')
    await signIn('Bruce Banner')
    await asked
    await search(page, 'tony')
    await expect.poll(() => names(page)).toEqual(['Tony Stark'])
    await page.locator('[data-row-link]').first().focus()
    await answer()
    // In one step: that of the other search and one of these would be two as well.
    await database.db.transaction(async (tx) => {
      for (let n = 0; n < 2; n++) await aSession(tx, { account: await anAccount(tx, { name: 'Tony Stark' }) })
    })
    await page.getByRole('button', { name: '2 new, show' }).waitFor()
  })

  test('what waits above a list does not wait above that of a search', async () => {
    await signIn('Natasha Romanoff')
    const page = await aPage('/admin/sessions')
    await page.locator('[data-row-link]').first().focus()
    await signIn('Bruce Banner')
    await page.getByRole('button', { name: '1 new, show' }).waitFor()
    await search(page, 'natasha')
    await expect.poll(() => names(page)).toEqual(['Natasha Romanoff'])
    await signIn('Natasha Romanoff')
    await expect.poll(() => names(page), SOON).toEqual(['Natasha Romanoff', 'Natasha Romanoff'])
  })

  test('a session that ends stays in the list that shows ended ones too', async () => {
    const id = await signIn('Peter Parker')
    const page = await aPage('/admin/sessions?state=all&q=peter', { stopped: true })
    await revokeSession(database.db, id, TERMINAL, 'stolen')
    const row = page.locator(`#s-${id}`)
    await expect
      .poll(async () => {
        await page.clock.runFor(1000)
        return row.getByText('Signed out').count()
      }, SOON)
      .toBe(1)
    await page.clock.runFor(20_000)
    expect(await row.count()).toBe(1)
  })
})
