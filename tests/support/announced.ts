import type { Page } from 'playwright-core'

/** What was said, and how: "polite" waits for a pause, "assertive" does not. */
export type Announcement = [how: 'polite' | 'assertive', text: string]

/**
 * What a screen reader would say of the pages that are opened from now on without being asked: what comes into a region
 * that is live, was there before, can be seen or is hidden from eyes alone, and is not inert under a dialog. A region
 * that is atomic is said whole.
 */
export async function hearing(page: Page): Promise<() => Promise<Announcement[]>> {
  await page.addInitScript(`(${listen})()`)
  return () => page.evaluate<Announcement[]>('window.announced')
}

const listen = `() => {
  const LIVE = '[role="status"], [role="alert"], [aria-live]'
  window.announced = []
  const howOf = (region) => region.ariaLive ?? (region.role === 'alert' ? 'assertive' : 'polite')
  const isAtomic = (region) => (region.ariaAtomic ?? String(region.hasAttribute('role'))) === 'true'
  const textOf = (node) => node.textContent.trim().replace(/\\s+/g, ' ')
  const isHeard = (region) => {
    const modal = [...document.querySelectorAll('dialog:modal')].at(-1)
    return region.isConnected && region.checkVisibility() && (!modal || modal.contains(region))
  }
  new MutationObserver((changes) => {
    const fresh = new Set(changes.flatMap(({ addedNodes }) => [...addedNodes]))
    const isFresh = (node) => [...fresh].some((added) => added.contains(node))
    const said = new Map()
    for (const { type, target, addedNodes } of changes) {
      for (const node of type === 'characterData' ? [target] : addedNodes) {
        const region = (type === 'characterData' ? target.parentElement : target).closest?.(LIVE)
        if (!region || isFresh(region) || !isHeard(region) || !textOf(node)) continue
        if (howOf(region) === 'off' || node.ariaLive === 'off') continue
        if (isAtomic(region)) said.set(region, [howOf(region), textOf(region)])
        else said.set(node, [howOf(region), textOf(node)])
      }
    }
    window.announced.push(...said.values())
  }).observe(document, { childList: true, characterData: true, subtree: true })
}`
