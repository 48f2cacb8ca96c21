import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** A person who has a keyboard and nothing else. There is no click in it. */
export interface Keyboard {
  press(...keys: string[]): Promise<void>
  type(text: string): Promise<void>
  /** Tabs on until it has the focus. At each stop on the way one sees where one is. */
  tabTo(target: Locator, keys?: { back?: boolean }): Promise<void>
  /** Where one is now: fails where the focus is lost, or shows nowhere. */
  seesFocus(): Promise<void>
}

const MOST_STOPS = 120

export function keyboardOf(page: Page): Keyboard {
  const keyboard: Keyboard = {
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key)
    },
    type: (text) => page.keyboard.type(text),
    async tabTo(target, { back = false } = {}) {
      await target.waitFor({ state: 'attached' })
      // It may be there before the stylesheet is: then nothing shows the focus yet.
      await page.waitForLoadState()
      const stops: string[] = []
      while (!(await target.evaluate((element) => element === element.ownerDocument.activeElement))) {
        await page.keyboard.press(back ? 'Shift+Tab' : 'Tab')
        const { what, lost, shows } = await where(page)
        stops.push(what)
        // Past the last stop of a page comes the browser's own bar, and then the first again.
        if (!lost) expect(shows, `the focus shows on ${what}`).toBe(true)
        if (stops.length > MOST_STOPS) expect.fail(`${target} is not reached by Tab; passed by: ${stops.join(', ')}`)
      }
    },
    async seesFocus() {
      const { what, lost, shows } = await where(page)
      expect({ what, lost, shows }).toEqual({ what, lost: false, shows: true })
    },
  }
  return keyboard
}

interface Where {
  what: string
  lost: boolean
  shows: boolean
}

/** An outline on what has the focus, or on the label or box that is drawn in its place; in sight, and larger than nothing. */
const where = (page: Page) =>
  page.evaluate<Where>(`(async () => {
    // What changes with the focus may take a frame, also where motion is reduced.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame)
    const at = document.activeElement
    const lost = !at || at === document.body || at === document.documentElement
    const outlined = (element) => {
      if (!element) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      const { width, height, top, bottom, left, right } = element.getBoundingClientRect()
      return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && width > 2 && height > 2 &&
        bottom > 0 && top < innerHeight && right > 0 && left < innerWidth
    }
    const shows = !lost && [at, at.closest('label'), at.closest('.search'), at.closest('.palette-form')].some(outlined)
    const name = at?.getAttribute('aria-label') || at?.labels?.[0]?.textContent || at?.textContent || ''
    return { lost, shows, what: (at?.tagName.toLowerCase() ?? '') + ' ' + name.trim().replace(/\\s+/g, ' ').slice(0, 60) }
  })()`)
