import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Chromium's own build for runs without a screen comes first: the same pages for little more than half of the CPU. */
const PLACES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
)

/** The path of a Chromium on this machine. `CHROMIUM` names another one. */
export function findChromium(): string | undefined {
  return [process.env['CHROMIUM'] ?? '', ...PLACES].find((path) => path && existsSync(path))
}

/** Global set-up of the browser tests: on a bare Debian a Chromium is installed first, and we say so. */
export default function setUp() {
  if (findChromium()) return
  console.log('No Chromium here: installing the distribution’s with apt-get.')
  try {
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium-headless-shell'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  } catch {
    throw new Error('The browser tests need Chromium: install it, or set CHROMIUM to its path.')
  }
}
