import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createCompany } from '../../src/demo/people.js'
import { PROJECT_ROOT } from '../../src/root.js'
import { launchChromium } from '../support/launchChromium.js'
import { freePort } from '../support/postgres.js'

/*
 * `npm run screenshots`: starts the demo, signs in as its owner, and photographs every page in both themes, wide, on a tablet and
 * on a phone, into tests/browser/screenshots/. The README's picture, tests/browser/readme-sessions.png, is one of them.
 */
const FOLDER = join(PROJECT_ROOT, 'tests', 'browser', 'screenshots')
const README_PICTURE = join(PROJECT_ROOT, 'tests', 'browser', 'readme-sessions.png')
/** So long people come and go before the first picture. */
const LIFE_MS = 25_000
const SIZES = {
  1440: { width: 1440, height: 900 },
  768: { width: 768, height: 1024 },
  390: { width: 390, height: 844 },
}
type Width = keyof typeof SIZES
type Theme = 'light' | 'dark'

/** What to photograph, and how to get there. */
const PAGES: Record<string, (page: Page) => Promise<unknown>> = {
  overview: (page) => page.goto('/admin'),
  sessions: (page) => page.goto('/admin/sessions'),
  drawer: openDrawer,
  block: async (page) => {
    await openDrawer(page)
    await page.locator('#drawer').getByRole('link', { name: 'Block account' }).click()
    await page.getByRole('dialog').waitFor()
  },
  account: async (page) => {
    await page.goto('/admin/sessions?q=priya')
    await page.goto(await hrefOf(page, '/admin/accounts/'))
  },
  'account-sign-ins': async (page) => {
    await page.goto('/admin/sessions?q=priya')
    await page.goto(`${await hrefOf(page, '/admin/accounts/')}?tab=sign-ins`)
  },
  selected: async (page) => {
    await page.goto('/admin/sessions')
    if ((page.viewportSize()?.width ?? 0) < 640) await page.getByText('Select', { exact: true }).click()
    for (const n of [1, 2, 4]) await page.locator('.row-select').nth(n).check()
  },
  palette: async (page) => {
    await page.goto('/admin/sessions')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('priya')
    await page
      .getByRole('option', { name: /Priya Raman/ })
      .first()
      .waitFor()
  },
  'no-match': (page) => page.goto('/admin/sessions?q=nobody+has+this'),
  ended: (page) => page.goto('/admin/sessions?state=ended'),
  'sign-out-matching': (page) => page.goto('/admin/sessions/revoke-matching?country=GB'),
  'not-found': (page) => page.goto('/admin/nothing'),
  accounts: (page) => page.goto('/admin/accounts'),
  invite: (page) => page.goto('/admin/accounts/invite'),
  blocks: (page) => page.goto('/admin/blocks'),
  'block-network': (page) => page.goto('/admin/blocks/new'),
  import: (page) => page.goto('/admin/blocks/import'),
  audit: (page) => page.goto('/admin/audit'),
  chain: (page) => page.goto('/admin/audit/chain'),
  'kill-switch': (page) => page.goto('/admin/kill-switch'),
  jobs: (page) => page.goto('/admin/jobs'),
  settings: (page) => page.goto('/admin/settings'),
  admins: (page) => page.goto('/admin/settings/admins'),
  keys: (page) => page.goto('/admin/settings/keys'),
  'new-key': (page) => page.goto('/admin/settings/keys/new'),
  about: (page) => page.goto('/admin/settings/about'),
  devices: (page) => page.goto('/account/sessions'),
  security: (page) => page.goto('/account/security'),
}

async function takeThemAll() {
  const demo = await startDemo()
  const browser = await launchChromium()
  try {
    mkdirSync(FOLDER, { recursive: true })
    const cookies = await signIn(browser, demo)
    await pause(LIFE_MS)
    for (const width of [1440, 768, 390] as const) {
      for (const theme of ['light', 'dark'] as const) {
        const context = await profile(browser, demo.url, width, theme)
        await photograph(await context.newPage(), 'sign-in', width, theme, (page) => page.goto('/sign-in'))
        await context.addCookies(cookies)
        for (const [name, go] of Object.entries(PAGES))
          await photograph(await context.newPage(), name, width, theme, go)
        await context.close()
      }
    }
  } finally {
    await browser.close()
    demo.process.kill('SIGTERM')
  }
}

/** Images below the fold are loaded only when asked for, and their `decode` would wait for ever. */
const ALL_IS_DRAWN = `
  for (const image of document.images) image.loading = 'eager'
  Promise.race([
    Promise.all([document.fonts.ready, ...[...document.images].map((image) => image.decode())]).catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, 3000)),
  ])`

async function photograph(page: Page, name: string, width: Width, theme: Theme, go: (page: Page) => Promise<unknown>) {
  const file = `${name}-${width}-${theme}.png`
  try {
    await go(page)
    // The event stream of a page never ends, so it is not waited for.
    await page.waitForLoadState('load')
    await page.evaluate(ALL_IS_DRAWN)
    await pause(300)
    await page.screenshot({ path: join(FOLDER, file) })
    if (file === 'sessions-1440-light.png')
      await page.screenshot({ path: README_PICTURE, clip: { x: 0, y: 0, width: 1440, height: 830 } })
    console.log(file)
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
    process.exitCode = 1
  }
  await page.close()
}

/** The session that the attacker has in Priya's name, from the list. */
async function openDrawer(page: Page) {
  await page.goto('/admin/sessions?q=priya&os=Linux')
  await page.locator('[data-row-link]').first().click()
  await page.locator('#drawer #session').waitFor()
}

async function hrefOf(page: Page, prefix: string): Promise<string> {
  const href = await page.locator(`a[href^="${prefix}"]`).first().getAttribute('href')
  return href ?? prefix
}

async function signIn(browser: Browser, { url, email, password }: Demo) {
  const context = await profile(browser, url, 1440, 'light')
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Emulation.setUserAgentOverride', ON_A_MAC)
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(/\/admin/)
  const cookies = await context.cookies()
  await context.close()
  return cookies
}

/** The owner at home in Dublin: the demo believes what this machine says about where a request comes from. */
function profile(browser: Browser, baseURL: string, width: Width, theme: Theme): Promise<BrowserContext> {
  const home = createCompany(new Date()).find(({ role }) => role === 'owner')?.home ?? ''
  return browser.newContext({
    baseURL,
    viewport: SIZES[width],
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    extraHTTPHeaders: { 'x-forwarded-for': home },
  })
}

const BRANDS = [
  { brand: 'Chromium', version: '142' },
  { brand: 'Google Chrome', version: '142' },
]
/** What a headless Chromium would say of itself is nothing to show. */
const ON_A_MAC = {
  userAgent:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  userAgentMetadata: {
    brands: BRANDS,
    fullVersionList: BRANDS,
    platform: 'macOS',
    platformVersion: '26.1.0',
    architecture: 'arm',
    model: '',
    mobile: false,
  },
}

interface Demo {
  process: ChildProcess
  url: string
  email: string
  password: string
}

async function startDemo(): Promise<Demo> {
  const port = await freePort()
  const child = spawn(process.execPath, ['dist/server/demo/main.js'], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGTERM'))
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    const [, email, password] = /sign in as (\S+) with the password (\S+)/.exec(said) ?? []
    if (email && password) return { process: child, url: `http://localhost:${port}`, email, password }
  }
  throw new Error('the demo did not start')
}

await takeThemAll()
