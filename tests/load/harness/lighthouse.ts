import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import { z } from 'zod'
import { findChromium } from '../../support/findChromium.js'
import { freePort } from '../../support/postgres.js'

/** The last that runs on Node 20. Fetched for the occasion: with what it brings it is larger than all else that we use. */
const LIGHTHOUSE = 'lighthouse@12.8.2'

const Answer = z.object({ categories: z.record(z.string(), z.object({ score: z.number() })) })

/**
 * What Lighthouse says of pages, in percent by category, in a browser that is signed in: a header that Lighthouse sends
 * along would not go with the page's event stream.
 *
 * @param cookie as a browser sends them
 */
export async function askLighthouse(urls: string[], cookie: string): Promise<Map<string, Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-lighthouse-'))
  const port = await freePort()
  const profile = await chromium.launchPersistentContext(folder, {
    executablePath: findChromium() ?? '',
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', `--remote-debugging-port=${port}`],
  })
  try {
    const found = new Map<string, Record<string, number>>()
    for (const url of urls) {
      await profile.addCookies(cookiesOf(cookie, url))
      const words = [
        ...['--yes', LIGHTHOUSE, url, '--quiet', '--output=json', '--only-categories=accessibility,best-practices'],
        `--port=${port}`,
      ]
      const { stdout } = await promisify(execFile)('npx', words, { maxBuffer: 64_000_000 })
      const { categories } = Answer.parse(JSON.parse(stdout))
      found.set(url, Object.fromEntries(Object.entries(categories).map(([name, { score }]) => [name, score * 100])))
    }
    return found
  } finally {
    await profile.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const cookiesOf = (cookie: string, url: string) =>
  cookie.split('; ').map((pair) => {
    const [name = '', ...value] = pair.split('=')
    return { name, value: value.join('='), url }
  })
