import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cookiesOf, visitFirst } from '../load/harness/browserVisit.js'
import { useApp } from '../support/app.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { launchChromium } from '../support/launchChromium.js'
import { aSlowRoad } from '../support/slowRoad.js'

oneDatabase((database) => {
  const app = useApp(database)
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  /** @returns the cookie of an owner whose lists are full */
  async function aViewerOfMany(): Promise<string> {
    const { token } = await aSession(database.db, { account: await anOwner(database.db), ip: '127.0.0.1' })
    for (let n = 0; n < 50; n++)
      await aSession(database.db, {
        from: n % 2 ? 'Lisbon' : 'Osaka',
        on: n % 3 ? 'Safari on Mac' : 'Chrome on Windows',
      })
    return `rollcall=${token}`
  }

  it.each([
    ['/admin', 84_000],
    ['/admin/sessions', 90_000],
  ])('a browser that has nothing of ours yet opens %s with at most %i bytes, and nothing jumps', async (path, most) => {
    const { bytes, layoutShift } = await visitFirst(browser, `${app.url}${path}`, await aViewerOfMany())
    expect([...bytes.keys()].sort()).toEqual(expect.arrayContaining(['document', 'font', 'script', 'stylesheet']))
    expect([...bytes.values()].reduce((sum, size) => sum + size)).toBeLessThan(most)
    expect(layoutShift).toBeLessThan(0.001)
  })

  it.each([
    ['pieces', { piece: 300, gapMs: 5, fontMs: 0 }],
    ['large pieces', { piece: 4_000, gapMs: 100, fontMs: 0 }],
    ['one piece, its fonts long after it', { piece: 1e6, gapMs: 0, fontMs: 800 }],
  ])('nothing jumps when a page comes in %s', async (_how, road) => {
    const cookie = await aViewerOfMany()
    const url = await aSlowRoad(app.url, road)
    const paths = ['/admin', '/admin/sessions', '/admin/accounts', '/admin/audit', '/account/sessions']
    const visits = await Promise.all(paths.map((path) => visitFirst(browser, `${url}${path}`, cookie, 1)))
    const jumped = paths.filter((_, n) => !((visits[n]?.layoutShift ?? Number.NaN) < 0.001))
    expect(jumped).toEqual([])
  })

  it('a list has all its fonts asked for before it is laid out, and no other for their being late', async () => {
    const { token } = await aSession(database.db, { account: await anOwner(database.db), ip: '127.0.0.1' })
    await aSession(database.db, { account: await anAccount(database.db, { name: 'Zoë Šimková' }), ip: '203.0.113.7' })
    const url = await aSlowRoad(app.url, { piece: 1e6, gapMs: 0, fontMs: 800 })
    const context = await browser.newContext()
    await context.addCookies(cookiesOf(`rollcall=${token}`, url))
    const page = await context.newPage()
    await page.goto(`${url}/admin/sessions`)
    await page.evaluate('document.fonts.ready')
    const asked = await page.evaluate<[string, string][]>(`performance.getEntriesByType('resource')
      .filter(({ name }) => name.endsWith('.woff2'))
      .map(({ name, initiatorType }) => [name.split('/').pop().split('.')[0], initiatorType])
      .sort()`)
    expect(asked).toEqual([
      ['inter-latin', 'link'],
      ['inter-latin-ext-common', 'link'],
      ['jetbrains-mono-address', 'link'],
      // In the place of what is late: an address is better read in it than in another type.
      ['jetbrains-mono-latin', 'css'],
    ])
    await context.close()
  })
})
