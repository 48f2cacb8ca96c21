import { expect, it } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import { revokeAccountSessions } from '../../src/sessions/revoke.js'
import { useApp } from '../support/app.js'
import { anAccount, aSession } from '../support/builders.js'
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
})
