import { sql } from 'drizzle-orm'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../src/accounts/blocks.js'
import { findAccount } from '../../src/accounts/read.js'
import { TERMINAL } from '../../src/audit/types.js'
import type { Database } from '../../src/db/connect.js'
import { sessionCounts } from '../../src/db/schema.js'
import { countSessions } from '../../src/sessions/list.js'
import { revokeAccountSessions, revokeSession } from '../../src/sessions/revoke.js'
import { addUpChanges } from '../../src/sessions/tallies.js'
import { touchSessions } from '../../src/sessions/touch.js'
import { useApp } from '../support/app.js'
import { accessible } from '../support/axe.js'
import { age, anAccount, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { type PageOptions, useChromium } from '../support/chromium.js'
import { aClient } from '../support/clients.js'
import { oneDatabase } from '../support/database.js'

oneDatabase((database) => {
  const app = useApp(database)
  const chromium = useChromium()

  /** A browser in which the account has signed in. */
  async function open(account: TestAccount, options: Partial<PageOptions> = {}): Promise<Page> {
    const page = await chromium.open({ origin: app.url, ...options })
    const { token } = await aSession(database.db, { account })
    await page.context().addCookies([{ name: 'rollcall', value: token, url: app.url }])
    return page
  }

  async function priya(): Promise<TestAccount> {
    const account = await anAccount(database.db, { name: 'Priya Raman' })
    await aSession(database.db, { account, on: 'Safari on Mac', from: 'Lisbon' })
    await aSession(database.db, { account, on: 'Safari on iPhone', from: 'Osaka' })
    return account
  }

  test('a list that is opened while its last rows leave says that nothing matches once they have left', async () => {
    const account = await priya()
    await revokeAccountSessions(database.db, account.id, TERMINAL, 'stolen')
    const page = await open(await anOwner(database.db))
    // No news from elsewhere helps it.
    await page.route('**/admin/stream', () => {})
    await page.goto('/admin/sessions?q=priya')
    await page.locator('[data-leaving]').first().waitFor()
    await page.getByText('No session matches').waitFor()
    expect(await page.locator('[data-row]').count()).toBe(0)
  })

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
    await page.getByText('203.0.113.96/28 is blocked').waitFor()
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

  describe('the list of live sessions', () => {
    const rowOf = (page: Page, id: string) => page.locator(`#s-${id}`)
    const heads = (page: Page) =>
      page.locator('[data-row]').evaluateAll((rows) => rows.map((row) => row.id.slice('s-'.length)))

    async function liveList() {
      const account = await priya()
      const page = await open(await anOwner(database.db))
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).pathname))
      await page.goto('/admin/sessions')
      await page.locator('[data-connection][data-state="live"]:visible').waitFor()
      await expect.poll(() => asked.includes('/admin/live/seen')).toBe(true)
      asked.length = 0
      return { page, account, asked }
    }

    test('a new row slides in at its head, and the list is not fetched for it', async () => {
      const { page, account, asked } = await liveList()
      const { session } = await aSession(database.db, { account })
      await rowOf(page, session.id).waitFor()
      expect((await heads(page))[0]).toBe(session.id)
      expect(await rowOf(page, session.id).getAttribute('class')).toBe('is-new')
      expect(asked).not.toContain('/admin/sessions')
    })

    test('a row opens in the drawer again after the list was brought anew, and never as a page', async () => {
      const { page, account, asked } = await liveList()
      const { session } = await aSession(database.db, { account })
      const row = rowOf(page, session.id)
      await row.waitFor()
      await page.evaluate('window.stayed = true')
      for (let n = 0; n < 2; n++) {
        const link = row.getByRole('link', { name: 'Priya Raman' })
        await (n === 0 ? link.click() : link.press('Enter'))
        await page.locator(`#drawer [data-session="${session.id}"]`).waitFor()
        await page.keyboard.press('Escape')
        await page.locator('#drawer #session').waitFor({ state: 'detached' })
        const anew = page.waitForResponse((response) => new URL(response.url()).pathname === '/admin/sessions')
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:sessions'))")
        await (await anew).finished()
      }
      await row.hover()
      await row.getByRole('button', { name: 'Sign out' }).click()
      await row.getByText('Signed out').waitFor()
      expect(await page.evaluate('window.stayed')).toBe(true)
      expect(asked.filter((path) => path === `/admin/sessions/${session.id}/revoke`)).toHaveLength(1)
    })

    test('its number of those that ended follows, in the open page and in the next one', async () => {
      const { page, account } = await liveList()
      const tile = page.locator('[data-figure="ended"]')
      const before = Number(await tile.innerText())
      const { session } = await aSession(database.db, { account })
      await revokeSession(database.db, session.id, TERMINAL, 'stolen')
      await page.reload()
      expect(Number(await tile.innerText())).toBe(before + 1)
      const { session: next } = await aSession(database.db, { account })
      await revokeSession(database.db, next.id, TERMINAL, 'stolen')
      await expect.poll(() => tile.innerText(), { timeout: 20_000 }).toBe(String(before + 2))
    })

    test('while somebody works in it new rows wait; choice, focus and drawer stay', async () => {
      const { page, account } = await liveList()
      const { session: chosen } = await aSession(database.db, { account })
      const { session: other } = await aSession(database.db, { account })
      await rowOf(page, other.id).waitFor()
      await rowOf(page, other.id).getByRole('link', { name: 'Priya Raman' }).click()
      await page.locator('#drawer #session').waitFor()
      const box = rowOf(page, chosen.id).locator('.row-select')
      await box.check()

      const { session: late } = await aSession(database.db, { account })
      await page.getByRole('button', { name: '1 new, show' }).waitFor()
      await revokeSession(database.db, other.id, TERMINAL, 'stolen')
      await rowOf(page, other.id).getByText('Signed out').waitFor()
      expect(await rowOf(page, late.id).count()).toBe(0)
      expect(await box.isChecked()).toBe(true)
      expect(await box.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true)
      expect(await page.locator('#drawer #session').innerText()).toContain('Signed out')

      await page.getByRole('button', { name: '1 new, show' }).click()
      await rowOf(page, late.id).waitFor()
      expect((await heads(page))[0]).toBe(late.id)
      await page.locator('[data-new]').waitFor({ state: 'hidden' })
    })

    test('a burst is folded, also under a filter, by which it is counted', async () => {
      const { page, account, asked } = await liveList()
      const other = await anAccount(database.db, { name: 'Marta Kowalczyk' })
      await page.goto('/admin/sessions?q=priya')
      await page.locator('[data-connection][data-state="live"]:visible').waitFor()
      await expect.poll(() => asked.includes('/admin/live/seen')).toBe(true)
      const before = await heads(page)
      // By one commit: a few of them, seen before the others, would slide in.
      await database.db.transaction(async (tx) => {
        for (let n = 0; n < 14; n++) await aSession(tx, { account: n % 2 ? account : other })
      })
      await page.getByRole('button', { name: '7 new, show' }).waitFor()
      expect(await heads(page)).toEqual(before)
    })

    test('a hidden tab asks for nothing; shown again, it catches up once', async () => {
      const { page, account, asked } = await liveList()
      const look = (hidden: boolean) =>
        page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'))`)
      await look(true)
      const heard = page.evaluate(
        `new Promise((resolve) => new BroadcastChannel('rollcall:/admin/stream').addEventListener('message', resolve))
          .then(() => true)`,
      )
      const { session } = await aSession(database.db, { account })
      expect(await heard).toBe(true)
      expect(asked).toEqual([])
      await look(false)
      await rowOf(page, session.id).waitFor()
      expect(asked.filter((path) => path === '/admin/sessions')).toHaveLength(1)
    })

    test('says that it lost the stream, polls, and says since when it is stale; what is on the screen stays', async () => {
      chromium.allow(/stream|seen|503|Failed to load|ERR_FAILED/)
      const account = await priya()
      const page = await open(await anOwner(database.db))
      await page.clock.install()
      await page.goto('/admin/sessions')
      const said = page.locator('[data-connection]:visible')
      await page.locator('[data-connection][data-state="live"]:visible').waitFor()
      const before = await heads(page)

      await page.route('**/admin/stream', (route) => route.abort())
      app.services.streams.closeAll()
      await said.getByText('Reconnecting…').waitFor()
      await page.clock.fastForward(16_000)
      await said.getByText('Polling').waitFor()
      const { session } = await aSession(database.db, { account })
      await page.clock.fastForward(12_000)
      await rowOf(page, session.id).waitFor()

      await page.route('**/admin/live/**', (route) => route.fulfill({ status: 503, body: 'away' }))
      await page.clock.fastForward(12_000)
      await said.getByText(/^Stale since \d\d:\d\d$/).waitFor()
      expect(await heads(page)).toEqual([session.id, ...before])

      await page.unroute('**/admin/live/**')
      await page.unroute('**/admin/stream')
      await page.clock.fastForward(40_000)
      await said.getByText('Live', { exact: true }).waitFor()
    })
  })

  describe('the block dialog', () => {
    test('is opened, filled in and sent by keyboard alone; the page says what happened', async () => {
      const account = await priya()
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
      const account = await priya()
      const page = await open(await anOwner(database.db))
      await page.goto(`/admin/accounts/${account.id}`)
      await page.getByRole('link', { name: 'Block account…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('Compromised').click()
      await dialog.getByText('A date').click()
      await dialog.getByLabel('Day and time, UTC').fill('2020-01-01T10:00')
      await dialog.getByRole('button', { name: 'Block account' }).click()
      await dialog.getByText('This lies in the past. Choose a later time.').waitFor()
      await dialog.getByText('1 hour').click()
      await dialog.getByRole('button', { name: 'Block account' }).click()
      await page.getByText('Priya Raman is blocked').waitFor()
    })

    test.each(['Escape', 'Cancel'])('%s closes it, and nothing changes', async (way) => {
      const account = await priya()
      const page = await open(await anOwner(database.db))
      await page.goto(`/admin/accounts/${account.id}`)
      await page.getByRole('link', { name: 'Block account…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('Compromised').click()
      if (way === 'Escape') await page.keyboard.press('Escape')
      else await dialog.getByRole('link', { name: 'Cancel' }).click()
      await dialog.waitFor({ state: 'hidden' })
      expect(page.url()).toBe(`${app.url}/admin/accounts/${account.id}`)
      expect(await findAccount(database.db, account.id)).toMatchObject({ status: 'active' })
      expect(await countSessions(database.db, { account: account.id })).toBe(2)
    })

    test('says what is wrong in place and keeps what was typed', async () => {
      const account = await priya()
      const page = await open(await anOwner(database.db))
      await page.goto(`/admin/accounts/${account.id}`)
      await page.getByRole('link', { name: 'Block account…' }).click()
      const dialog = page.getByRole('dialog')
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
      const account = await priya()
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

  test('the command palette is walked by keyboard alone; the last thing typed wins, and what was chosen comes first', async () => {
    // Nobody else’s name in this file: of many, none is offered to be blocked.
    const account = await anAccount(database.db, { name: 'Quill Quentin' })
    await aSession(database.db, { account })
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/audit')
    await page.keyboard.press('Control+k')
    const box = page.getByRole('combobox')
    await page.getByRole('option', { name: 'Overview' }).waitFor()
    let letGo = () => {}
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const asked = page.waitForRequest('**/admin/palette?q=zz')
    await page.route('**/admin/palette?q=zz', async (route) => {
      await held
      await route.continue().catch(() => {})
    })
    await page.keyboard.type('zz')
    await asked
    await box.fill('quill')
    await page.getByRole('option', { name: 'Block Quill Quentin…' }).waitFor()
    letGo()
    await accessible(page)
    await page.keyboard.press('ArrowDown')
    const chosen = page.locator(`[id="${await box.getAttribute('aria-activedescendant')}"]`)
    expect(await chosen.getAttribute('aria-selected')).toBe('true')
    expect(await chosen.textContent()).toContain('Sessions of Quill Quentin')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/admin/accounts/${account.id}`)
    await page.keyboard.press('Control+k')
    await page.getByRole('option').filter({ hasText: 'Recent · Person' }).waitFor()
    // Enter is not for what stood there before the answer came.
    await page.keyboard.type('blocks')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/admin/blocks')
    await page.keyboard.press('Control+k')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('combobox').isVisible()).toBe(false)
  })

  test('keys that are pressed at the first moment are heard', async () => {
    const page = await open(await anOwner(database.db))
    // A busy browser lets what should come at once wait.
    await page.addInitScript(() => {
      const { setTimeout } = globalThis
      Object.assign(globalThis, { setTimeout: (act: () => void, ms = 3_000) => setTimeout(act, ms) })
    })
    await page.goto('/admin/audit')
    await page.keyboard.press('Control+k')
    await page.getByRole('option', { name: 'Overview' }).waitFor()
  })

  test('rows are walked, selected and opened by single keys, which can be turned off', async () => {
    await priya()
    await priya()
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/sessions?q=priya')
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    const selected = () => page.locator('.row-select:checked').count()
    await press('j', 'x', 'j', 'j', 'Shift+X')
    expect(await selected()).toBe(3)
    await page.getByRole('button', { name: 'Sign out 3 sessions', exact: true }).waitFor()
    await page.locator('.row-select').nth(1).focus()
    await press('Enter')
    await page.locator('#drawer #session').waitFor()
    await press('Escape')
    await page.locator('#drawer #session').waitFor({ state: 'detached' })
    await page.locator('[data-search]').focus()
    await press('x', '?')
    expect(await page.locator('[data-search]').inputValue()).toContain('x?')
    await page.goto('/admin/sessions')
    await press('?')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    await accessible(page)
    await keys.getByRole('button', { name: 'Turn single keys off' }).click()
    await page.locator('html[data-single-keys="off"]').waitFor()
    await press('j', 'x', '?')
    expect(await selected()).toBe(0)
    expect(await keys.isVisible()).toBe(false)
    // What else there is stays: the palette by its two keys, the list of keys by its menu.
    await page.locator('.header .user-menu-summary').click()
    await page.locator('.header').getByRole('button', { name: 'Keys' }).click()
    await keys.getByText('Single keys are off').waitFor()
  })

  test('columns are chosen in an open menu that stays, and the list is drawn so from then on', async () => {
    await priya()
    const page = await open(await anOwner(database.db))
    await page.goto('/admin/sessions')
    await page.locator('#look > summary').click()
    await page.getByLabel('App and method').uncheck()
    await page.getByRole('columnheader', { name: 'App' }).waitFor({ state: 'detached' })
    await page.getByLabel('Compact').check()
    await page.locator('.table[data-density="compact"]').waitFor()
    expect(await page.locator('#look').getAttribute('open')).not.toBeNull()
    await accessible(page)
    await page.goto('/admin/sessions?state=all')
    expect(await page.getByRole('columnheader', { name: 'App' }).count()).toBe(0)
  })

  test('who is about to be signed out for idleness is asked, and stays by one press', async () => {
    const { db } = database
    const page = await chromium.open({ origin: app.url })
    const { session, token } = await aSession(db, { account: await anOwner(db) })
    await page.context().addCookies([{ name: 'rollcall', value: token, url: app.url }])
    await page.goto('/admin/settings')
    await app.services.touches.flush()
    await age(db, session, { idleFor: '13 minutes 30 seconds' })
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    const notice = page.getByRole('alertdialog', { name: 'Still there?' })
    await notice.getByText('You will be signed out in').waitFor()
    await accessible(page)
    const stayed = page.waitForResponse('**/account/time-left')
    await page.keyboard.press('Enter')
    expect((await (await stayed).json()).endsInMs).toBeGreaterThan(800_000)
    await notice.waitFor({ state: 'hidden' })
  })

  test('an invitation is made in the dialog; its link is there to copy, once', async () => {
    const page = await open(await anOwner(database.db))
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto('/admin/accounts')
    await page.getByRole('link', { name: 'Invite person' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail address').fill('nia@example.com')
    await dialog.getByLabel('Name').fill('Nia New')
    await dialog.getByText('Viewer', { exact: true }).click()
    await page.keyboard.press('Enter')
    const link = dialog.getByLabel('One-time link')
    await link.waitFor()
    await dialog.getByRole('button', { name: 'Copy the link' }).click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await link.inputValue())
    await accessible(page)
    const invited = await page.context().newPage()
    await invited.goto(await link.inputValue())
    await invited.getByText('Nia New').first().waitFor()
    await dialog.getByRole('link', { name: 'Done' }).click()
    await page.getByRole('heading', { name: 'Nia New' }).waitFor()
  })

  test('the audit log opens an event without JavaScript, and comes anew when something happens', async () => {
    const viewer = await anAccount(database.db, { role: 'viewer' })
    const account = await priya()
    const still = await open(viewer, { javaScript: false })
    await still.goto(`/admin/audit?account=${account.id}`)
    await still.locator('summary', { hasText: 'signed in' }).first().click()
    await still.getByText('Sign-in page or one-time link').or(still.getByText('Panel or own pages')).first().waitFor()

    const live = await open(viewer)
    await live.goto(`/admin/audit?account=${account.id}`)
    await live.locator('[data-state="live"]:visible').waitFor()
    await live.locator('summary', { hasText: 'signed in' }).first().click()
    await blockAccount(database.db, account.id, { reason: 'a zebra' }, TERMINAL)
    await live.getByText('reason: a zebra').waitFor()
    expect(await live.locator('details.audit-event[open]').count()).toBe(1)
  })

  test('the pictures follow the theme, lead to the lists behind them, and stand in numbers beside', async () => {
    await countedFor(database.db, 15)
    const { session } = await aSession(database.db, { account: await anAccount(database.db), from: 'Lisbon' })
    const osaka = aClient({ from: 'Osaka' })
    await age(database.db, session, { signedInFor: '90 minutes' })
    await touchSessions(database.db, [{ id: session.id, secondsAgo: 0, ip: osaka.ip, requests: 9 }], () => osaka.place)
    await addUpChanges(database.db)
    const page = await open(await anOwner(database.db))

    // One drawing for both themes, of the system and chosen. What the policy blocks is a complaint: the test would fail.
    await page.goto('/admin')
    const ink = () =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('.chart path[fill="var(--failures)"]')).fill`)
    const light = await ink()
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(ink).not.toBe(light)
    await page.evaluate("document.documentElement.dataset.theme = 'light'")
    await expect.poll(ink).toBe(light)

    const activity = page.locator('.card', { has: page.getByRole('heading', { name: 'Activity' }) })
    await activity.locator('.legend').getByText('A week before').waitFor()
    const leadsTo = (selector: string) => page.locator(selector).last().getAttribute('href')
    expect(await leadsTo('.map a:has(.bubble)')).toMatch(/^\/admin\/sessions\?country=[A-Z]{2}$/)
    expect(await leadsTo('.heat:visible a')).toMatch(/^\/admin\/audit\?group=failures&since=.*&until=/)
    await activity.locator('a:has(.spot):visible').nth(40).click()
    await page.waitForURL(/\/admin\/audit\?group=sign-in-history&since=.*&until=/)

    // The same by keyboard.
    await page.goto('/admin')
    await activity.getByRole('link', { name: '30 days' }).press('Enter')
    await page.waitForURL('**/admin?range=30d')
    await activity.getByText('Numbers').press('Enter')
    const rows = activity.getByRole('table').getByRole('row')
    expect(await rows.count()).toBe(31)
    expect(await rows.nth(2).innerText()).toMatch(/\t500\t960\t96$/)
    await rows.nth(2).getByRole('link', { name: '96', exact: true }).press('Enter')
    await page.waitForURL(/\/admin\/audit\?group=failures&since=/)

    await page.goto(`/admin/sessions/${session.id}`)
    expect(await leadsTo('.session-life .chart:visible a')).toBe(`/admin/sessions?ip=${osaka.ip}&state=all`)
  })
})

/** So many days of counts, until now: 500 live sessions, and in each quarter of an hour 10 sign-ins and a failure. */
async function countedFor(db: Database, days: number) {
  await db.execute(sql`
    insert into ${sessionCounts} (at, live, online, sign_ins, failures, ended)
    select date_bin('15 minutes', now(), 'epoch') - n * interval '15 minutes', 500, 90, 10, 1, 8
    from generate_series(0, ${days * 96}) n
    on conflict (at) do update set live = 500, sign_ins = 10, failures = 1`)
}
