import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launchChromium } from './launchChromium.js'

export interface PageOptions {
  origin: string
  width?: number
  height?: number
  theme?: 'light' | 'dark'
  javaScript?: boolean
  /** A phone's: there is a finger and no pointer. */
  touch?: boolean
  userAgent?: string
  /** Takes certificates that nobody vouches for. */
  anyCertificate?: boolean
  /** Of a session: whoever it is of has signed in to the panel with this browser. */
  token?: string
  /** Adds a page to the same browser profile (cookies) instead of making a new one. */
  sameAs?: Page
}

export interface Chromium {
  /** A page in a profile of its own. Whatever it complains of fails the test, unless `expect` covers it. */
  open(options: PageOptions): Promise<Page>
  /** For tests that provoke an error: complaints that match are no failure. Until the end of the test. */
  allow(pattern: RegExp): void
}

/** A browser for the tests of this file. Pages are closed after each test. */
export function useChromium(): Chromium {
  let browser: Browser
  const contexts = new Set<BrowserContext>()
  const complaints: string[] = []
  let allowed: RegExp[] = []

  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterEach(async () => {
    const unexpected = complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)))
    await Promise.all([...contexts].map((context) => context.close()))
    contexts.clear()
    complaints.length = 0
    allowed = []
    if (unexpected.length > 0) throw new Error(`The page complained:\n${unexpected.join('\n')}`)
  })
  afterAll(() => browser?.close())

  return {
    open: async (options) => {
      const context = options.sameAs?.context() ?? (await newProfile(browser, options))
      contexts.add(context)
      const page = await context.newPage()
      listen(page, (text) => complaints.push(text))
      return page
    },
    allow: (pattern) => {
      allowed.push(pattern)
    },
  }
}

/**
 * Waits until a page has left for the sign-in page by itself. The event of its stream and an answer that it was waiting
 * for both lead there, and whichever comes second cuts the first one's navigation off: where it ends is what counts.
 */
export async function leavesForSignIn(page: Page, returnTo = ''): Promise<void> {
  await expect
    .poll(() => page.url(), { timeout: 30_000 })
    .toContain(`/sign-in?return_to=${encodeURIComponent(returnTo)}`)
  await page.waitForLoadState()
}

async function newProfile(browser: Browser, options: PageOptions): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: options.origin,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.theme ?? 'light',
    javaScriptEnabled: options.javaScript ?? true,
    hasTouch: options.touch ?? false,
    isMobile: options.touch ?? false,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ignoreHTTPSErrors: options.anyCertificate ?? false,
    ...(options.userAgent ? { userAgent: options.userAgent } : {}),
  })
  if (options.token) await context.addCookies([{ name: 'rollcall', value: options.token, url: options.origin }])
  return context
}

/**
 * Scripts that throw, violations of the content security policy (Chromium reports them as console errors) and missing
 * files. A page or a fetch that is refused is an answer; the test looks at it itself.
 */
function listen(page: Page, complain: (text: string) => void) {
  page.on('pageerror', (error) => complain(`${page.url()}: uncaught ${error.message}`))
  page.on('console', (message) => {
    const refused = message.text().startsWith('Failed to load resource: the server responded')
    if (message.type() === 'error' && !refused) complain(`${page.url()}: ${message.text()}`)
  })
  page.on('response', (response) => {
    const answer = ['document', 'fetch', 'xhr', 'eventsource'].includes(response.request().resourceType())
    if (response.status() >= (answer ? 500 : 400)) complain(`${response.url()}: answered ${response.status()}`)
  })
}
