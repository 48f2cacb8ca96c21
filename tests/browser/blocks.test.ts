import type { Locator } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../src/accounts/blocks/blocks.js'
import { findAccount } from '../../src/accounts/read.js'
import { TERMINAL } from '../../src/audit/types.js'
import { countSessions } from '../../src/sessions/lists/list.js'
import { accessible } from '../support/axe.js'
import { anAccount, anApp, anOwner, aSession, priyaRaman } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

oneDatabase((database) => {
  const { app, open } = usePanel(database)

  test('from an attack out of a network to its block, all sessions from there ended, in at most six clicks', async () => {
    const { db } = database
    const attacked = [await anAccount(db), await anAccount(db), await anAccount(db)]
    for (const [n, account] of attacked.entries()) await aSession(db, { account, ip: `203.0.113.${100 + n}` })
    const page = await open(await anOwner(db))
    await page.goto('/admin')
    let clicks = 0
    const click = (on: Locator) => {
      clicks += 1
      return on.click()
    }
    await click(page.getByRole('navigation', { name: 'Panel', exact: true }).getByRole('link', { name: /^Sessions/ }))
    await click(page.getByRole('searchbox'))
    await page.getByRole('searchbox').fill('203.0.113.96/28')
    await page.keyboard.press('Enter')
    const block = page.getByRole('link', { name: 'Block 203.0.113.96/28…' })
    await block.waitFor()
    expect(await page.locator('[data-row]').count()).toBe(3)
    await click(block)
    const dialog = page.getByRole('dialog')
    await click(dialog.getByText('Attack'))
    await click(dialog.getByRole('button', { name: 'See what it hits' }))
    await dialog.getByText('Hits 3 live sessions of 3 accounts').waitFor()
    expect(await dialog.getByLabel('End the sessions from there').isChecked()).toBe(true)
    await click(dialog.getByRole('button', { name: 'Block network' }))
    await page.locator('.toast').getByText('203.0.113.96/28 is blocked').waitFor()
    await page.getByRole('link', { name: '203.0.113.96/28 is blocked' }).waitFor()
    expect(clicks).toBeLessThanOrEqual(6)
    expect(new URL(page.url()).searchParams.get('q')).toBe('203.0.113.96/28')
    for (const { id } of attacked) expect(await countSessions(db, { account: id })).toBe(0)
  })

  test('accounts that are ticked in the list are blocked together', async () => {
    const { db } = database
    for (const name of ['Twin One', 'Twin Two']) await aSession(db, { account: await anAccount(db, { name }) })
    const page = await open(await anOwner(db))
    await page.goto('/admin/accounts?q=twin')
    await page.getByRole('checkbox', { name: 'Select Twin One' }).check()
    await page.getByRole('checkbox', { name: 'Select Twin Two' }).check()
    await page.getByRole('button', { name: 'Block 2 accounts' }).click()
    const dialog = page.getByRole('dialog', { name: 'Block 2 accounts?' })
    await dialog.getByText('Ends 2 sessions now').waitFor()
    await accessible(page)
    await dialog.getByText('Compromised').click()
    await dialog.getByRole('button', { name: 'Block 2 accounts' }).click()
    await page.getByText('2 accounts are blocked').waitFor()
    expect(await page.getByText('Blocked until lifted').count()).toBe(2)
  })

  test.each([1440, 390])(
    'whose sessions are ticked in the list are blocked together, each once: %i px',
    async (width) => {
      const { db } = database
      const shop = await anApp(db)
      const [one, two] = [await anAccount(db, { name: 'Thrice Here' }), await anAccount(db, { name: 'Once Here' })]
      for (const account of [one, one, two]) await aSession(db, { account, app: shop })
      const page = await open(await anOwner(db), { width })
      await page.goto(`/admin/sessions?app=${shop}`)
      if (width < 640) await page.getByText('Select', { exact: true }).click()
      for (const box of await page.locator('.row-select').all()) await box.check()
      const button = page.getByRole('button', { name: 'Block 2 accounts…' })
      const text = await button.evaluate((one) => [
        one.scrollWidth - one.clientWidth,
        one.getBoundingClientRect().right,
      ])
      expect(text[0]).toBe(0)
      expect(text[1]).toBeLessThanOrEqual(width)
      await button.click()
      const dialog = page.getByRole('dialog', { name: 'Block 2 accounts?' })
      await dialog.getByText('Ends 3 sessions now').waitFor()
      await accessible(page)
      await dialog.getByText('Compromised').click()
      await dialog.getByRole('button', { name: 'Block 2 accounts' }).click()
      await page.getByText('2 accounts are blocked').waitFor()
      expect(new URL(page.url()).searchParams.get('app')).toBe(shop)
      for (const { id } of [one, two]) expect(await countSessions(db, { account: id })).toBe(0)
    },
  )

  describe('the block dialog', () => {
    /** The dialog about Priya Raman, who has two sessions. */
    async function asked() {
      const account = await priyaRaman(database.db)
      const page = await open(await anOwner(database.db))
      await page.goto(`/admin/accounts/${account.id}`)
      await page.getByRole('link', { name: 'Block account…' }).click()
      return { account, page, dialog: page.getByRole('dialog') }
    }

    test('is opened, filled in and sent by keyboard alone; the page says what happened', async () => {
      const account = await priyaRaman(database.db)
      const page = await open(await anOwner(database.db))
      await page.goto(`/admin/accounts/${account.id}`)
      await page.getByRole('link', { name: 'Block account…' }).focus()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Block Priya Raman?' })
      await dialog.getByText('Ends 2 sessions now').waitFor()
      // Focus stands on the first reason; arrows choose, Tab goes on.
      await page.keyboard.press('Space')
      await page.keyboard.press('ArrowRight')
      expect(await dialog.getByRole('radio', { name: 'Left the company' }).isChecked()).toBe(true)
      await page.keyboard.press('Tab')
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('ArrowLeft')
      expect(await dialog.getByRole('radio', { name: '7 days' }).isChecked()).toBe(true)
      await page.keyboard.press('Tab')
      await page.keyboard.type('Call the IT desk.')
      await accessible(page)
      await dialog.getByRole('button', { name: 'Block account' }).focus()
      await page.keyboard.press('Enter')
      await page.getByText('Priya Raman is blocked').waitFor()
      await page.getByText('2 sessions ended.').waitFor()
      expect(await countSessions(database.db, { account: account.id })).toBe(0)
      expect((await findAccount(database.db, account.id))?.block).toMatchObject({
        reason: 'left the company',
        message: 'Call the IT desk.',
      })
    })

    test('a date that was left behind under another choice does not stand in the way', async () => {
      const { page, dialog } = await asked()
      await dialog.getByText('Compromised').click()
      await dialog.getByText('A date').click()
      await dialog.getByLabel('Day and time, UTC').fill('2020-01-01T10:00')
      await dialog.getByRole('button', { name: 'Block account' }).click()
      await dialog.getByText('This lies in the past. Choose a later time.').waitFor()
      await dialog.getByText('1 hour').click()
      await dialog.getByRole('button', { name: 'Block account' }).click()
      await page.getByText('Priya Raman is blocked').waitFor()
    })

    test('a block that a colleague set while it was open is shown before it is replaced', async () => {
      const { account, page, dialog } = await asked()
      await blockAccount(database.db, account.id, { reason: 'stolen laptop' }, TERMINAL)
      await dialog.getByText('Policy', { exact: true }).click()
      await dialog.getByText('1 hour').click()
      await dialog.getByRole('button', { name: 'Block account' }).click()
      await dialog.getByText('blocked them meanwhile, until somebody lifts it: stolen laptop.').waitFor()
      expect((await findAccount(database.db, account.id))?.block).toMatchObject({
        reason: 'stolen laptop',
        until: null,
      })
      expect(await dialog.getByRole('radio', { name: '1 hour' }).isChecked()).toBe(true)
      await accessible(page)
      await dialog.getByRole('button', { name: 'Change block' }).click()
      await page.getByText('Priya Raman is blocked').waitFor()
      expect((await findAccount(database.db, account.id))?.block).toMatchObject({ reason: 'policy' })
    })

    test.each(['Escape', 'Cancel'])('%s closes it, and nothing changes', async (way) => {
      const { account, page, dialog } = await asked()
      await dialog.getByText('Compromised').click()
      if (way === 'Escape') await page.keyboard.press('Escape')
      else await dialog.getByRole('link', { name: 'Cancel' }).click()
      await dialog.waitFor({ state: 'hidden' })
      expect(page.url()).toBe(`${app.url}/admin/accounts/${account.id}`)
      expect(await findAccount(database.db, account.id)).toMatchObject({ status: 'active' })
      expect(await countSessions(database.db, { account: account.id })).toBe(2)
    })

    test('says what is wrong in place and keeps what was typed', async () => {
      const { page, dialog } = await asked()
      await dialog.getByText('Other', { exact: true }).click()
      await dialog.getByLabel('Message to the person').fill('Half a thought')
      await dialog.getByRole('button', { name: 'Block account' }).click()
      await dialog.getByText('Write the reason in a few words.').waitFor()
      expect(await dialog.getByLabel('Message to the person').inputValue()).toBe('Half a thought')
      const words = dialog.getByLabel('In your words')
      expect(await words.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true)
      await words.fill('seen in Osaka')
      await page.keyboard.press('Enter')
      await page.getByText('Priya Raman is blocked').waitFor()
    })

    test('without JavaScript it is a page with the same form, and so is lifting', async () => {
      const account = await priyaRaman(database.db)
      const page = await open(await anOwner(database.db), { javaScript: false })
      await page.goto(`/admin/accounts/${account.id}`)
      await page.getByRole('link', { name: 'Block account…' }).click()
      await page.waitForURL('**/block')
      await page.getByText('Compromised').click()
      await page.getByText('24 hours').click()
      await page.getByRole('button', { name: 'Block account' }).click()
      await page.getByText('2 sessions ended.').waitFor()
      await page.getByRole('link', { name: 'Lift block' }).click()
      await page.getByRole('button', { name: 'Lift block' }).click()
      await page.getByText('The block on Priya Raman is lifted').waitFor()
      expect(await findAccount(database.db, account.id)).toMatchObject({ status: 'active' })
    })
  })
})
