import { execFile, spawn } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { PROJECT_ROOT } from '../../src/root.js'
import { aKey } from '../integration/api/client.js'
import { useApp } from '../support/app.js'
import { anApp, anOwner, OWNER_PASSWORD } from '../support/builders.js'
import { useChromium } from '../support/chromium.js'
import { userAgentOf } from '../support/clients.js'
import { oneDatabase } from '../support/database.js'
import { freePort } from '../support/postgres.js'
import { temporaryFolder } from '../support/server.js'

const run = promisify(execFile)
const LONDON = '81.2.69.160'

oneDatabase((database) => {
  const rollcall = useApp(database)
  const browser = useChromium()
  let packed = ''
  let removeFolder: () => Promise<void> | void = () => {}
  beforeAll(async () => {
    const folder = temporaryFolder((remove) => {
      removeFolder = remove
    })
    await run('npm', ['run', '-s', 'pack:client', '--', folder], { cwd: PROJECT_ROOT })
    packed = folder
  })
  afterAll(() => removeFolder())

  /** The example as it lies there, with the packed client and what else it needs of ours. */
  async function started(example: string, needs: string[], env: Record<string, string>): Promise<string> {
    const folder = temporaryFolder()
    cpSync(join(PROJECT_ROOT, 'examples', example), folder, { recursive: true })
    await run('tar', ['xzf', 'rollcall-0.1.0.tgz'], { cwd: packed })
    mkdirSync(join(folder, 'node_modules'))
    cpSync(join(packed, 'package'), join(folder, 'node_modules/rollcall'), { recursive: true })
    for (const name of needs) {
      mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
      symlinkSync(join(PROJECT_ROOT, 'node_modules', name), join(folder, 'node_modules', name))
    }
    const port = String(await freePort())
    const child = spawn('npm', ['start', '--silent'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: port, ROLLCALL_URL: rollcall.url, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    onTestFinished(() => void process.kill(-(child.pid ?? 0), 'SIGKILL'))
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (text: Buffer) => text.includes('http://localhost') && resolve())
      child.on('exit', (code) => reject(new Error(`the example ended with ${code}`)))
    })
    return `http://localhost:${port}`
  }

  it('express-passport: seen in the panel with device and place, signed out there, gone at the next click', async () => {
    const shop = await anApp(database.db, { name: 'Shop' })
    const { secret } = await aKey(database.db, { app: shop, scopes: ['sessions:verify', 'sessions:write'] })
    const needs = ['express', 'express-session', 'passport', 'passport-local']
    const origin = await started('express-passport', needs, { ROLLCALL_KEY: secret })

    const mara = await browser.open({ origin, userAgent: userAgentOf('Firefox on Linux') })
    await mara.setExtraHTTPHeaders({ 'x-forwarded-for': LONDON })
    await mara.goto('/')
    await mara.getByLabel('E-mail').fill('mara@shop.example')
    await mara.getByLabel('Password').fill('a kettle in the rain')
    await mara.getByRole('button', { name: 'Sign in' }).click()
    await mara.getByText('Hello Mara Lindqvist. You have been here once.').waitFor()
    await mara.reload()
    await mara.getByText('You have been here 2 times.').waitFor()

    const owner = await anOwner(database.db)
    const admin = await browser.open({ origin: rollcall.url })
    await admin.goto('/sign-in?return_to=/admin/sessions')
    await admin.getByLabel('E-mail').fill(owner.email)
    await admin.getByLabel('Password', { exact: true }).fill(OWNER_PASSWORD)
    await admin.getByRole('button', { name: 'Sign in', exact: true }).click()
    const row = admin.locator('[data-row]').filter({ hasText: 'Mara Lindqvist' })
    await row.waitFor()
    expect(await row.innerText()).toMatch(/Firefox[\s\S]*Linux[\s\S]*81\.2\.69\.160[\s\S]*Shop/)
    await row.getByRole('link', { name: 'Mara Lindqvist' }).click()
    await admin.locator('#drawer #session').getByRole('button', { name: 'Sign out', exact: true }).click()
    await expect.poll(() => row.innerText()).toMatch(/signed out/i)

    await mara.reload()
    await expect.poll(() => mara.url()).toMatch(/\/sign-in$/)
    await mara.getByRole('button', { name: 'Sign in' }).waitFor()
  })
})
