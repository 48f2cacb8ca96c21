import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createVerifier, endWithSession, type Verifier } from '../../src/client/index.js'
import { aKey } from '../integration/api/client.js'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'
import { useProtectedWiki } from '../support/protectedWiki.js'
import { PROXIES } from '../support/reverseProxy.js'

const PASSWORD = 'seven purple bicycles'

describe.each(PROXIES)('a wiki behind %s, in a browser', (proxy) => {
  oneDatabase((database) => {
    let verifier: Verifier | undefined
    const world = useProtectedWiki(database, proxy, (socket, headers) => {
      if (verifier) endWithSession(verifier, String(headers['x-rollcall-session']), socket)
    })
    const chromium = useChromium()
    const open = () => chromium.open({ origin: world.wiki, anyCertificate: true })

    beforeAll(async () => {
      const { secret } = await aKey(database.db, { app: world.appId, scopes: ['sessions:verify'] })
      verifier = createVerifier({
        url: `http://127.0.0.1:${world.app.services.config.port}`,
        key: secret,
        name: 'wiki-1',
      })
      await verifier.started
    })
    afterAll(() => verifier?.stop())

    async function signIn(page: Page, email: string) {
      await page.getByLabel('E-mail').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }

    test('signed in, sent back, seen in the panel, signed out there: the socket closes, and the next click is out', async () => {
      const person = await anAccount(database.db, { name: 'Priya Raman', password: PASSWORD })
      const page = await open()
      await page.goto('/page?of=mine')
      expect(page.url()).toContain(`${world.rollcall}/sign-in?return_to=`)
      await signIn(page, person.email)
      await page.waitForURL(`${world.wiki}/page?of=mine`)
      await page.getByText(person.email).waitFor()
      await page.getByText('open', { exact: true }).waitFor()

      const owner = await anOwner(database.db, { password: PASSWORD })
      const panel = await chromium.open({ origin: world.rollcall, anyCertificate: true })
      await panel.goto('/sign-in?return_to=/admin/sessions?q=priya')
      await signIn(panel, owner.email)
      const row = panel.locator('[data-row]', { hasText: 'Wiki' })
      await row.getByText('Chrome').first().hover()
      await row
        .getByRole('button', { name: /^Sign out/ })
        .first()
        .click()
      await row.getByText('Signed out', { exact: false }).first().waitFor()

      await page.getByText('closed with 4401').waitFor()
      await page.getByRole('link', { name: 'Next' }).click()
      await page.getByText('You were signed out by an administrator.').waitFor()
      await signIn(page, person.email)
      await page.waitForURL(`${world.wiki}/next`)
    })

    test('signing out of the wiki signs out, and nothing lets back in without the password', async () => {
      const person = await anAccount(database.db, { password: PASSWORD })
      const page = await open()
      await page.goto('/')
      await signIn(page, person.email)
      await page.waitForURL(`${world.wiki}/`)
      await page.goto('/.rollcall/sign-out')
      await page.emulateMedia({ colorScheme: 'dark' })
      await accessible(page, 'the question, dark')
      await page.setViewportSize({ width: 390, height: 844 })
      await page.emulateMedia({ colorScheme: 'light' })
      await accessible(page, 'the question, on a phone')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out').first().waitFor()
      await accessible(page, 'signed out')
      await page.getByRole('link', { name: 'Sign in again' }).click()
      await page.getByLabel('Password', { exact: true }).waitFor()
      expect(page.url()).toContain(`${world.rollcall}/sign-in`)
    })
  })
})
