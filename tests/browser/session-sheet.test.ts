import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

oneDatabase((database) => {
  const { open } = usePanel(database)
  const isLive = (page: Page) => page.locator('[data-connection][data-state="live"]:visible').waitFor()
  const focusId = (page: Page) => page.evaluate('document.activeElement?.id')

  describe('signing out from a sheet', () => {
    test('whose row is nowhere on the page says so in the sheet, where the focus stays', async () => {
      const { session, account } = await aSession(database.db)
      const page = await open(await anOwner(database.db))
      await page.goto(`/admin/sessions/${session.id}`)
      await isLive(page)
      const sheet = page.locator('#session')
      await sheet.getByRole('button', { name: 'Sign out', exact: true }).press('Enter')
      await page.locator('.toast').getByText(account.name).waitFor()
      expect(await sheet.locator('[data-row], .s-person').count()).toBe(0)
      await sheet.getByText('Signed out by you').waitFor()
      await expect.poll(() => focusId(page)).toBe('session-title')
      await accessible(page)
    })

    test('another session that the list does not show is gone from the sheet', async () => {
      const { db } = database
      const account = await anAccount(db, { name: 'Wide Awake' })
      const { session: shown } = await aSession(db, { account, on: 'Safari on iPhone' })
      const { session: other } = await aSession(db, { account, on: 'Firefox on Linux' })
      const page = await open(await anOwner(db))
      await page.goto('/admin/sessions?q=wide+awake&device=mobile')
      await isLive(page)
      await page.locator(`#s-${shown.id}`).getByRole('link', { name: 'Wide Awake' }).click()
      const drawer = page.locator('#drawer')
      await drawer.locator(`#o-${other.id}`).getByRole('button').press('Enter')
      await page.locator('.toast').getByText('Wide Awake').waitFor()
      expect(await drawer.locator('[data-row], .s-person').count()).toBe(0)
      await drawer.locator(`#o-${other.id}`).waitFor({ state: 'detached' })
      await expect.poll(() => focusId(page)).toBe('session-title')
    })
  })

  test('a drawer that is closed leaves nothing behind that listens for it', async () => {
    const { session } = await aSession(database.db)
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/sessions')
    const chrome = await page.context().newCDPSession(page)
    const heard = async () => {
      const { result } = await chrome.send('Runtime.evaluate', { expression: 'document.body' })
      const { listeners } = await chrome.send('DOMDebugger.getEventListeners', { objectId: result.objectId ?? '' })
      return listeners.map(({ type }) => type).sort()
    }
    const before = await heard()
    for (const _ of [1, 2, 3]) {
      await page.locator(`#s-${session.id} [data-row-link]`).click()
      await page.locator('#drawer #session').waitFor()
      expect(await heard()).toHaveLength(before.length + 2)
      await page.keyboard.press('Escape')
      await page.locator('#drawer #session').waitFor({ state: 'detached' })
    }
    expect(await heard()).toEqual(before)
  })

  test('a session of the same person that ends elsewhere leaves the open sheet', async () => {
    const { db } = database
    const account = await anAccount(db, { name: 'Wide Open' })
    const { session } = await aSession(db, { account })
    const { session: other } = await aSession(db, { account })
    const page = await open(await anOwner(db))
    // Nothing but what is told below has the sheet brought anew: no stream, and no time for polling in its stead.
    await page.route('**/admin/stream', () => {})
    await page.clock.install()
    await page.goto(`/admin/sessions/${session.id}`)
    const line = page.locator(`#o-${other.id}`)
    await line.waitFor()
    await page.clock.pauseAt(Date.now() + 1_000)
    await revokeSession(db, other.id, TERMINAL, 'stolen')
    const told = { ended: 1, sessions: [other.id.slice(-12)], accounts: [account.id.slice(-12)] }
    const event = `new CustomEvent('rollcall:changes', { detail: ${JSON.stringify(told)} })`
    await page.evaluate(`document.body.dispatchEvent(${event})`)
    await page.clock.runFor(3_000)
    await line.waitFor({ state: 'detached' })
  })
})
