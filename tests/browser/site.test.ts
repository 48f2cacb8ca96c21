import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { inviteAccount } from '../../src/accounts/passwords/invitations.js'
import { SYSTEM, TERMINAL } from '../../src/audit/types.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { parseToken } from '../../src/sessions/token.js'
import { useApp } from '../support/app.js'
import { accessible } from '../support/axe.js'
import { anAccount, aSession } from '../support/builders.js'
import { leavesForSignIn, useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'

const PASSWORD = 'seven purple bicycles'

oneDatabase((database) => {
  const app = useApp(database)
  const chromium = useChromium()
  const open = (options: Partial<Parameters<typeof chromium.open>[0]> = {}) =>
    chromium.open({ origin: app.url, width: 1280, height: 800, ...options })

  test('the printed link makes the owner, who lands on the overview with their own session in it', async () => {
    const page = await open()
    await page.goto(`/setup?token=${app.setupToken}`)
    expect(await page.title()).toBe('Set up Rollcall - Rollcall')
    await accessible(page)
    await page.getByLabel('Your name').fill('Olga Owner')
    await page.getByLabel('E-mail').fill('olga@example.com')
    await page.getByLabel('Password', { exact: true }).fill('short but fine')
    await page.getByRole('button', { name: 'Make the owner' }).click()
    await page.waitForURL('**/admin')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  })

  test('what a problem of the API means is readable in light and in dark, on a phone too', async () => {
    const page = await open({ width: 390 })
    await page.goto('/api/v1/problems')
    await accessible(page)
    await page.getByRole('link', { name: 'bad-input' }).click()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.getByRole('heading', { name: 'What to do' }).waitFor()
    await accessible(page)
    await page.getByRole('link', { name: 'All problems' }).click()
    await page.getByRole('heading', { name: 'Problems' }).waitFor()
    await accessible(page)
  })

  describe('signing in', () => {
    test('a wrong password is said beside its field, the right one goes on to where one wanted', async () => {
      const account = await anAccount(database.db, { name: 'Lena Hoffmann', password: PASSWORD })
      const page = await open()
      await page.goto('/account/security')
      expect(page.url()).toBe(`${app.url}/sign-in?return_to=%2Faccount%2Fsecurity`)
      await page.getByLabel('E-mail').fill(account.email)
      await page.getByLabel('Password', { exact: true }).fill('wrong')
      await page.keyboard.press('Enter')
      const error = page.getByText('The e-mail address or the password is not right.')
      await error.waitFor()
      const password = page.getByLabel('Password', { exact: true })
      expect(await password.getAttribute('aria-describedby')).toBe('password-error')
      expect(await password.evaluate((input) => input === input.ownerDocument.activeElement)).toBe(true)
      expect(await page.getByLabel('E-mail').inputValue()).toBe(account.email)
      await accessible(page)
      await password.fill(PASSWORD)
      await page.keyboard.press('Enter')
      await page.waitForURL('**/account/security')
    })

    test('the password can be looked at', async () => {
      const page = await open()
      await page.goto('/sign-in')
      const password = page.locator('#password')
      await password.fill('to be seen')
      await page.getByRole('button', { name: 'Show the password' }).click()
      expect(await password.getAttribute('type')).toBe('text')
      await page.getByRole('button', { name: 'Show the password' }).click()
      expect(await password.getAttribute('type')).toBe('password')
    })

    test('works without JavaScript, and so do devices, theme and sign-out', async () => {
      const account = await anAccount(database.db, { password: PASSWORD })
      await aSession(database.db, { account, on: 'Safari on iPhone' })
      const page = await open({ javaScript: false })
      await signIn(page, account.email)
      await page.waitForURL('**/account/sessions')
      await page.getByRole('button', { name: 'Switch between light and dark' }).click()
      await page.waitForURL('**/account/sessions')
      expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
      await page.getByRole('link', { name: 'Sign out all other devices' }).click()
      await page.getByRole('button', { name: 'Sign out all others' }).click()
      await page.getByText('One other device is signed out').waitFor()
      await page.getByRole('button', { name: 'Sign out this device' }).click()
      await page.getByText('You are signed out.').waitFor()
    })

    test('an invitation is accepted', async () => {
      const invited = await inviteAccount(
        database.db,
        { email: 'noor@example.com', name: 'Noor Newcomer', role: 'person' },
        TERMINAL,
      )
      if (invited.status !== 'invited') return expect.fail(invited.status)
      const page = await open()
      await page.goto(`/invitation?token=${invited.token}`)
      await page.getByText('noor@example.com').waitFor()
      await accessible(page)
      await page.getByLabel('New password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Set password and sign in' }).click()
      await page.getByRole('heading', { name: 'Your devices' }).waitFor()
    })
  })

  describe('signing out', () => {
    test('S-17 an open page leaves by itself when its session is ended, and the sign-in page says why', async () => {
      const { page } = await aPersonAt('/account')
      const session = await sessionOf(page)
      await revokeSession(database.db, session, SYSTEM, 'stolen')
      await leavesForSignIn(page, '/account')
      await page.getByText('You were signed out by an administrator.').waitFor()
      await page.getByText('Sign in again to go back to where you were.').waitFor()
      await accessible(page)
    })

    test('S-09 the back button shows nothing after the sign-out', async () => {
      const { page, account } = await aPersonAt('/account')
      await page.getByRole('main').getByText(account.email).waitFor()
      await page.goto('/account/sessions')
      await page.getByRole('button', { name: 'Sign out this device' }).click()
      await page.getByText('You are signed out.').waitFor()
      await page.goBack()
      await page.waitForURL(/\/sign-in/)
      expect(await page.content()).not.toContain(account.email)
      await page.goBack()
      await page.waitForURL(/\/sign-in/)
      expect(await page.content()).not.toContain(account.email)
    })

    test('a device that signs in appears by itself, one that is signed out goes', async () => {
      const { page, account } = await aPersonAt('/account/sessions')
      const { session } = await aSession(database.db, { account, on: 'Safari on iPhone' })
      await page.getByRole('heading', { name: 'Safari on iPhone' }).waitFor()
      await page.getByText('Where you are signed in, 2 devices.').waitFor()
      await revokeSession(database.db, session.id, SYSTEM, null)
      await page.getByRole('heading', { name: 'Safari on iPhone' }).waitFor({ state: 'detached' })
    })

    test('a device that signed in before the page was live appears as soon as it is', async () => {
      const { page, account } = await aPersonAt('/account')
      let open = () => {}
      const opening = new Promise<void>((resolve) => {
        open = resolve
      })
      await page.route(/\/stream$/, (route) => opening.then(() => route.continue()))
      await page.goto('/account/sessions')
      await aSession(database.db, { account, on: 'Safari on iPhone' })
      open()
      await page.getByRole('heading', { name: 'Safari on iPhone' }).waitFor()
    })

    test('all other devices are signed out from a dialog that says how many', async () => {
      const { page, account } = await aPersonAt('/account/sessions')
      await aSession(database.db, { account, on: 'Safari on iPhone' })
      await aSession(database.db, { account, on: 'Firefox on Linux' })
      await page.reload()
      await page.getByRole('link', { name: 'Sign out all other devices' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('Sign out 2 other devices?').waitFor()
      await accessible(page)
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'hidden' })
      await page.getByRole('link', { name: 'Sign out all other devices' }).click()
      await dialog.getByRole('button', { name: 'Sign out all others' }).click()
      await page.getByText('2 other devices are signed out').waitFor()
    })
  })

  test('S-27 a changed password is said, and another page of this browser goes on', async () => {
    const { page, account } = await aPersonAt('/account/security')
    const beside = await open({ sameAs: page })
    await beside.goto('/account/sessions')
    await page.getByLabel('Present password').fill(account.password ?? '')
    await page.getByLabel('New password').fill('eleven silent trombones')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.getByText('Your password is changed').waitFor()
    await beside.reload()
    await beside.getByRole('heading', { name: 'Your devices' }).waitFor()
  })

  test.each([
    [1440, 'light'],
    [390, 'dark'],
  ] as const)(
    'S-40 every page keeps to the policy, is accessible at %i px, %s, and no wider than the screen',
    async (width, theme) => {
      const { page, account } = await aPersonAt('/account', { width, theme })
      await aSession(database.db, { account, on: 'Safari on iPhone', from: 'Lisbon', idleFor: '3 hours' })
      const paths = [
        '/account',
        '/account/sessions',
        '/account/sessions/revoke-others',
        '/account/security',
        '/nothing',
      ]
      const strangers = ['/sign-in', '/setup', '/invitation']
      for (const path of [...paths, ...strangers]) {
        if (strangers.includes(path)) await page.context().clearCookies()
        await page.goto(path)
        await accessible(page)
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      }
    },
  )

  async function aPersonAt(path: string, options: Parameters<typeof open>[0] = {}) {
    const account = await anAccount(database.db, { name: 'Lena Hoffmann', password: PASSWORD })
    const page = await open(options)
    await signIn(page, account.email)
    await page.waitForURL('**/account/sessions')
    await page.goto(path)
    return { page, account }
  }

  async function signIn(page: Page, email: string) {
    await page.goto('/sign-in')
    await page.locator('#email').fill(email)
    await page.locator('#password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  async function sessionOf(page: Page) {
    const cookie = (await page.context().cookies()).find(({ name }) => name === 'rollcall')
    return parseToken(cookie?.value ?? '')?.id ?? expect.fail('not signed in')
  }
})
