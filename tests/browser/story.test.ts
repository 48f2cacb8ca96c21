import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { PROJECT_ROOT } from '../../src/root.js'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession, OWNER_PASSWORD, type TestAccount } from '../support/builders.js'
import { leavesForSignIn, useChromium } from '../support/chromium.js'
import { userAgentOf } from '../support/clients.js'
import { eachKindOfDatabase, type TestDatabase } from '../support/database.js'

const STOLEN_PASSWORD = 'a password that got out, long enough'
const SCREENSHOTS = join(PROJECT_ROOT, 'tests', 'browser', 'screenshots')

/** A real address, so that the bundled database tells where it is. */
const FALKENSTEIN = '5.9.1.1'

eachKindOfDatabase((database) => {
  const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1,::1' })
  const browser = useChromium()

  it('an admin finds the stolen session at night, blocks the account, and the attacker is out at once', async () => {
    const { admin, attacker, priya, ada } = await theNight(database)

    // The admin looks for the person and sees four sessions, one of them on Linux from a country where she isn't.
    await admin.goto('/admin/sessions')
    await admin.getByRole('searchbox').fill('priya')
    await admin.keyboard.press('Enter')
    const rows = admin.locator('[data-row]')
    await expect.poll(() => rows.count()).toBe(4)
    const strange = rows.filter({ hasText: 'Linux' })
    expect(await strange.innerText()).toMatch(/5\.9\.1\.1[\s\S]*DE/)
    await picture(admin, '1-four-sessions')

    // Opens it, and sees its address and times.
    await strange.getByRole('link', { name: 'Priya Raman' }).click()
    const sheet = admin.locator('#drawer #session')
    await sheet.waitFor()
    expect(await sheet.innerText()).toMatch(/5\.9\.1\.1/)
    expect(admin.url()).toMatch(/\/admin\/sessions\/[0-9a-f-]{36}/)
    await picture(admin, '2-the-session')

    // Blocks the account with a reason for 24 hours.
    await sheet.getByRole('link', { name: /Block account/ }).click()
    const dialog = admin.getByRole('dialog')
    await dialog.getByText('Block Priya Raman?').waitFor()
    expect(await dialog.innerText()).toMatch(/4 sessions/)
    await dialog.getByText('Compromised').click()
    await dialog.getByText('24 hours').click()
    await picture(admin, '3-block')
    await dialog.getByRole('button', { name: 'Block account' }).click()
    await admin
      .getByText(/Priya Raman is blocked/)
      .first()
      .waitFor()
    await picture(admin, '4-blocked')

    // The attacker's open page leaves by itself; the next click and a new sign-in are refused.
    await leavesForSignIn(attacker)
    expect(await attacker.innerText('body')).toMatch(/signed out by an administrator/i)
    await picture(attacker, '5-attacker-out')
    await attacker.goto('/account/security')
    expect(attacker.url()).toMatch(/\/sign-in/)
    await signIn(attacker, priya, STOLEN_PASSWORD)
    await attacker
      .getByText(/blocked/i)
      .first()
      .waitFor()
    await picture(attacker, '6-attacker-refused')

    // The person's other sessions are gone too.
    await admin.goto('/admin/sessions?q=priya')
    await admin.getByText('No session matches').waitFor()

    // The audit log says who did it, when, why.
    await admin.goto('/admin/audit')
    const event = admin.getByText(/blocked Priya Raman/).first()
    await event.waitFor()
    const line = await admin.locator('body').innerText()
    expect(line).toMatch(/Ada Byrne blocked Priya Raman[^\n]*[\s\S]*?compromised/i)
    await picture(admin, '7-audit')

    // The next morning the admin lifts the block and hands over a link for a new password.
    await admin.goto(`/admin/accounts/${priya.id}`)
    await admin.getByRole('link', { name: 'Lift block' }).click()
    await admin.getByRole('dialog').getByRole('button', { name: 'Lift block' }).click()
    await admin.getByRole('link', { name: /Block account/ }).waitFor()
    await admin.goto(`/admin/accounts/${priya.id}/invitation`)
    await admin.getByRole('button', { name: /Make the link/ }).click()
    const link = new URL(await admin.getByLabel('One-time link').inputValue())

    const herself = await browser.open({ origin: app.url, userAgent: userAgentOf('Chrome on Windows') })
    await herself.goto(link.pathname + link.search)
    await herself.getByLabel('New password').fill('Tr4vel-kettle-opinion-9')
    await herself.getByRole('button', { name: /Set password/ }).click()
    await herself.waitForURL(/\/account/)
    await herself.getByRole('heading', { name: 'Your devices' }).waitFor()
    await picture(herself, '8-herself-again')

    // The stolen password is worth nothing any more.
    await signIn(attacker, priya, STOLEN_PASSWORD)
    await attacker
      .getByText(/wrong|don’t match|not right|incorrect/i)
      .first()
      .waitFor()
    expect(ada.name).toBe('Ada Byrne')
  })

  async function theNight({ db }: TestDatabase) {
    const ada = await anOwner(db, { name: 'Ada Byrne', email: 'ada@northwind.example' })
    await anAccount(db, { name: 'Jonas Weber', email: 'jonas@northwind.example' })
    const priya = await anAccount(db, {
      name: 'Priya Raman',
      email: 'priya@northwind.example',
      password: STOLEN_PASSWORD,
    })
    for (const on of ['Chrome on Windows', 'Safari on iPhone', 'Safari on Mac'] as const) {
      await aSession(db, { account: priya, on, from: 'Lisbon', idleFor: '5 minutes' })
    }
    const attacker = await browser.open({ origin: app.url, userAgent: userAgentOf('Firefox on Linux') })
    await attacker.setExtraHTTPHeaders({ 'x-forwarded-for': FALKENSTEIN })
    await attacker.goto('/sign-in')
    await signIn(attacker, priya, STOLEN_PASSWORD)
    await attacker.getByRole('heading', { name: 'Your devices' }).waitFor()

    const admin = await browser.open({ origin: app.url })
    await admin.goto('/sign-in?return_to=/admin/sessions')
    await signIn(admin, ada, OWNER_PASSWORD)
    await admin.waitForURL('**/admin/sessions')
    return { admin, attacker, priya, ada }
  }

  async function signIn(page: Page, { email }: TestAccount, password: string) {
    await page.getByLabel('E-mail').fill(email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  async function picture(page: Page, name: string) {
    mkdirSync(SCREENSHOTS, { recursive: true })
    await page.screenshot({ path: join(SCREENSHOTS, `story-${database.kind}-${name}.png`) })
  }
})
