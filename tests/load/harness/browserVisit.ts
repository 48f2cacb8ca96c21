import type { Browser, CDPSession } from 'playwright-core'
import { z } from 'zod'

/** What a browser that has nothing of ours yet meets when it opens a page. */
export interface FirstVisit {
  /** Bodies as they went over the wire, by kind: document, stylesheet, script, font, image, other. */
  bytes: Map<string, number>
  headerBytes: number
  requests: number
  /** From the start of the navigation until it is painted, its scripts have run, and a press can be answered. */
  usableMs: number
  /** From the press on a filter, the first control of a list, until what it opens is painted; 0 where there is none. */
  filterMs: number
  /** Processor time of the page's main thread until all was there: what others do on the machine does not count. */
  computedMs: number
  layoutShift: number
}

/** By how much the processor is slowed down: a phone of some years ago. */
export const SLOWER = 4
/** Until what comes late, and could push the rest aside, is there. */
const SETTLED_MS = 1_500

const Seen = z.object({ shift: z.number(), painted: z.number(), ran: z.number() })

/**
 * Opens a page in a new profile, with an empty cache.
 *
 * @param cookie of somebody who is signed in, as `name=value`
 * @param slower by how much the processor is slowed down. The browser does so by keeping the thread busy, by the clock on
 *   the wall: `computedMs` is one to go by where it is 1
 */
export async function visitFirst(
  browser: Browser,
  url: string,
  cookie: string,
  slower: number = SLOWER,
): Promise<FirstVisit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await context.addCookies(cookiesOf(cookie, url))
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const traffic = await listenTo(devtools, slower)
  await page.addInitScript(WATCH)
  // On a machine that is busy besides, a slowed page takes its time.
  await page.goto(url, { waitUntil: 'load', timeout: 120_000 })
  await page.waitForTimeout(SETTLED_MS)
  const { shift, painted, ran } = Seen.parse(await page.evaluate(LOOK))
  const { metrics } = await devtools.send('Performance.getMetrics')
  const computedMs = (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1_000
  const filterMs = z.number().parse(await page.evaluate(OPEN_FILTER))
  await context.close()
  return { ...traffic, computedMs, filterMs, layoutShift: shift, usableMs: Math.max(painted, ran) }
}

const WATCH = `
  globalThis.shifted = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifted += entry.value
  }).observe({ type: 'layout-shift', buffered: true })`

const LOOK = `({
  shift: globalThis.shifted,
  painted: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  ran: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
})`

/** Two frames on: what the press changed is on the screen. */
const OPEN_FILTER = `new Promise((resolve) => {
  const filter = document.querySelector('.toolbar summary')
  if (!filter) return resolve(0)
  const began = performance.now()
  filter.click()
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - began)))
})`

/** What scripts ask for once the page is there: news, not the page. */
const LATER = ['fetch', 'xhr', 'eventsource', 'ping', 'preflight']

/** Counts over the browser's own protocol: what a page may ask about its answers leaves out their headers. */
async function listenTo(
  devtools: CDPSession,
  slower: number,
): Promise<Pick<FirstVisit, 'bytes' | 'headerBytes' | 'requests'>> {
  const traffic = { bytes: new Map<string, number>(), headerBytes: 0, requests: 0 }
  const kinds = new Map<string, { kind: string; headers: number }>()
  devtools.on('Network.responseReceived', ({ requestId, type, response }) => {
    kinds.set(requestId, { kind: type.toLowerCase(), headers: response.encodedDataLength })
  })
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const { kind, headers } = kinds.get(requestId) ?? { kind: 'other', headers: 0 }
    if (LATER.includes(kind)) return
    traffic.requests += 1
    traffic.headerBytes += headers
    traffic.bytes.set(kind, (traffic.bytes.get(kind) ?? 0) + encodedDataLength - headers)
  })
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await devtools.send('Network.enable')
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slower })
  return traffic
}

/** As a browser keeps them. @param cookie as it sends them: `name=value; name=value` */
export function cookiesOf(cookie: string, url: string): { name: string; value: string; url: string }[] {
  return cookie.split('; ').map((pair) => {
    const at = pair.indexOf('=')
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url }
  })
}
