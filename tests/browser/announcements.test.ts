import { eq, sql } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { type JobId, newId } from '../../src/db/ids.js'
import { jobs } from '../../src/db/schema.js'
import { type Announcement, hearing } from '../support/announced.js'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { newestPostgres } from '../support/database.js'

const BROKEN = 'It did not work. Try again in a moment.'

/** What is said to who does not see it, once, and in a region that was there before. */
newestPostgres((database) => {
  const app = useApp(database)
  const chromium = useChromium()

  async function opened(path: string): Promise<{ page: Page; said: () => Promise<Announcement[]> }> {
    const { token } = await aSession(database.db, { account: await anOwner(database.db) })
    const page = await chromium.open({ origin: app.url, token })
    const said = await hearing(page)
    await page.goto(path)
    await page.locator('[data-connection][data-state="live"]:visible').waitFor()
    return { page, said }
  }

  async function person(name: string) {
    const account = await anAccount(database.db, { name })
    return (await aSession(database.db, { account })).session
  }

  const breaks = (page: Page, what: RegExp | string) =>
    page.route(what, (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 503 }) : route.continue(),
    )

  test('a page that has just come says nothing by itself', async () => {
    const { page, said } = await opened('/admin')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(await said()).toEqual([])
  })

  test('a sign-out is said once, who refuses it by now when that changes, and not each time it is asked', async () => {
    const { session, name } = { session: await person('Rita Receipt'), name: 'Rita Receipt' }
    await database.db.execute(sql`
      insert into followers (id, name, version, snapshot, seen_at, lease_ms)
      select gen_random_uuid(), 'auth-2', version, snapshot, now(), 7000 from followers limit 1`)
    const { page, said } = await opened('/admin/sessions?q=rita')
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/admin/receipts/')) asked += 1
    })
    await page.locator(`#s-${session.id}`).hover()
    await page.locator(`#s-${session.id}`).getByRole('button', { name: 'Sign out' }).click()
    await page.locator('.toast').getByText('its lease has run out').waitFor()
    expect(asked).toBeGreaterThan(2)
    const heard = (await said()).map(([, text]) => text)
    expect(heard.filter((text) => text.includes(name))).toHaveLength(1)
    expect(heard.filter((text) => text.includes('auth-2 has not confirmed')).length).toBeLessThanOrEqual(1)
    expect(heard.filter((text) => text.includes('its lease has run out'))).toHaveLength(1)
    await database.db.execute(sql`delete from followers where name = 'auth-2'`)
  })

  test('new sessions that wait are said once, however many more come', async () => {
    const { page, said } = await opened('/admin/sessions')
    await page.locator('[data-row-link]').first().focus()
    await person('First Comer')
    await page.getByRole('button', { name: '1 new, show' }).waitFor()
    await person('Second Comer')
    await page.getByRole('button', { name: '2 new, show' }).waitFor()
    expect(await said()).toEqual([['polite', 'New sessions wait above the list']])
  })

  test('what came of a search is said once each time, while the focus stays in the box', async () => {
    await person('Sela Search')
    await person('Sela Second')
    const { page, said } = await opened('/admin/sessions')
    const box = page.getByRole('searchbox')
    const heard = () => said().then((all) => all.map(([how, text]) => `${how}: ${text}`))
    await box.fill('sela')
    await expect.poll(heard).toEqual(['polite: 2 sessions'])
    await box.fill('sela sec')
    await expect.poll(heard).toEqual(['polite: 2 sessions', 'polite: 1 session'])
    await box.fill('sela nobody')
    await expect.poll(heard).toEqual(['polite: 2 sessions', 'polite: 1 session', 'polite: No session matches'])
    expect(await box.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    await page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:sessions'))")
    await page.waitForResponse((response) => new URL(response.url()).pathname === '/admin/sessions')
    expect(await heard()).toHaveLength(3)
  })

  test('how many are selected is said when it changes, and not when the list comes anew', async () => {
    const { page, said } = await opened('/admin/sessions')
    await page.locator('.row-select').first().check()
    await page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:sessions'))")
    await page.waitForResponse((response) => new URL(response.url()).pathname === '/admin/sessions')
    await page.locator('.row-select').nth(1).check()
    expect(await said()).toEqual([
      ['polite', '1 selected'],
      ['polite', '2 selected'],
    ])
  })

  test('how far a mass sign-out is, is said by the quarter, and that it is done', async () => {
    const { db } = database
    const [other] = await database.twoConnections()
    const id = newId<JobId>()
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await new Promise<void>((holds) => {
      void other.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall jobs'))`)
        holds()
        await held
      })
    })
    const of = {
      filter: {},
      what: 'app Billing',
      reason: 'test',
      byKind: 'system',
      byName: 'Rollcall',
      refused: 0,
      spared: 0,
    }
    await db.insert(jobs).values({ id, ...of, total: 400 })
    const { page, said } = await opened(`/admin/jobs/${id}`)
    for (const [ended, state] of [
      [10, 'running'],
      [90, 'running'],
      [110, 'running'],
      [130, 'running'],
      [400, 'done'],
    ] as const) {
      await db.update(jobs).set({ ended, state }).where(eq(jobs.id, id))
      await page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:beat'))")
      await page.locator('#job-progress dd').getByText(String(ended), { exact: true }).waitFor()
    }
    expect(await said()).toEqual([
      ['polite', '25 % of the rows marked'],
      ['polite', 'Done: 400 rows marked'],
    ])
    release()
  })

  test('that the stream was lost is said, and that it is back', async () => {
    chromium.allow(/stream|ERR_FAILED/)
    const { page, said } = await opened('/admin/sessions')
    await page.route('**/admin/stream', (route) => route.abort())
    app.services.streams.closeAll()
    const connection = page.locator('[data-connection]:visible')
    await connection.getByText('Reconnecting…').waitFor()
    await page.unroute('**/admin/stream')
    await connection.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 })
    expect(await said()).toEqual([
      ['polite', 'Reconnecting…'],
      ['polite', 'Live'],
    ])
  })

  test('what the server could not do is said at once: by the page, or by the dialog that is open', async () => {
    chromium.allow(/503/)
    const session = await person('Eve Error')
    const { page, said } = await opened('/admin/sessions?q=eve')
    await breaks(page, '**/revoke')
    await page.locator(`#s-${session.id}`).hover()
    await page.locator(`#s-${session.id}`).getByRole('button', { name: 'Sign out' }).click()
    await page.locator('.toast').getByText(BROKEN).waitFor()
    expect(await said()).toEqual([['assertive', expect.stringContaining(BROKEN)]])

    await page.goto(`/admin/accounts/${session.account.id}`)
    await breaks(page, '**/block')
    await page.getByRole('link', { name: 'Block account…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Compromised').click()
    await dialog.getByRole('button', { name: 'Block account' }).click()
    await dialog.getByText(BROKEN).waitFor()
    expect(await said()).toEqual([['assertive', BROKEN]])
    expect(await page.locator('.toast').count()).toBe(0)
  })

  test('what is wrong with a field is described where the focus goes, and not said besides', async () => {
    const session = await person('Fay Field')
    const { page, said } = await opened(`/admin/accounts/${session.account.id}`)
    await page.getByRole('link', { name: 'Block account…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Other', { exact: true }).click()
    await dialog.getByRole('button', { name: 'Block account' }).click()
    await dialog.getByText('Write the reason in a few words.').waitFor()
    const box = dialog.getByLabel('In your words')
    expect(await box.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    expect(await box.getAttribute('aria-describedby')).toBe(
      await dialog.getByText('Write the reason in a few words.').getAttribute('id'),
    )
    expect(await said()).toEqual([])
  })
})
