import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { blockAccount } from '../../src/accounts/blocks/blocks.js'
import { TERMINAL } from '../../src/audit/types.js'
import { announce } from '../../src/db/notices.js'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

/*
 * Name, state and buttons of a page stand above what is brought anew, and are as true.
 */
oneDatabase((database) => {
  const { open } = usePanel(database)

  test('the head of an account’s page offers what can be done now, and a menu that is open in it stays open', async () => {
    const account = await anAccount(database.db, { name: 'Hedda Head' })
    const page = await open(await anOwner(database.db))
    await page.goto(`/admin/accounts/${account.id}`)
    const head = page.locator('.main .header')
    const signOut = head.getByRole('link', { name: 'Sign out everywhere' })
    expect(await signOut.count()).toBe(0)
    await head.getByTitle('More').click()

    await aSession(database.db, { account })
    await signOut.waitFor()
    await blockAccount(database.db, account.id, { reason: 'left the company' }, TERMINAL)
    await head.getByText('Blocked until lifted').waitFor()
    await head.getByRole('link', { name: 'Lift block' }).waitFor()
    await head.getByRole('link', { name: 'Change the block…' }).waitFor()
    await signOut.waitFor({ state: 'detached' })

    await head.getByRole('link', { name: 'Lift block' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Lift block' }).waitFor()
  })

  test('what a page is for is said in one line beside all that its owner can do there', async () => {
    const page = await open(await anOwner(database.db))
    for (const path of ['', '/sessions', '/accounts', '/blocks', '/audit', '/apps', '/settings']) {
      await page.goto(`/admin${path}`)
      const lines = await page.locator('.header-sub').evaluate((line) => {
        const text = line.ownerDocument.createRange()
        text.selectNodeContents(line)
        return new Set([...text.getClientRects()].map(({ top }) => top)).size
      })
      expect([path, lines]).toEqual([path, 1])
    }
  })

  test('beside a person’s address it is the address that is copied; the id is in the menu', async () => {
    const account = await anAccount(database.db)
    const page = await open(await anOwner(database.db))
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(`/admin/accounts/${account.id}`)
    await page.locator('.header-sub').getByRole('button', { name: 'Copy the e-mail address' }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(account.email)
    await page.locator('.main .header').getByTitle('More').click()
    await page.getByRole('button', { name: 'Copy account id' }).click()
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(account.id)
  })

  test('where the clipboard refuses, it is said, in the dialog that is open too', async () => {
    const account = await anAccount(database.db)
    const page = await open(await anOwner(database.db))
    await page.addInitScript('Navigator.prototype.__defineGetter__("clipboard", () => undefined)')
    await page.goto(`/admin/accounts/${account.id}`)
    const words = 'The browser refused the clipboard. Select the text and copy it by hand.'
    await page.locator('.header-sub').getByRole('button', { name: 'Copy' }).click()
    await page.locator('#problems').getByText(words).waitFor()
    expect(await page.locator('[data-copied]').count()).toBe(0)
    await page.locator('.main .header').getByTitle('More').click()
    await page.getByRole('link', { name: 'invitation link' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('.dialog-foot button').click()
    await dialog.getByRole('button', { name: 'Copy the link' }).click()
    await dialog.getByRole('alert').getByText(words).waitFor()
    await accessible(page)
  })

  test('the chain can be verified again as soon as a verification that was under way is done', async () => {
    const now = new Date()
    const running = JSON.stringify({ startedAt: now, beatAt: now, events: 3000, by: 'Rollcall' })
    await database.db.execute(sql`insert into installation (key, value) values ('audit-check-running', ${running})`)
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/audit/chain')
    await page.getByText('3,000 events so far').waitFor()
    const verify = page.getByRole('button', { name: 'Verify now' })
    expect(await verify.count()).toBe(0)

    await database.db.execute(sql`delete from installation where key = 'audit-check-running'`)
    await announce(database.db, { kind: 'audit' })
    await verify.click()
    await page.getByText('The chain is whole').waitFor()
  })
})
