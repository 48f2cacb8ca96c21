import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { z } from 'zod'
import { findChromium } from '../../support/findChromium.js'
import { freePort } from '../../support/postgres.js'

/** The last that runs on Node 20. Fetched for the occasion: with what it brings it is larger than all else that we use. */
const LIGHTHOUSE = 'lighthouse@12.8.2'

const ANSWER = ['--quiet', '--output=json', '--only-categories=accessibility,best-practices']
const FLAGS = ['--headless', '--no-sandbox', '--disable-quic', '--disable-background-networking']

const Answer = z.object({ categories: z.record(z.string(), z.object({ score: z.number() })) })

/**
 * What Lighthouse says of pages, in percent by category, in a browser that is signed in: a header that Lighthouse sends
 * along would not go with the page's event stream.
 *
 * @param cookie as a browser sends them
 */
export async function askLighthouse(
  origin: string,
  paths: string[],
  cookie: string,
): Promise<Map<string, Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-lighthouse-'))
  const port = await freePort()
  const browser = spawn(findChromium() ?? '', [
    ...FLAGS,
    `--remote-debugging-port=${port}`,
    `--user-data-dir=${folder}`,
  ])
  try {
    await giveCookies(`http://127.0.0.1:${port}`, cookiesOf(cookie, origin))
    const found = new Map<string, Record<string, number>>()
    for (const path of paths) {
      const words = ['--yes', LIGHTHOUSE, `${origin}${path}`, `--port=${port}`, ...ANSWER]
      const { stdout } = await promisify(execFile)('npx', words, { maxBuffer: 64_000_000 })
      const { categories } = Answer.parse(JSON.parse(stdout))
      found.set(path, Object.fromEntries(Object.entries(categories).map(([name, { score }]) => [name, score * 100])))
    }
    return found
  } finally {
    browser.kill()
    await once(browser, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Lets go of the browser after it: pages that somebody else watches too do not paint for Lighthouse. */
async function giveCookies(endpoint: string, cookies: ReturnType<typeof cookiesOf>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const watched = await chromium.connectOverCDP(endpoint)
      await watched.contexts()[0]?.addCookies(cookies)
      return await watched.close()
    } catch (error) {
      if (tries === 50) throw error
      await pause(100)
    }
  }
}

const cookiesOf = (cookie: string, url: string) =>
  cookie.split('; ').map((pair) => {
    const [name = '', ...value] = pair.split('=')
    return { name, value: value.join('='), url }
  })
