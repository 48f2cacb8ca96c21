import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'

oneDatabase((database) => {
  const app = useApp(database)
  const browser = useChromium()

  async function signedIn(): Promise<Page> {
    const { token } = await aSession(database.db, { account: await anOwner(database.db), ip: '127.0.0.1' })
    return browser.open({ origin: app.url, token })
  }

  describe('the content security policy', () => {
    it('S-40 markup that got in without the page’s nonce is inert: it sends nothing, and no script of it runs', async () => {
      // hx-csp says in the console what it stops.
      browser.allow(/\[hx-csp\] blocked <button>/)
      const page = await signedIn()
      await page.goto('/admin/sessions')
      const nonce = await page.locator('[hx-nonce]').first().getAttribute('hx-nonce')
      const sent: string[] = []
      page.on('request', (request) => sent.push(new URL(request.url()).pathname))
      /** As a hole in a template would, and then as htmx takes in what a swap brought. */
      const inject = (attributes: Record<string, string>) =>
        page.evaluate(`{
          const button = document.createElement('button')
          for (const [name, value] of ${JSON.stringify(Object.entries(attributes))}) button.setAttribute(name, value)
          document.body.append(button)
          htmx.process(document.body)
          button.click()
        }`)

      await inject({ 'hx-get': '/admin/stolen', 'hx-trigger': 'load, click' })
      await inject({ 'hx-get': '/admin/stolen', 'hx-trigger': 'load, click', 'hx-nonce': 'guessed' })
      await inject({ 'data-hx-get': '/admin/stolen', 'data-hx-trigger': 'load, click' })
      await inject({ 'hx-on:click': "fetch('/admin/stolen')" })
      // With the nonce the same markup works: what comes before was stopped, not broken.
      const answered = page.waitForResponse((response) => response.url().endsWith('/admin/with-nonce'))
      await inject({ 'hx-get': '/admin/with-nonce', 'hx-swap': 'none', 'hx-nonce': nonce ?? '' })
      await answered
      expect(sent.filter((path) => path === '/admin/stolen')).toEqual([])
    })

    it('S-40 S-43 hostile names bring no markup to life on any page that shows them', async () => {
      const name = `<img src=x onerror=fetch('/stolen')><b hx-get=/stolen hx-trigger=load>x</b>`
      const account = await anAccount(database.db, { name })
      await aSession(database.db, { account, userAgent: name })
      const page = await signedIn()
      const sent: string[] = []
      page.on('request', (request) => sent.push(new URL(request.url()).pathname))
      for (const path of [
        '/admin',
        '/admin/sessions',
        '/admin/accounts',
        `/admin/accounts/${account.id}`,
        '/admin/audit',
      ]) {
        await page.goto(path)
        expect(await page.locator('b[hx-get], img[src=x]').count(), path).toBe(0)
      }
      expect(sent.filter((path) => path === '/stolen')).toEqual([])
    })

    it('S-40 a text box that was drawn larger is swapped without a style attribute being set', async () => {
      const account = await anAccount(database.db, { name: 'Priya Raman' })
      const page = await signedIn()
      await page.goto(`/admin/accounts/${account.id}`)
      await page.getByRole('link', { name: 'Block account…' }).click()
      const box = page.getByRole('dialog').locator('textarea').first()
      await box.waitFor()
      // What the browser does when the corner is dragged; through the CSSOM the policy allows it.
      await page.evaluate("document.querySelector('#dialog textarea').style.height = '200px'")
      await page.evaluate("document.querySelector('#dialog form').noValidate = true")
      const answered = page.waitForResponse((response) => response.request().method() === 'POST')
      await page.getByRole('dialog').getByRole('button', { name: 'Block account' }).click()
      expect((await answered).status()).toBe(422)
      // A violation is a complaint of the page: the test would fail on it.
      await page.getByRole('dialog').locator('.field-error').first().waitFor()
    })
  })
})
