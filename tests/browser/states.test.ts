import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { useApp } from '../support/app.js'
import { accessible } from '../support/axe.js'
import { anAccount, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { type PageOptions, useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'

/** As the screens test walks all pages as they come, this one looks at what they turn into. */
oneDatabase((database) => {
  const app = useApp(database)
  const chromium = useChromium()
  let owner: TestAccount
  let priya: TestAccount

  beforeAll(async () => {
    owner = await anOwner(database.db)
    priya = await anAccount(database.db, { name: 'Priya Raman' })
    for (const from of ['Lisbon', 'Osaka'] as const) await aSession(database.db, { account: priya, from })
  })

  async function opened(path: string, options: Partial<PageOptions> = {}, account = owner): Promise<Page> {
    const { token } = await aSession(database.db, { account })
    const page = await chromium.open({ origin: app.url, token, ...options })
    await page.goto(path)
    return page
  }

  /** What a page turns into, and how one gets there. */
  const STATES: [name: string, path: string, turn: (page: Page) => Promise<unknown>][] = [
    ['the drawer', '/admin/sessions?q=priya', openDrawer],
    [
      'a menu in the drawer',
      '/admin/sessions?q=priya',
      async (page) => {
        await openDrawer(page)
        await page.locator('#sheet-more > summary').click()
      },
    ],
    [
      'a dialog over the drawer',
      '/admin/sessions?q=priya',
      async (page) => {
        await openDrawer(page)
        await page.locator('#drawer').getByRole('link', { name: 'Block account…' }).click()
        await page.getByRole('dialog').waitFor()
      },
    ],
    [
      'a dialog with what is wrong in it',
      '/admin/sessions?q=priya',
      async (page) => {
        await openDrawer(page)
        await page.locator('#drawer').getByRole('link', { name: 'Block account…' }).click()
        await page.getByRole('dialog').getByText('Other', { exact: true }).click()
        await page.getByRole('dialog').getByRole('button', { name: 'Block account' }).click()
        await page.getByText('Write the reason in a few words.').waitFor()
      },
    ],
    [
      'the palette with nothing found',
      '/admin',
      async (page) => {
        await page.keyboard.press('Control+k')
        await page.keyboard.type('nobody has this')
        await page.getByText('Nothing is called').first().waitFor()
      },
    ],
    [
      'the palette with results',
      '/admin',
      async (page) => {
        await page.keyboard.press('Control+k')
        await page.keyboard.type('priya')
        await page
          .getByRole('option', { name: /Priya Raman/ })
          .first()
          .waitFor()
      },
    ],
    [
      'rows that are selected',
      '/admin/sessions',
      async (page) => {
        if ((page.viewportSize()?.width ?? 0) < 640) await page.getByText('Select', { exact: true }).click()
        await page.locator('.row-select').first().check()
      },
    ],
    ['the menu of a row', '/admin/sessions', (page) => page.locator('[data-row] summary').first().click()],
    ['the menu of filters', '/admin/sessions', (page) => page.locator('#filter-menu > summary').click()],
    ['the views', '/admin/sessions', (page) => page.locator('#views > summary').click()],
    ['the keys', '/admin/sessions', (page) => page.keyboard.press('?')],
    [
      'an error of the server, said in a toast',
      '/admin/sessions?q=priya',
      async (page) => {
        await page.route(/\/admin\/sessions\/[0-9a-f-]{36}$/, (route) => route.fulfill({ status: 500, body: 'broken' }))
        await page.locator('[data-row-link]').first().click()
        await page.locator('.toast').getByText('It did not work.').waitFor()
      },
    ],
    [
      'what is stale',
      '/admin/sessions',
      async (page) => {
        await page.route('**/admin/live/**', (route) => route.fulfill({ status: 503, body: 'away' }))
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:poll'))")
        await page
          .locator('[data-connection]:visible')
          .getByText(/^Stale since/)
          .waitFor()
      },
    ],
  ]

  async function openDrawer(page: Page) {
    await page.locator('[data-row-link]').first().click()
    await page.locator('#drawer #session').waitFor()
  }

  describe.each([
    ['light', 1440],
    ['dark', 320],
  ] as const)('%s, %i px', (theme, width) => {
    test.each(STATES)('axe finds nothing in %s', async (_, path, turn) => {
      chromium.allow(/500|503/)
      const page = await opened(path, { theme, width })
      await turn(page)
      await accessible(page)
    })

    test('axe finds nothing where somebody is not allowed, nothing is there, or a form was refused', async () => {
      const viewer = await anAccount(database.db, { role: 'viewer' })
      const page = await opened('/admin/kill-switch', { theme, width }, viewer)
      await page.getByRole('heading', { name: 'Your role does not allow this' }).first().waitFor()
      await accessible(page)
      for (const path of [
        '/admin',
        '/admin/sessions',
        '/admin/settings',
        '/admin/sessions?ip=nonsense',
        '/admin/nothing',
      ]) {
        await page.goto(path)
        await accessible(page)
      }
      const person = await opened('/admin', { theme, width }, await anAccount(database.db))
      await accessible(person)
    })
  })

  test('a dialog’s form that is wrong comes anew on the page of its own, once', async () => {
    const page = await opened(`/admin/accounts/${priya.id}/block`)
    await page.getByText('Other', { exact: true }).click()
    await page.getByLabel('Message to the person').fill('Half a thought')
    await page.getByRole('button', { name: 'Block account' }).click()
    await page.getByText('Write the reason in a few words.').waitFor()
    expect(await page.locator('dialog[open]').count()).toBe(0)
    expect(await page.getByLabel('Message to the person').inputValue()).toBe('Half a thought')
    expect(await page.getByLabel('In your words').evaluate((box) => box === box.ownerDocument.activeElement)).toBe(true)
    await accessible(page)
  })

  test('a dialog that the server could not do keeps what was typed', async () => {
    chromium.allow(/503/)
    const page = await opened(`/admin/accounts/${priya.id}`)
    await page.getByRole('link', { name: 'Block account…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Compromised').click()
    await dialog.getByLabel('Message to the person').fill('Half a thought')
    await page.route('**/block', (route) => route.fulfill({ status: 503, body: 'away' }))
    await dialog.getByRole('button', { name: 'Block account' }).click()
    await page.getByText('It did not work. Try again in a moment.').waitFor()
    expect(await dialog.getByLabel('Message to the person').inputValue()).toBe('Half a thought')
  })

  test('nothing moves where motion is reduced', async () => {
    const page = await opened('/admin/sessions?q=priya')
    await openDrawer(page)
    await page.locator('#drawer').getByRole('link', { name: 'Block account…' }).click()
    await page.getByRole('dialog').waitFor()
    const longest = await page.evaluate(`Math.max(...[...document.querySelectorAll('*')].flatMap((element) => {
      const { transitionDuration, animationDuration } = getComputedStyle(element)
      return [transitionDuration, animationDuration].flatMap((times) => times.split(',').map(parseFloat))
    }))`)
    expect(longest).toBeLessThanOrEqual(0.001)
  })

  test('at 200 % zoom everything is there and nothing scrolls sideways', async () => {
    // What a window of 1280 px leaves of itself at twice the size.
    const page = await opened('/admin/sessions?q=priya', { width: 640, height: 512 })
    for (const path of ['/admin', '/admin/sessions?q=priya', `/admin/accounts/${priya.id}`, '/admin/audit']) {
      await page.goto(path)
      await accessible(page)
    }
  })

  test('with forced colours one sees what is chosen, what has the focus and where a field is', async () => {
    const page = await opened('/admin/sessions?q=priya')
    await page.emulateMedia({ forcedColors: 'active' })
    const box = page.locator('.row-select').first()
    await box.check()
    const outline = (selector: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).outlineStyle`)
    expect(await outline('tr:has(.row-select:checked)')).toBe('solid')
    await page.locator('[data-search]').focus()
    expect(await outline('.search')).toBe('solid')
    const here = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.rail-item[aria-current]')).backgroundColor",
    )
    const others = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.rail-item:not([aria-current])')).backgroundColor",
    )
    expect(here).not.toBe(others)
  })

  test.each([
    ['/admin', '.segment[aria-current]', '.segment:not([aria-current])'],
    ['/admin/blocks/new', '.segment:has(:checked)', '.segment:not(:has(:checked))'],
    ['/admin/apps/new', '.pick:has(:checked)', '.pick:not(:has(:checked))'],
  ])('with forced colours one sees on %s what is chosen of a few', async (path, chosen, other) => {
    const page = await opened(path)
    await page.emulateMedia({ forcedColors: 'active' })
    const ground = (selector: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).backgroundColor`)
    expect(await ground(chosen)).not.toBe(await ground(other))
  })

  test.each(['light', 'dark'] as const)(
    'with forced colours one reads what stands on a map, though the theme that was chosen is %s',
    async (theme) => {
      const account = await anAccount(database.db)
      const { session } = await aSession(database.db, { account, from: 'Lisbon' })
      const page = await opened(`/admin/sessions/${session.id}`)
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
      const drawn = () =>
        page.evaluate<Record<'words' | 'around' | 'ground', string>>(`(() => {
          const { fill, stroke } = getComputedStyle(document.querySelector('.map text'))
          return { words: fill, around: stroke, ground: getComputedStyle(document.body).backgroundColor }
        })()`)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ forcedColors: 'active', colorScheme })
        // Colours may take a moment to change.
        await expect
          .poll(async () => {
            const { words, around, ground } = await drawn()
            return { isRead: words !== ground, isAround: around === ground }
          })
          .toEqual({ isRead: true, isAround: true })
      }
    },
  )

  test('with forced colours only the tab that is open has a line', async () => {
    const page = await opened('/admin/settings')
    await page.emulateMedia({ forcedColors: 'active' })
    const lines = await page.evaluate<string[]>(
      "[...document.querySelectorAll('.tab')].map((tab) => getComputedStyle(tab).borderBlockEndWidth)",
    )
    expect(lines.filter((line) => line !== '0px')).toEqual(['2px'])
  })

  test('with forced colours the button that comes over a row’s times covers them', async () => {
    const page = await opened('/admin/sessions?q=priya')
    await page.emulateMedia({ forcedColors: 'active' })
    const row = page.locator('[data-row]').first()
    await row.hover()
    const button = row.locator('.quick')
    await expect
      .poll(() => button.evaluate((box) => box.ownerDocument.defaultView?.getComputedStyle(box).opacity))
      .toBe('1')
    const [covers, time] = [await button.boundingBox(), await row.locator('.s-seen time').boundingBox()]
    expect(covers?.x).toBeLessThan(time?.x ?? 0)
    const ground = await page.evaluate<string>("getComputedStyle(document.querySelector('.quick')).backgroundColor")
    expect(ground).toBe('rgb(255, 255, 255)')
  })

  test('a name from right to left turns nothing around it', async () => {
    const account = await anAccount(database.db, { name: 'محمد الخوارزمي' })
    await aSession(database.db, { account, ip: '203.0.113.7' })
    const page = await opened('/admin/audit')
    await page.goto(`/admin/sessions?account=${account.id}`)
    const row = page.locator('[data-row]').first()
    const left = async (selector: string) => (await row.locator(selector).first().boundingBox())?.x ?? 0
    expect(await left('.row-select')).toBeLessThan(await left('[data-row-link]'))
    expect(await row.locator('.s-ip').first().innerText()).toBe('203.0.113.7')
    const bidi = await page.evaluate<string>("getComputedStyle(document.querySelector('[data-row-link]')).unicodeBidi")
    expect(bidi).toBe('isolate')
  })

  test.each([
    ['from right to left', 'عبد الرحمن محمد عبد الله الخوارزمي البغدادي', 'right'],
    ['from left to right', 'Wilhelmina Alexandra Featherstonehaugh', 'left'],
  ])('a long name %s keeps its beginning on a phone', async (_, name, side) => {
    const account = await anAccount(database.db, { name })
    await aSession(database.db, { account })
    const page = await opened(`/admin/sessions?account=${account.id}`, { width: 320, height: 640 })
    const { shown, first, whole } = await page.evaluate<Record<'shown' | 'first' | 'whole', Rect>>(`(() => {
      const link = document.querySelector('[data-row-link]')
      const range = document.createRange()
      range.setStart(link.firstChild, 0)
      range.setEnd(link.firstChild, link.textContent.indexOf(' '))
      const first = range.getBoundingClientRect()
      range.selectNodeContents(link)
      return { shown: link.getBoundingClientRect().toJSON(), first: first.toJSON(), whole: range.getBoundingClientRect().toJSON() }
    })()`)
    expect(whole.width, 'it is cut').toBeGreaterThan(shown.width)
    expect(first.left).toBeGreaterThanOrEqual(shown.left - 1)
    expect(first.right).toBeLessThanOrEqual(shown.right + 1)
    expect(first[side as 'left' | 'right']).toBeCloseTo(shown[side as 'left' | 'right'], 0)
  })
})

type Rect = Record<'left' | 'right' | 'width', number>
