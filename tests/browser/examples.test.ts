import { spawn } from 'node:child_process'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { saveHost } from '../../src/accounts/apps/protectedHosts.js'
import { blockAccount } from '../../src/accounts/blocks/blocks.js'
import { SYSTEM, TERMINAL } from '../../src/audit/types.js'
import { revokeAccountSessions } from '../../src/sessions/revoke.js'
import { aKey } from '../integration/api/client.js'
import { useApp } from '../support/app.js'
import { anAccount, anApp, anOwner, aSession, type TestAccount } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { oneDatabase } from '../support/database.js'
import { installExample } from '../support/packedClient.js'
import { freePort } from '../support/postgres.js'
import { temporaryFolder } from '../support/server.js'

const LONDON = '81.2.69.160'
const MARA = { name: 'Mara Lindqvist', email: 'mara@shop.example', password: 'a kettle in the rain' }

/** Their folders, as the panel calls them, and what somebody who has come in reads. */
const EXAMPLES = {
  'express-passport': { app: 'Shop', greets: 'Hello Mara Lindqvist. You have been here once.' },
  hono: { app: 'Library', greets: 'Hello Mara Lindqvist. Two books are due on Friday.' },
  chat: { app: 'Chat', greets: 'Hello Mara Lindqvist. 1 here.' },
  'static-nginx': { app: 'Handbook', greets: 'Whoever reads this is signed in.' },
} as const
type Example = keyof typeof EXAMPLES
const ALL = Object.keys(EXAMPLES) as Example[]

oneDatabase((database) => {
  const rollcall = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1' })
  const browser = useChromium()
  const origins = new Map<Example, string>()
  const stops: (() => Promise<void> | void)[] = []
  let [mara, owner]: TestAccount[] = []

  beforeAll(async () => {
    mara = await anAccount(database.db, MARA)
    owner = await anOwner(database.db)
    await Promise.all(ALL.map(async (example) => origins.set(example, await started(example))))
  })
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })

  /** As it lies there, by its own command, with an app and a key of its own. */
  async function started(example: Example): Promise<string> {
    const folder = temporaryFolder((remove) => stops.push(remove))
    await installExample(example, folder)
    const app = await anApp(database.db, { name: EXAMPLES[example].app })
    const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify', 'sessions:write'] })
    const port = String(await freePort())
    if (example === 'static-nginx') await protect(`handbook.localhost:${port}`, app)
    const { PATH, HOME } = process.env
    const child = spawn('npm', ['start', '--silent'], {
      cwd: folder,
      env: { PATH, HOME, PORT: port, ROLLCALL_URL: rollcall.url, ROLLCALL_KEY: secret },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
    stops.push(() => {
      process.kill(-(child.pid ?? 0), 'SIGTERM')
      return ended
    })
    return new Promise((resolve, reject) => {
      child.stdout.on('data', (text: Buffer) => {
        const [origin] = /http:\/\/\S+/.exec(String(text)) ?? []
        if (origin) resolve(origin)
      })
      child.on('exit', (code) => reject(new Error(`${example} ended with ${code}`)))
    })
  }

  async function protect(host: string, appId: Awaited<ReturnType<typeof anApp>>) {
    const how = { secure: false, own: undefined } as const
    const saved = await saveHost(database.db, { host, appId, role: 'person', rules: [] }, SYSTEM, how)
    expect(saved).toMatchObject({ status: 'saved' })
    await rollcall.services.node.engine.follower.nudge()
  }

  async function signIn(page: Page) {
    await page.getByLabel('E-mail').fill(MARA.email)
    await page.getByLabel('Password', { exact: true }).fill(MARA.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  /** Mara comes from London to all of them, in one browser, and signs in to each. */
  async function comeIn(): Promise<Record<Example, Page>> {
    const pages: Partial<Record<Example, Page>> = {}
    for (const example of ALL) {
      const origin = origins.get(example) ?? ''
      const [sameAs] = Object.values(pages)
      const page = await browser.open({ origin, ...(sameAs && { sameAs }) })
      await page.setExtraHTTPHeaders({ 'x-forwarded-for': LONDON })
      await page.goto(origin)
      await signIn(page)
      await page.getByText(EXAMPLES[example].greets).waitFor()
      pages[example] = page
    }
    return pages as Record<Example, Page>
  }

  async function panel(path: string): Promise<Page> {
    const { token } = await aSession(database.db, { account: owner as TestAccount })
    const page = await browser.open({ origin: rollcall.url, token })
    await page.goto(path)
    return page
  }

  async function isOutAtTheNextClick(page: Page) {
    await page.reload()
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
    expect(page.url()).toMatch(/\/sign-in(\?|$)/)
  }

  it('each: seen in the panel with device and place, signed out there, gone at the next click', async () => {
    const { chat, ...others } = await comeIn()
    await chat.getByLabel('Say').fill('Is anybody here?')
    await chat.getByRole('button', { name: 'Send' }).click()
    await chat.getByText('Mara Lindqvist: Is anybody here?').waitFor()

    const admin = await panel('/admin/sessions?q=mara')
    for (const { app } of Object.values(EXAMPLES)) {
      const row = admin.locator('[data-row]').filter({ has: admin.locator('.s-app', { hasText: app }) })
      await row.waitFor()
      // What this very browser says of itself.
      expect(await row.innerText()).toMatch(new RegExp(`Chrom(e|ium)[^]*Linux[^]*81\\.2\\.69\\.160[^]*GB[^]*${app}`))
      await row.hover()
      await row.getByRole('button', { name: `Sign out ${MARA.name}` }).click()
      await expect.poll(() => row.innerText()).toMatch(/signed out/i)
    }
    await chat.getByText('You were signed out (4401).').waitFor()
    for (const page of Object.values(others)) await isOutAtTheNextClick(page)
  })

  it('signing out one person in the panel ends them in all apps, with one receipt', async () => {
    await revokeAccountSessions(database.db, (mara as TestAccount).id, TERMINAL, 'a new day')
    const { chat, ...others } = await comeIn()
    const admin = await panel('/admin/sessions?q=mara')
    // Those of before still stand there, struck through.
    const live = admin
      .locator('[data-row]')
      .filter({ has: admin.getByRole('button', { name: `Sign out ${MARA.name}` }) })
    const apps = live.locator('.s-app > :first-child')
    await apps.nth(4).waitFor()
    expect((await apps.allInnerTexts()).toSorted()).toEqual(['Chat', 'Handbook', 'Library', 'Rollcall', 'Shop'])
    await admin.goto(`/admin/accounts/${mara?.id}`)
    await admin.getByRole('link', { name: 'Sign out everywhere' }).click()
    await admin.getByLabel('Reason').first().fill('Left the company')
    await admin.getByRole('button', { name: 'Sign out 5 sessions' }).click()
    const receipt = admin.locator('.toast .receipt')
    await receipt.getByText(/Refused on 1 of 1 node and 3 of 3 app processes after \d/).waitFor()
    expect(await receipt.count()).toBe(1)

    await chat.getByText('You were signed out (4401).').waitFor()
    for (const page of Object.values(others)) await isOutAtTheNextClick(page)
    await others['static-nginx'].getByText('You were signed out by an administrator.').waitFor()

    await chat.getByRole('link', { name: 'Sign in again' }).click()
    await signIn(chat)
    await chat.getByText(EXAMPLES.chat.greets).waitFor()
    await blockAccount(database.db, (mara as TestAccount).id, { reason: 'left' }, TERMINAL)
    await chat.getByText('You were blocked (4403).').waitFor()
  })
})
