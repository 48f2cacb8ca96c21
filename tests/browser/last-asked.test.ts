import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { held } from '../support/held.js'
import { usePanel } from '../support/panel.js'

/** What was opened last is what is acted on, in whatever order the answers come. */
oneDatabase((database) => {
  const { open } = usePanel(database)

  async function aList() {
    const [slow, quick] = [await aSession(database.db), await aSession(database.db)]
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/sessions')
    return { page, slow: slow.session.id, quick: quick.session.id }
  }

  const opens = (page: Page, id: string) => page.locator(`#s-${id} [data-row-link]`).click()

  test('the session that was opened last stays open when the one before is answered after it', async () => {
    const { page, slow, quick } = await aList()
    const { asked, answer } = await held(page, `**/admin/sessions/${slow}`)
    await opens(page, slow)
    await asked
    await opens(page, quick)
    await page.locator(`#drawer [data-session="${quick}"]`).waitFor()
    await answer()
    expect(await page.locator('#drawer #session').getAttribute('data-session')).toBe(quick)
    expect(new URL(page.url()).pathname).toBe(`/admin/sessions/${quick}`)
    expect(await page.locator('[data-row][aria-current]').getAttribute('id')).toBe(`s-${quick}`)
  })

  test('a drawer that was closed stays closed when the next session is answered', async () => {
    const { page, slow, quick } = await aList()
    await opens(page, quick)
    await page.locator('#drawer #session').waitFor()
    const { asked, answer } = await held(page, `**/admin/sessions/${slow}`)
    await opens(page, slow)
    await asked
    await page.keyboard.press('Escape')
    await page.locator('#drawer #session').waitFor({ state: 'detached' })
    await answer()
    expect(await page.locator('#drawer #session').count()).toBe(0)
    expect(new URL(page.url()).pathname).toBe('/admin/sessions')
    await opens(page, slow)
    await page.locator(`#drawer [data-session="${slow}"]`).waitFor()
  })

  test('the question that was asked last stays when the one before is answered after it', async () => {
    const account = await anAccount(database.db)
    await aSession(database.db, { account })
    const page = await open(await anOwner(database.db))
    await page.goto(`/admin/accounts/${account.id}`)
    const { asked, answer } = await held(page, `**/admin/accounts/${account.id}/revoke-sessions`)
    await page.locator(`.header a[href="/admin/accounts/${account.id}/revoke-sessions"]`).click()
    await asked
    await page.locator(`.header a[href^="/admin/accounts/${account.id}/block"]`).click()
    const title = page.locator('#dialog-title')
    await title.getByText(/^Block /).waitFor()
    await answer()
    expect(await title.innerText()).toMatch(/^Block /)
    await page.keyboard.press('Escape')
    await page.locator('#dialog').waitFor({ state: 'hidden' })
  })
})
