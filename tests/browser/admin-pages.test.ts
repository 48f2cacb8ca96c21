import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { blockAccount } from '../../src/accounts/blocks/blocks.js'
import { TERMINAL } from '../../src/audit/types.js'
import type { Database } from '../../src/db/connect.js'
import { sessionCounts } from '../../src/db/schema.js'
import { addUpChanges } from '../../src/sessions/lists/tallies.js'
import { revokeAccountSessions } from '../../src/sessions/revoke.js'
import { touchSessions } from '../../src/sessions/touch.js'
import { accessible } from '../support/axe.js'
import { age, anAccount, anOwner, aSession, priyaRaman } from '../support/builders.js'
import { aClient } from '../support/clients.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

oneDatabase((database) => {
  const { app, chromium, open } = usePanel(database)

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
    await priyaRaman(database.db)
    await priyaRaman(database.db)
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

  test('a note about a person is written in a dialog, read by a viewer, and removed', async () => {
    const { db } = database
    const account = await anAccount(db, { name: 'Nils Noted' })
    const path = `/admin/accounts/${account.id}`
    const page = await open(await anAccount(db, { role: 'responder', name: 'Jonas Weber' }))
    await page.goto(path)
    await page.getByRole('link', { name: 'Add note' }).click()
    const asked = page.getByRole('dialog', { name: 'Add a note about Nils Noted?' })
    await asked.getByRole('textbox', { name: 'Note' }).fill('Works from Singapore\nin <b>May</b>.')
    await accessible(page)
    await asked.getByRole('button', { name: 'Add note' }).click()
    const said = page.locator('.note-text')
    await said.waitFor()
    expect(await said.innerText()).toBe('Works from Singapore\nin <b>May</b>.')

    const viewer = await open(await anAccount(db, { role: 'viewer' }), { javaScript: false, width: 390, theme: 'dark' })
    await viewer.goto(path)
    await viewer.getByText('Works from Singapore').waitFor()
    expect(await viewer.getByRole('link', { name: /Add note|Remove/ }).count()).toBe(0)

    await page.getByRole('link', { name: 'Remove the note of Jonas Weber' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove note' }).click()
    await page.getByText('No notes').waitFor()
    await accessible(page)
  })

  test('a note is written and removed without script too', async () => {
    const account = await anAccount(database.db)
    const page = await open(await anOwner(database.db), { javaScript: false })
    await page.goto(`/admin/accounts/${account.id}`)
    await page.getByRole('link', { name: 'Add note' }).click()
    await page.getByRole('textbox', { name: 'Note' }).fill('Call before you block.')
    await page.getByRole('button', { name: 'Add note' }).click()
    await page.getByText('Call before you block.').waitFor()
    await page.getByRole('link', { name: 'Remove the note' }).click()
    await page.getByRole('button', { name: 'Remove note' }).click()
    await page.getByText('No notes').waitFor()
  })

  test('an opened event says the whole place beside its address', async () => {
    const { db } = database
    const account = await anAccount(db)
    await aSession(db, { account, from: 'New York', ip: '2001:db8:1234:5678:9abc:def0:1234:5678' })
    const page = await open(await anOwner(db), { width: 1440 })
    await page.goto(`/admin/audit?account=${account.id}`)
    await page.locator('.audit-event summary').first().click()
    const place = page.locator('.audit-more').getByText('New York, US')
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 })
      expect(await place.evaluate((of) => of.scrollWidth - of.clientWidth)).toBe(0)
      await accessible(page)
    }
  })

  test('columns are chosen in an open menu that stays, and the list is drawn so from then on', async () => {
    await priyaRaman(database.db)
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
    const { session, token } = await aSession(db, { account: await anOwner(db) })
    const page = await chromium.open({ origin: app.url, token })
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
    const account = await priyaRaman(database.db)
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

  test('on paper an account’s page has the date of each time', async () => {
    const { db } = database
    const { account } = await aSession(db, { account: await priyaRaman(db), idleFor: '16 minutes' })
    await revokeAccountSessions(db, account.id, TERMINAL, 'stolen')
    await aSession(db, { account })
    const page = await open(await anOwner(db))
    await page.goto(`/admin/accounts/${account.id}`)
    await page.emulateMedia({ media: 'print' })
    const times = () =>
      page.evaluate<string[]>(`[...document.querySelectorAll('main time')].map((time) =>
        getComputedStyle(time).fontSize === '0px' ? getComputedStyle(time, '::after').content : time.textContent)`)
    expect((await times()).length).toBeGreaterThan(5)
    const undated = async () => (await times()).filter((time) => !/^"\d+ [A-Z][a-z]{2} .*\d\d:\d\d UTC/.test(time))
    await expect.poll(undated).toEqual([])
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
    expect(await leadsTo('.heat:visible a')).toMatch(/^\/admin\/audit\?group=failed-sign-ins&since=.*&until=/)
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
    await page.waitForURL(/\/admin\/audit\?group=failed-sign-ins&since=/)

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
