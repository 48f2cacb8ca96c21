import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { findChromium } from '../../support/findChromium.js'

/** The last that runs on Node 20. Fetched for the occasion: with what it brings it is larger than all else that we use. */
const LIGHTHOUSE = 'lighthouse@12.8.2'
const CHROMIUM_FLAGS = '--headless --no-sandbox --disable-quic --disable-background-networking'

const Answer = z.object({ categories: z.record(z.string(), z.object({ score: z.number() })) })

/**
 * What Lighthouse says of pages, in percent by category. It sends the cookie with what it asks for itself, which the
 * event stream is not: that is refused, and Lighthouse counts the line in the console against the page.
 */
export async function askLighthouse(urls: string[], cookie: string): Promise<Map<string, Record<string, number>>> {
  const found = new Map<string, Record<string, number>>()
  for (const url of urls) {
    const words = [
      ...['--yes', LIGHTHOUSE, url, '--quiet', '--output=json', '--only-categories=accessibility,best-practices'],
      `--chrome-flags=${CHROMIUM_FLAGS}`,
      `--extra-headers=${JSON.stringify({ Cookie: cookie })}`,
    ]
    const env = { ...process.env, CHROME_PATH: findChromium() }
    const { stdout } = await promisify(execFile)('npx', words, { env, maxBuffer: 64_000_000 })
    const { categories } = Answer.parse(JSON.parse(stdout))
    found.set(url, Object.fromEntries(Object.entries(categories).map(([name, { score }]) => [name, score * 100])))
  }
  return found
}
