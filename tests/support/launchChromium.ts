import { type Browser, chromium } from 'playwright-core'
import { findChromium } from './findChromium.js'

/** As root there is no sandbox; the rest keeps it from talking to anybody but us. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('No Chromium found; run the tests through `npm test`.')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      // Whoever has a name in the README's examples runs here.
      '--host-resolver-rules=MAP *.example.com 127.0.0.1',
    ],
  })
}
