import { sql } from 'drizzle-orm'
import type { Locator } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import type { AppId } from '../../src/db/ids.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { anAccount, anApp, anOwner, aSession } from '../support/builders.js'
import { oneDatabase } from '../support/database.js'
import { usePanel } from '../support/panel.js'

/** What has to be read whole has the room for it. */
oneDatabase((database) => {
  const { app: served, open } = usePanel(database)
  let app: AppId
  beforeAll(async () => {
    app = await anApp(database.db, { name: 'Warehouse' })
  })

  /** How much of the text of each is cut. */
  const cut = (texts: Locator) => texts.evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth))

  test.each(['live', 'all'])('in a compact list app and method are read whole: %s', async (state) => {
    await aSession(database.db, { app })
    await revokeSession(database.db, (await aSession(database.db, { app })).session.id, TERMINAL, 'over')
    const page = await open(await anOwner(database.db))
    await page.context().addCookies([{ name: 'density', value: 'compact', url: served.url }])
    await page.goto(`/admin/sessions?state=${state}&app=${app}`)
    await page.locator('[data-density="compact"]').waitFor()
    const widths = await cut(page.locator('.s-app .clip'))
    expect(widths.length).toBeGreaterThan(0)
    expect(widths.every((width) => width === 0)).toBe(true)
  })

  test.each([640, 768, 999])(
    'at %i px the longest IPv4 address is read whole, and names have some room',
    async (width) => {
      const account = await anAccount(database.db, { name: 'Alejandra Fernández' })
      const { session } = await aSession(database.db, { account, app, ip: '198.151.199.134' })
      await aSession(database.db, { account, app, ip: '198.151.199.135' })
      await revokeSession(database.db, session.id, TERMINAL, 'over')
      const page = await open(await anOwner(database.db), { width })
      for (const state of ['live', 'ended', 'all']) {
        await page.goto(`/admin/sessions?account=${account.id}&state=${state}`)
        const widths = await cut(page.locator('.s-ip'))
        expect(widths.length, state).toBeGreaterThan(0)
        expect(new Set(widths), state).toEqual(new Set([0]))
        const person = await page.locator('.s-person').first().boundingBox()
        expect(person?.width, state).toBeGreaterThan(95)
      }
    },
  )

  test('at 320 px the longest IPv4 address is read whole, and one of IPv6 leaves the place some room', async () => {
    const account = await anAccount(database.db)
    await aSession(database.db, { account, app, ip: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff' })
    await aSession(database.db, { account, app, ip: '198.151.199.134' })
    const page = await open(await anOwner(database.db), { width: 320 })
    await page.goto(`/admin/sessions?account=${account.id}`)
    const [short, long] = await cut(page.locator('.s-ip'))
    expect(short).toBe(0)
    expect(long).toBeGreaterThan(0)
    const place = await page.locator('.s-place').last().boundingBox()
    expect(place?.width).toBeGreaterThan(20)
  })

  test('beside a menu of 30 px the card of a session has the whole width for who it is', async () => {
    const name = 'Alejandra Fernández'
    const account = await anAccount(database.db, { name, email: 'alejandra.lopez@northwind.example' })
    await aSession(database.db, { account, app })
    const page = await open(await anOwner(database.db), { width: 390 })
    await page.goto(`/admin/sessions?account=${account.id}`)
    const [end, start] = await Promise.all([
      page.locator('[data-row] .s-person').boundingBox(),
      page.locator('[data-row] .s-menu').boundingBox(),
    ])
    expect((start?.x ?? 0) - ((end?.x ?? 0) + (end?.width ?? 0))).toBeLessThanOrEqual(8)
    expect(await cut(page.locator('[data-row] .person-email'))).toEqual([0])
  })

  test.each([
    [1440, 'alejandra.fern@northwind.example'],
    [390, 'alex.fern@northwind.example'],
  ])('at %i px the drawer tells a usual e-mail address whole, and the number', async (width, email) => {
    const account = await anAccount(database.db, { email })
    const { session } = await aSession(database.db, { account })
    const page = await open(await anOwner(database.db), { width })
    await page.goto(`/admin/sessions?q=${session.id}`)
    await page.locator('[data-row-link]').click()
    const who = page.locator('#drawer .sheet-who')
    await who.getByText('1 live session').waitFor()
    expect(await cut(who.locator('.clip'))).toEqual([0])
  })

  test('at 1440 px what can be done to an account stands beside who it is', async () => {
    const account = await anAccount(database.db, { name: 'Priya Raman', email: 'priya.raman@northwind.example' })
    await aSession(database.db, { account })
    const page = await open(await anOwner(database.db))
    await page.goto(`/admin/accounts/${account.id}`)
    const [who, acts] = await Promise.all([
      page.locator('.header .account-who').boundingBox(),
      page.locator('.header .header-side').boundingBox(),
    ])
    expect(acts?.y).toBeLessThan((who?.y ?? 0) + (who?.height ?? 0))
    expect((acts?.x ?? 0) + (acts?.width ?? 0)).toBeLessThanOrEqual(1416)
    const lines = await page
      .locator('.account-who .header-sub > span')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().y))
    expect(Math.max(...lines) - Math.min(...lines)).toBeLessThan(10)
  })

  test('on a phone the card of an ended session says how it ended in full', async () => {
    const shop = await anApp(database.db, { name: 'Warehouse of the North' })
    const { session } = await aSession(database.db, { app: shop, ip: '198.151.199.134' })
    await revokeSession(database.db, session.id, TERMINAL, 'over')
    const page = await open(await anOwner(database.db), { width: 390 })
    await page.goto(`/admin/sessions?state=ended&app=${shop}`)
    const ended = page.locator('.s-seen .cell-two > *')
    expect(await cut(ended)).toEqual([0, 0])
    expect(await page.locator('.toolbar').evaluate((one) => one.getBoundingClientRect().height)).toBeLessThan(140)
  })

  test.each([720, 390])(
    'at %i px a title is one line, and what can be done stands within the screen',
    async (width) => {
      await aSession(database.db, { app })
      const page = await open(await anOwner(database.db), { width })
      for (const path of ['/admin/sessions', '/admin/audit', '/admin/blocks', '/admin/kill-switch']) {
        await page.goto(path)
        const title = page.locator('.header h1, .header .crumbs').first()
        expect((await title.boundingBox())?.height, path).toBeLessThan(30)
      }
      const account = await anAccount(database.db)
      await aSession(database.db, { account })
      await page.setViewportSize({ width: 320, height: 700 })
      await page.goto(`/admin/accounts/${account.id}`)
      const ends = page.locator('.header .header-actions > *')
      const rights = await ends.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right))
      expect(Math.max(...rights)).toBeLessThanOrEqual(320)
    },
  )

  test('each act of the drawer’s menu is read in one line', async () => {
    const { session } = await aSession(database.db, { account: await anAccount(database.db), from: 'New York' })
    for (const width of [1440, 390]) {
      const page = await open(await anOwner(database.db), { width })
      await page.goto(`/admin/sessions?q=${session.id}`)
      await page.locator('[data-row-link]').click()
      await page.locator('#sheet-more > summary').click()
      const lines = page.locator('#sheet-more .menu-item')
      const heights = await lines.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height))
      expect(heights.length).toBeGreaterThan(3)
      expect(Math.max(...heights)).toBe(Math.min(...heights))
    }
  })

  test.each([1440, 390])('at %i px the menu of the lowest row in sight is in sight as a whole', async (width) => {
    const account = await anAccount(database.db)
    for (let n = 0; n < 30; n += 1) await aSession(database.db, { account })
    const page = await open(await anOwner(database.db), { width })
    await page.goto(`/admin/sessions?account=${account.id}`)
    const row = page.locator('[data-row]').nth(9)
    await row.evaluate((one) => one.scrollIntoView({ block: 'end' }))
    // By the keyboard: before a click the row would be brought to the middle of the screen.
    await row
      .locator('.row-menu > summary')
      .evaluate((one: { focus(how: object): void }) => one.focus({ preventScroll: true }))
    await page.keyboard.press('Enter')
    const last = row.getByText('Block account…')
    // Whatever lies over it would be hit in its stead.
    const isInSight = () =>
      last.evaluate((one) => {
        const { x, y, width, height } = one.getBoundingClientRect()
        return one.contains(one.ownerDocument.elementFromPoint(x + width / 2, y + height / 2))
      })
    await expect.poll(isInSight).toBe(true)
  })

  /** Whether the first choices of a menu are seen and can be pressed: a long menu rolls. */
  const inSight = (choices: Locator) =>
    choices.evaluateAll((all) =>
      all.slice(0, 5).map((one) => {
        const { x, y, width, height } = one.getBoundingClientRect()
        return x >= 0 && one.contains(one.ownerDocument.elementFromPoint(x + width / 2, y + height / 2))
      }),
    )

  test.each([
    ['/admin/sessions', '#export-menu'],
    ['/admin/sessions', '#views'],
    ['/admin/sessions', '#look'],
    ['/admin/accounts', '#export-menu'],
    ['/admin/accounts', '#views'],
    ['/admin/blocks', '#export-menu'],
    ['/admin/audit', '#export-menu'],
    ['/admin/audit', '#audit-actor'],
    ['/admin/audit', '#audit-range'],
  ])('on a phone each choice of a list’s menu is in sight: %s %s', async (path, menu) => {
    await aSession(database.db, { app })
    for (const width of [390, 320]) {
      const page = await open(await anOwner(database.db), { width })
      await page.goto(path)
      await page.locator(`${menu} > summary`).click()
      const choices = page.locator(`${menu} .menu-panel :is(a, button, label)`)
      await expect.poll(() => inSight(choices)).not.toContain(false)
      expect(await choices.count()).toBeGreaterThan(1)
    }
  })

  test('at 320 px each act of an account’s menu is in sight', async () => {
    const account = await anAccount(database.db)
    const page = await open(await anOwner(database.db), { width: 320 })
    await page.goto(`/admin/accounts/${account.id}`)
    await page.locator('.header-actions summary[title="More"]').click()
    const acts = page.locator('.header-actions .menu[open] .menu-item')
    await expect.poll(() => inSight(acts)).not.toContain(false)
    expect(await acts.count()).toBeGreaterThan(1)
  })

  test('at 320 px the tab that is on is in sight', async () => {
    const page = await open(await anOwner(database.db), { width: 320 })
    await page.goto('/admin/settings/about')
    const tab = await page.locator('.tab[aria-current="page"]').boundingBox()
    expect((tab?.x ?? 0) + (tab?.width ?? 0)).toBeLessThanOrEqual(320)
  })

  test('the ring of focus around the drawer’s title is seen on all its sides', async () => {
    const { session } = await aSession(database.db, { account: await anAccount(database.db) })
    const page = await open(await anOwner(database.db))
    await page.goto(`/admin/sessions?q=${session.id}`)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.locator('#session-title:focus-visible').waitFor()
    const cutBy = await page.evaluate<string[]>(`(() => {
      const title = document.querySelector('#session-title')
      const { outlineWidth, outlineOffset } = getComputedStyle(title)
      const reach = parseFloat(outlineWidth) + parseFloat(outlineOffset)
      const ring = title.getBoundingClientRect()
      const cutting = []
      for (let box = title.parentElement; box; box = box.parentElement) {
        if (getComputedStyle(box).overflowX === 'visible') continue
        const edge = box.getBoundingClientRect()
        if (ring.left - reach < edge.left || ring.right + reach > edge.right || ring.top - reach < edge.top || ring.bottom + reach > edge.bottom)
          cutting.push(box.className)
      }
      return cutting
    })()`)
    expect(cutBy).toEqual([])
  })

  test('on the overview the numbers of millions stay within their card', async () => {
    await aSession(database.db, { app })
    await database.db.execute(sql`
      insert into session_tallies (kind, a, b, n)
      values ('all', '', '', 4886026), ('browser', 'Chrome', '', 4270503), ('browser', 'Samsung Internet', '', 615523)
      on conflict (kind, a, b) do update set n = excluded.n`)
    const page = await open(await anOwner(database.db))
    await page.goto('/admin')
    const card = page.locator('.card').filter({ has: page.getByRole('heading', { name: 'Browsers' }) })
    expect(await card.locator('.bar-count').allInnerTexts()).toEqual(expect.arrayContaining(['4.3M', '616k']))
    const edge = await card.boundingBox()
    for (const count of await card.locator('.bar-count').all()) {
      const box = await count.boundingBox()
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan((edge?.x ?? 0) + (edge?.width ?? 0))
    }
  })
})
