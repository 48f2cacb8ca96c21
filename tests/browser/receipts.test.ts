import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { createVerifier } from '../../src/client/index.js'
import { followers } from '../../src/db/schema.js'
import { PROJECT_ROOT } from '../../src/root.js'
import { aKey } from '../integration/api/client.js'
import { accessible } from '../support/axe.js'
import { anAccount, anApp, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { leavesForSignIn, type PageOptions, useChromium } from '../support/chromium.js'
import { newestPostgres } from '../support/database.js'
import { type ServerProcess, startServer } from '../support/server.js'

const SCREENSHOTS = join(PROJECT_ROOT, 'tests', 'browser', 'screenshots')

newestPostgres((database) => {
  const browser = useChromium()

  async function twoNodes(env: Record<string, string> = {}): Promise<[ServerProcess, ServerProcess]> {
    // Those of the test before were killed: they count until their leases are over.
    await database.db.delete(followers)
    const node = (name: string) =>
      startServer({ databaseUrl: database.url, env: { ROLLCALL_NODE_NAME: name, LOG_LEVEL: 'warn', ...env } })
    return [await node('auth-1'), await node('auth-2')]
  }

  async function open(at: ServerProcess, account: TestAccount, options: Partial<PageOptions> = {}): Promise<Page> {
    const { token } = await aSession(database.db, { account })
    return browser.open({ origin: at.url, token, ...options })
  }

  async function anAppProcess(at: ServerProcess) {
    const app = await anApp(database.db, { name: `Shop ${crypto.randomUUID().slice(-6)}` })
    const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
    const { token, session } = await aSession(database.db, { app })
    const verifier = createVerifier({ url: at.url, key: secret, name: 'shop-1' })
    onTestFinished(() => void verifier.stop())
    const verdict = () => verifier.verify(token)
    await expect.poll(verdict).toMatchObject({ status: 'active' })
    return { session, verdict }
  }

  async function signOut(admin: Page, name: string) {
    await admin.goto('/admin/sessions')
    const row = admin.locator('[data-row]').filter({ hasText: name }).first()
    await row.hover()
    await row.getByRole('button', { name: `Sign out ${name}` }).click()
  }

  async function pictures(page: Page, name: string) {
    mkdirSync(SCREENSHOTS, { recursive: true })
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      for (const theme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height })
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
        const path = join(SCREENSHOTS, `${name}-${width}-${theme}.png`)
        await page.screenshot({ path, animations: 'disabled' })
        await accessible(page)
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  }

  it('S-15 an admin at one node signs out a tab at the other: it leaves, and the toast says that all refuse it', async () => {
    const [a, b] = await twoNodes()
    const ada = await anOwner(database.db, { name: 'Ada Byrne' })
    const priya = await anAccount(database.db, { name: 'Priya Raman' })
    const shop = await anAppProcess(b)
    const tab = await open(b, priya)
    await tab.goto('/account/sessions')
    const admin = await open(a, ada)
    await signOut(admin, 'Priya Raman')

    await leavesForSignIn(tab)
    const toast = admin.locator('.toast')
    await toast.getByText(/Refused on 2 of 2 nodes and 1 of 1 app process after \d+\sms/).waitFor()
    await toast.getByText(/Measured \d+\sms, guaranteed within 2\ss/).waitFor()
    expect(await toast.locator('.receipt').getAttribute('data-state')).toBe('green')
    const row = admin.locator('[data-leaving]').filter({ hasText: 'Priya Raman' })
    await row.getByText(/refused on 2 of 2 nodes, \d+\sms/).waitFor()
    const entry = await toast.getByRole('link', { name: 'Open audit entry' }).getAttribute('href')
    await toast.hover()
    await pictures(admin, 'receipt')

    // The audit entry and the session keep it.
    await admin.goto(entry ?? '')
    await admin.getByText(/Refused on 2 of 2 nodes and 1 of 1 app process after \d+\sms/).waitFor()
    await pictures(admin, 'receipt-audit')
    await admin.getByRole('link', { name: 'The session' }).click()
    await admin.getByText(/Refused on 2 of 2 nodes and 1 of 1 app process after \d+\sms/).waitFor()
    await pictures(admin, 'receipt-session')

    // The app's own session is refused by the app.
    await admin.goto(`/admin/sessions/${shop.session.id}`)
    await admin.getByRole('button', { name: 'Sign out' }).first().click()
    await admin
      .getByText(/Refused on 2 of 2 nodes and 1 of 1 app process after \d+\sms/)
      .first()
      .waitFor()
    expect(await shop.verdict()).toEqual({ status: 'denied', reason: 'ended' })

    await admin.goto('/admin/settings/about')
    await admin.getByText('auth-2').first().waitFor()
    await pictures(admin, 'about')
  })

  it('names a node that is stopped, and says when its lease is over; nothing is green', async () => {
    // Long enough that the act comes within it, however slow the machine is.
    const [a, b] = await twoNodes({ ROLLCALL_LEASE_MS: '8000' })
    const admin = await open(a, await anOwner(database.db, { name: 'Ada Byrne' }))
    await anAccountWithSession('Noor Haddad')
    process.kill(b.pid, 'SIGSTOP')
    onTestFinished(() => void process.kill(b.pid, 'SIGCONT'))

    await signOut(admin, 'Noor Haddad')
    const toast = admin.locator('.toast')
    await toast.getByText(/Refused on 1 of 2 nodes…/).waitFor()
    await toast.getByText(/auth-2 has not confirmed; its lease runs out in \d\.\d\ss\./).waitFor()
    await admin.screenshot({ path: join(SCREENSHOTS, 'receipt-waiting-1440-light.png') })
    await toast.hover()
    await toast
      .getByText('auth-2 did not confirm; its lease has run out: it refuses everything until it is back.')
      .waitFor()
    expect(await toast.locator('[data-state="green"]').count()).toBe(0)
    await pictures(admin, 'receipt-late')
  })

  it('is asked for again where there was no answer once', async () => {
    const [a] = await twoNodes()
    const silent = { id: crypto.randomUUID(), name: 'auth-3', version: '1', leaseMs: 60_000, seenAt: new Date() }
    await database.db.insert(followers).values(silent)
    const admin = await open(a, await anOwner(database.db, { name: 'Ada Byrne' }))
    await anAccountWithSession('Ines Marques')
    browser.allow(/admin\/receipts.* answered 503/)
    let asked = 0
    await admin.route('**/admin/receipts/*', (route) => {
      asked += 1
      return asked === 1 ? route.fulfill({ status: 503 }) : route.continue()
    })
    await signOut(admin, 'Ines Marques')
    const toast = admin.locator('.toast')
    await expect.poll(() => asked).toBeGreaterThan(0)
    await database.db.delete(followers).where(eq(followers.id, silent.id))
    await toast.getByText(/Refused on 2 of 2 nodes after/).waitFor()
  })

  it('is not asked for again where the server refuses it, and says why', async () => {
    const [a] = await twoNodes()
    const silent = { id: crypto.randomUUID(), name: 'auth-3', version: '1', leaseMs: 60_000, seenAt: new Date() }
    await database.db.insert(followers).values(silent)
    const admin = await open(a, await anOwner(database.db, { name: 'Ada Byrne' }))
    await anAccountWithSession('Lena Vogel')
    let asked = 0
    await admin.route('**/admin/receipts/*', (route) => {
      asked += 1
      return route.continue({
        url: route
          .request()
          .url()
          .replace(/receipts\/[^?]+/, 'receipts/none'),
      })
    })
    await signOut(admin, 'Lena Vogel')
    const toast = admin.locator('.toast')
    await toast.hover()
    await toast.getByText('not brought up to date any more. There is no such receipt.').waitFor()
    // Two rounds of what was asked before.
    await admin.waitForTimeout(4500)
    expect(asked).toBe(1)
    await pictures(admin, 'receipt-refused')
  })

  it('follows an act over to the next page', async () => {
    const [a] = await twoNodes()
    const admin = await open(a, await anOwner(database.db, { name: 'Ada Byrne' }))
    const sam = await anAccountWithSession('Sam Okafor')
    await admin.goto(`/admin/accounts/${sam.id}`)
    await admin.getByRole('link', { name: 'Block account…' }).click()
    const dialog = admin.getByRole('dialog')
    await dialog.getByText('Compromised').click()
    await dialog.getByRole('button', { name: 'Block account' }).click()
    await admin.getByText('Sam Okafor is blocked').waitFor()
    await admin.getByText(/Refused on 2 of 2 nodes after \d+\sms/).waitFor()
    await admin.getByRole('link', { name: 'Lift block' }).click()
    await admin.getByRole('dialog').getByRole('button', { name: 'Lift block' }).click()
    await admin.getByText(/In force on 2 of 2 nodes after \d+\sms/).waitFor()
  })

  async function anAccountWithSession(name: string) {
    const account = await anAccount(database.db, { name })
    await aSession(database.db, { account })
    return account
  }
})
