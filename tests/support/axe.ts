import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** axe finds nothing to complain of; nor does it stand twice on the page, or reach beyond the screen. */
export async function accessible(page: Page, what = page.url()): Promise<void> {
  await page.evaluate(AXE)
  const found = await page.evaluate(`(async () => {
    // What passes is told in full only to who asks, and no rule of ours looks at what it would load: half of its time.
    const { violations } = await axe.run({ resultTypes: ['violations'], preload: false })
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    return {
      violations: violations.map(({ id, nodes }) =>
        ({ id, nodes: nodes.map(({ html, failureSummary }) => ({ html: html.slice(0, 300), failureSummary })) })),
      twice: [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))],
    }
  })()`)
  expect(found, what).toEqual({ violations: [], twice: [] })
  await fits(page, what)
}

/** Nothing reaches beyond the screen. */
export async function fits(page: Page, what = page.url()): Promise<void> {
  const sideways = () => page.evaluate('document.documentElement.scrollWidth - innerWidth')
  // What has just changed its width takes a moment.
  await expect.poll(sideways, { message: `${what} scrolls sideways` }).toBeLessThanOrEqual(0)
}
