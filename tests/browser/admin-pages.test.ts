import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { eq } from 'drizzle-orm'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../src/accounts/blocks.js'
import { blockNetwork } from '../../src/accounts/networkBlocks.js'
import { saveImport } from '../../src/accounts/networkImports.js'
import { readNetworkList } from '../../src/accounts/networkList.js'
import { findAccount } from '../../src/accounts/read.js'
import { reviewNetworks } from '../../src/accounts/reviewNetworks.js'
import { recordAudit } from '../../src/audit/record.js'
import { AUDIT_ACTIONS, TERMINAL } from '../../src/audit/types.js'
import type { Database } from '../../src/db/connect.js'
import type { JobId } from '../../src/db/ids.js'
import { jobs } from '../../src/db/schema.js'
import { countSessions } from '../../src/sessions/list.js'
import { revokeAccountSessions } from '../../src/sessions/revoke.js'
import { revokeMatching } from '../../src/sessions/revokeMatching.js'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { type PageOptions, useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

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
    await page.route('**/admin/stream', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: 'retry: 100000\n\n' }),
    )
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

  describe('axe has nothing to say about', () => {
    const PATHS = [
      '/admin/accounts',
      '/admin/accounts?status=blocked',
      '/admin/accounts/invite',
      '/admin/accounts/:id',
      '/admin/accounts/:id?tab=sign-ins',
      '/admin/accounts/:id?tab=audit',
      '/admin/accounts/:id/block',
      '/admin/accounts/:id/revoke-sessions',
      '/admin/accounts/:id/role',
      '/admin/kill-switch',
      '/admin/jobs',
      '/admin/sessions/revoke-matching',
      '/admin/sessions/revoke-matching?account=:id',
      '/admin/blocks',
      '/admin/blocks?state=lifted',
      '/admin/blocks/new',
      '/admin/blocks/import',
      '/admin/blocks/import/:import',
      '/admin/audit',
      '/admin/audit?q=nothing-has-this',
      '/admin/settings',
      '/admin/settings/admins',
      '/admin/settings/keys',
      '/admin/settings/keys/new',
      '/admin/settings/about',
    ]

    test.each([
      ['light', 1440],
      ['dark', 390],
    ] as const)('any page, %s, %d px wide; none scrolls sideways', { timeout: 180_000 }, async (theme, width) => {
      const { db } = database
      const account = await priya()
      const blocked = await anAccount(db, { name: 'Marta Kowalczyk' })
      await blockAccount(db, blocked.id, { reason: 'compromised', message: 'Call us.' }, TERMINAL)
      await blockNetwork(db, { network: '198.18.0.0/15', reason: 'attack' }, TERMINAL)
      const list = readNetworkList('198.18.0.0/15\n203.0.113.200,spam\nthe office\n', { reason: 'attack' }, new Date())
      if ('problem' in list) throw new Error(list.problem)
      const reviewed = await reviewNetworks(db, list, TERMINAL)
      const kept = await saveImport(db, { name: 'feed.csv', endSessions: true }, reviewed, TERMINAL)
      for (const action of AUDIT_ACTIONS) {
        await recordAudit(db, TERMINAL, action, { accountId: account.id, details: { why: 'not-allowed', ended: 2 } })
      }
      const page = await open(await anOwner(db), { theme, width })
      for (const path of [...PATHS, `/admin/accounts/${blocked.id}`, ...(await jobPages(db))]) {
        await page.goto(path.replace(':id', account.id).replace(':import', kept))
        await accessible(page)
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      }
    })
  })
})

/** Of a mass sign-out that is done, and of one whose marking is paused. */
async function jobPages(db: Database): Promise<string[]> {
  const filter = { ip: '192.88.99.0/24' }
  const acts = [
    await revokeMatching(db, filter, TERMINAL, 'proxy'),
    await revokeMatching(db, filter, TERMINAL, 'proxy'),
  ]
  const ids = acts.flatMap((act) => (act.status === 'done' ? [act.job] : []))
  await db
    .update(jobs)
    .set({ state: 'paused', total: 1_200, ended: 400 })
    .where(eq(jobs.id, ids[0] as JobId))
  return ids.map((id) => `/admin/jobs/${id}`)
}

/** axe finds nothing to complain of. */
async function accessible(page: Page) {
  await page.evaluate(AXE)
  const violations = await page.evaluate(
    'axe.run().then((result) => result.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) })))',
  )
  expect(violations, page.url()).toEqual([])
}
