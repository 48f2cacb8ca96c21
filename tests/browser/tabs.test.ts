import { expect, it } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import { revokeAccountSessions } from '../../src/sessions/revoke.js'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { leavesForSignIn, useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'

/** A browser opens six connections to one server; a stream for each of these tabs would leave none to load a page. */
const TABS = 8

oneDatabase((database) => {
  const app = useApp(database)
  const browser = useChromium()

  it('S-17 all tabs of a browser are live over one stream, and all leave when the session is ended', async () => {
    const account = await anAccount(database.db, { role: 'viewer' })
    const { token } = await aSession(database.db, { account, ip: '127.0.0.1' })
    const first = await browser.open({ origin: app.url, token })
    const tabs = [first]
    while (tabs.length < TABS) tabs.push(await browser.open({ origin: app.url, sameAs: first }))
    for (const tab of tabs) {
      await tab.goto('/admin/sessions')
      await tab.locator('[data-connection][data-state=live]').first().waitFor({ state: 'attached' })
    }
    expect(app.services.streams.open).toBe(1)

    // The tab that has the stream goes; another takes its place.
    await first.goto('about:blank')
    await tabs[1]?.locator('[data-connection][data-state=live]').first().waitFor({ state: 'attached' })
    await expect.poll(() => app.services.streams.open).toBe(1)

    await revokeAccountSessions(database.db, account.id, TERMINAL, 'stolen')
    await Promise.all(tabs.slice(1).map((tab) => leavesForSignIn(tab, '/admin/sessions')))
  })

  it('what happens between the stream of a tab that goes and that of the next one is shown by the next one', async () => {
    const { token } = await aSession(database.db, { account: await anOwner(database.db) })
    const first = await browser.open({ origin: app.url, token })
    const next = await browser.open({ origin: app.url, sameAs: first })
    for (const tab of [first, next]) {
      await tab.goto('/admin/sessions')
      await tab.locator('[data-connection][data-state=live]:visible').waitFor()
    }
    let open = () => {}
    const opening = new Promise<void>((resolve) => {
      void next.route('**/admin/stream', (route) => {
        open = () => void route.continue()
        resolve()
      })
    })
    await first.goto('about:blank')
    await opening
    const { session } = await aSession(database.db)
    open()
    await next.locator(`#s-${session.id}`).waitFor()
  })

  it('a tab that stays where it is, though a form has led on, hears what happens again', async () => {
    const { token } = await aSession(database.db, { account: await anOwner(database.db) })
    const tab = await browser.open({ origin: app.url, token })
    await tab.clock.install()
    await tab.goto('/admin/sessions')
    await tab.locator('[data-connection][data-state=live]:visible').waitFor()
    // An answer that is no page, as a press on "Stop" leaves it.
    await tab.route('**/sign-out', (route) => route.fulfill({ status: 204 }))
    await tab.locator('.header .user-menu-summary').click()
    await tab.locator('.header').getByRole('button', { name: 'Sign out' }).click()
    await expect.poll(() => app.services.streams.open).toBe(0)
    const runs = (isSo: () => Promise<number>) =>
      expect
        .poll(
          async () => {
            await tab.clock.runFor(1000)
            return isSo()
          },
          { timeout: 20_000 },
        )
        .toBe(1)
    await runs(async () => app.services.streams.open)
    // Rows that come wait while it is over the list.
    await tab.mouse.move(0, 0)
    const { session } = await aSession(database.db)
    await runs(() => tab.locator(`#s-${session.id}`).count())
  })
})
