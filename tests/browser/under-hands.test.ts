import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { TERMINAL } from '../../src/audit/types.js'
import { revokeSession } from '../../src/sessions/revoke.js'
import { anAccount, anOwner, aSession } from '../support/builders.js'
import type { PageOptions } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'
import { held } from '../support/held.js'
import { usePanel } from '../support/panel.js'

/** Under the pointer no row takes another's place: "Sign out" asks nothing, and would be pressed for somebody else. */
oneDatabase((database) => {
  const { open } = usePanel(database)

  async function liveList(options: Partial<PageOptions> = {}): Promise<Page> {
    const page = await open(await anOwner(database.db), options)
    await page.clock.install()
    const first = page.waitForResponse('**/admin/live/seen?*')
    await page.goto('/admin/sessions')
    await page.locator('[data-connection][data-state="live"]:visible').waitFor()
    await page.clock.runFor(3000)
    await (await first).finished()
    return page
  }

  const signIn = async () => (await aSession(database.db, { account: await anAccount(database.db) })).session.id
  const ids = (page: Page) =>
    page.locator('[data-row]').evaluateAll((rows) => rows.map((row) => row.id.slice('s-'.length)))
  const pointAt = (page: Page, id: string) => page.locator(`#s-${id} .s-person`).hover()
  const pointAway = (page: Page) => page.mouse.move(0, 0)

  async function aFinger(page: Page) {
    const chrome = await page.context().newCDPSession(page)
    return {
      /** It moves a little: one that stays where it is gets the browser's own menu after a moment. */
      down: async ({ x, y }: { x: number; y: number }) => {
        await chrome.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] })
        await chrome.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: x - 25, y }] })
      },
      up: () => chrome.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] }),
    }
  }

  /** Where no link and no button is. */
  async function middleOf(page: Page, id: string) {
    const box = await page.locator(`#s-${id} .s-where`).boundingBox()
    return { x: (box?.x ?? 0) + (box?.width ?? 0) - 4, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 }
  }

  /** Time goes on until it is so. */
  const comes = (page: Page, isSo: () => Promise<boolean>) =>
    expect
      .poll(
        async () => {
          await page.clock.runFor(1000)
          return isSo()
        },
        { timeout: 20_000 },
      )
      .toBe(true)

  test('a row that has ended leaves when nobody points at the list any more', async () => {
    const below = await signIn()
    const over = await signIn()
    const page = await liveList()
    const before = await ids(page)
    await pointAt(page, below)
    await revokeSession(database.db, over, TERMINAL, 'stolen')
    await comes(page, async () => (await page.locator(`#s-${over}[data-leaving][data-counted]`).count()) === 1)
    await page.clock.runFor(20_000)
    expect(await ids(page)).toEqual(before)

    await pointAway(page)
    await comes(page, async () => !(await ids(page)).includes(over))
    expect(await ids(page)).toEqual(before.filter((id) => id !== over))
  })

  test('a row that has ended leaves when no finger is on the list any more, though it was touched last', async () => {
    const below = await signIn()
    const over = await signIn()
    const page = await liveList({ touch: true, width: 390 })
    const finger = await aFinger(page)
    await finger.down(await middleOf(page, below))
    const before = await ids(page)
    await revokeSession(database.db, over, TERMINAL, 'stolen')
    await comes(page, async () => (await page.locator(`#s-${over}[data-leaving][data-counted]`).count()) === 1)
    await page.clock.runFor(20_000)
    expect(await ids(page)).toEqual(before)

    // From here on no time passes but what is said.
    await page.clock.pauseAt((await page.evaluate<number>('Date.now()')) + 1000)
    await finger.up()
    await page.clock.runFor(900)
    expect(await ids(page)).toEqual(before)
    await comes(page, async () => !(await ids(page)).includes(over))
    expect(await ids(page)).toContain(below)
  })

  test('new rows wait where a finger is on the list, and slide in where it is elsewhere', async () => {
    const somebody = await signIn()
    const page = await liveList({ touch: true, width: 390 })
    const [head] = await ids(page)
    const finger = await aFinger(page)
    await finger.down({ x: 200, y: 5 })
    const early = await signIn()
    await comes(page, async () => (await ids(page))[0] === early)
    await finger.up()

    await finger.down(await middleOf(page, somebody))
    await signIn()
    await comes(page, () => page.getByRole('button', { name: '1 new, show' }).isVisible())
    expect((await ids(page)).slice(0, 2)).toEqual([early, head])
    await finger.up()
  })

  test('new rows wait where somebody points at the list while they are being fetched', async () => {
    const somebody = await signIn()
    const page = await liveList()
    const [head] = await ids(page)
    const { isAsked, answer } = await held(page, '**/admin/live/rows?*')
    const late = await signIn()
    await comes(page, isAsked)
    await pointAt(page, somebody)
    await answer()
    expect((await ids(page))[0]).toBe(head)

    await comes(page, () => page.getByRole('button', { name: '1 new, show' }).isVisible())
    await page.getByRole('button', { name: '1 new, show' }).click()
    await comes(page, async () => (await ids(page))[0] === late)
  })

  test('the whole list, which nobody asked for, waits where somebody points at it while it is being fetched', async () => {
    const somebody = await signIn()
    const page = await liveList()
    const [head] = await ids(page)
    const { isAsked, answer } = await held(page, '**/admin/sessions')
    await page.evaluate("document.body.dispatchEvent(new CustomEvent('rollcall:catch-up'))")
    await comes(page, isAsked)
    await pointAt(page, somebody)
    const late = await signIn()
    await answer()
    expect((await ids(page))[0]).toBe(head)

    await pointAway(page)
    await comes(page, async () => (await ids(page))[0] === late)
  })
})
