import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import { revokeAccountSessions } from '../../src/sessions/revoke.js'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner, OWNER_PASSWORD, type TestAccount } from '../support/builders.js'
import { leavesForSignIn } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

/** What was typed into a page whose session ended meanwhile. */
oneDatabase((database) => {
  const { open } = usePanel(database)

  async function openedBy(account: TestAccount, path: string): Promise<Page> {
    const page = await open(account)
    await page.goto(path)
    await page.locator('[data-connection][data-state="live"]:visible').waitFor()
    return page
  }

  async function endSession(page: Page, account: TestAccount) {
    const { pathname, search } = new URL(page.url())
    await revokeAccountSessions(database.db, account.id, TERMINAL, 'idle')
    await leavesForSignIn(page, pathname + search)
  }

  async function signIn(page: Page, { email }: TestAccount) {
    await page.getByLabel('E-mail').fill(email ?? '')
    await page.getByLabel('Password', { exact: true }).fill(OWNER_PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.waitForURL('**/admin/**')
  }

  const kept = (page: Page) => page.evaluate<string | null>("sessionStorage.getItem('rollcall:unsaved')")

  test('is there again once its account has signed in, and one time only', async () => {
    const owner = await anOwner(database.db)
    const page = await openedBy(owner, '/admin/blocks/new')
    await page.getByLabel('Address or network').fill('203.0.113.0/24')
    await page.getByText('Other', { exact: true }).click()
    await page.getByLabel('In your words').fill('Half a thought')
    await endSession(page, owner)
    await signIn(page, owner)
    expect(await page.getByLabel('Address or network').inputValue()).toBe('203.0.113.0/24')
    expect(await page.getByLabel('In your words').inputValue()).toBe('Half a thought')
    expect(await page.getByLabel('In your words').isVisible()).toBe(true)
    expect(await kept(page)).toBe(null)
    await page.reload()
    expect(await page.getByLabel('Address or network').inputValue()).toBe('')
  })

  test('in a dialog, which does not open by itself, is said to be kept, once', async () => {
    const owner = await anOwner(database.db)
    const priya = await anAccount(database.db)
    const page = await openedBy(owner, `/admin/accounts/${priya.id}`)
    await page.getByRole('link', { name: 'Block account…' }).click()
    await page.getByRole('dialog').getByLabel('Message to the person').fill('Half a thought')
    await endSession(page, owner)
    await signIn(page, owner)
    await page.locator('#toasts').getByText('What you typed is kept').waitFor()
    await accessible(page)
    await page.reload()
    await page.waitForTimeout(1000)
    expect(await page.locator('#toasts .toast').count()).toBe(0)
    expect(await kept(page)).not.toBe(null)
  })

  test('is told of by the page after the sign-in, and not by one that is left as soon as it has come', async () => {
    const page = await open(await anOwner(database.db))
    await page.addInitScript(`addEventListener('DOMContentLoaded', () => {
      document.querySelector('[name="network"]').value = '203.0.113.0/24'
      document.body.dispatchEvent(new CustomEvent('rollcall:leave'))
    })`)
    await page.goto('/admin/blocks/new')
    // A timer that was set later fires later.
    await page.evaluate('new Promise((done) => setTimeout(done, 600))')
    expect(await kept(page)).toContain('203.0.113.0/24')
    expect(await kept(page)).not.toContain('told')
  })

  test('in a dialog is there again when the dialog is, and not in that of somebody else', async () => {
    const owner = await anOwner(database.db)
    const [priya, marta] = [await anAccount(database.db), await anAccount(database.db)]
    const page = await openedBy(owner, `/admin/accounts/${priya.id}`)
    const message = page.getByRole('dialog').getByLabel('Message to the person')
    await page.getByRole('link', { name: 'Block account…' }).click()
    await message.fill('Half a thought')
    await endSession(page, owner)
    await signIn(page, owner)
    await page.goto(`/admin/accounts/${marta.id}`)
    await page.getByRole('link', { name: 'Block account…' }).click()
    expect(await message.inputValue()).toBe('')
    await page.goto(`/admin/accounts/${priya.id}`)
    await page.getByRole('link', { name: 'Block account…' }).click()
    await expect.poll(() => message.inputValue()).toBe('Half a thought')
  })

  test('is forgotten where somebody else signs in', async () => {
    const owner = await anOwner(database.db)
    const page = await openedBy(owner, '/admin/blocks/new')
    await page.getByLabel('Address or network').fill('203.0.113.0/24')
    await endSession(page, owner)
    expect(await kept(page)).toContain('203.0.113.0/24')
    await signIn(page, await anOwner(database.db))
    expect(await page.getByLabel('Address or network').inputValue()).toBe('')
    expect(await kept(page)).toBe(null)
  })

  test('is not kept where it is a password, though it be looked at, or confirms something', async () => {
    const owner = await anOwner(database.db)
    const page = await openedBy(owner, '/admin/kill-switch')
    await page.getByLabel('Reason').fill('Half a thought')
    await page.getByLabel('Type everyone to confirm').fill('everyone')
    await page.locator('[type="password"]').fill(OWNER_PASSWORD)
    await page.getByRole('button', { name: 'Show the password' }).click()
    await endSession(page, owner)
    expect(JSON.parse((await kept(page)) ?? '').forms).toEqual({ '/admin/kill-switch': [['reason', 'Half a thought']] })
    await signIn(page, owner)
    expect(await page.getByLabel('Reason').inputValue()).toBe('Half a thought')
    expect(await page.getByLabel('Type everyone to confirm').inputValue()).toBe('')
  })
})
