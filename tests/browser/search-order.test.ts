import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { held } from '../support/held.js'
import { usePanel } from '../support/panel.js'

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
  const searched = (page: Page) => new URL(page.url()).searchParams.get('q')

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
})
