import UAParser from 'ua-parser-js'
import { type HeaderSource, leadingNumbers, readable } from './headers.js'
import { type Hints, readHints } from './hints.js'
import { readProgram } from './programs.js'
import type { Device, DeviceType } from './types.js'

export { ACCEPT_CH } from './hints.js'

/** More than this is not parsed (S-52): real agents are far shorter, and patterns take longer the more there is. */
export const USER_AGENT_LIMIT = 1024

/**
 * What a request tells of its device. Client Hints, where sent, rule over the user agent, which browsers have frozen:
 * every Windows says 10, every Mac 10.15.7, every Android phone "10; K".
 *
 * Never throws: a sign-in does not fail for what a browser calls itself.
 */
export function readDevice(headers: HeaderSource & { userAgent: string }): Device {
  const userAgent = headers.userAgent.slice(0, USER_AGENT_LIMIT)
  const hints = readHints(headers)
  const told = parseUserAgent(userAgent)
  const program = readProgram(userAgent, told)
  if (program) return { ...told, ...program, model: null }
  return {
    ...browserOf(told, hints),
    ...systemOf(told, hints),
    type: typeOf(told, hints, userAgent),
    model: hints.model ?? told.model,
  }
}

function parseUserAgent(userAgent: string): Device {
  const parser = new UAParser(userAgent)
  const { name: browserName, version: browserVersion } = parser.getBrowser()
  const { name: osName, version: osVersion } = parser.getOS()
  const { model, type } = parser.getDevice()
  const browser = readable(browserName)
  const os = readable(osName)
  const device: Device = {
    browser: browser && (BROWSERS.get(browser) ?? browser),
    browserVersion: browser === 'WebKit' ? null : leadingNumbers(browserVersion, 2),
    os: os && (model === 'iPad' ? 'iPadOS' : (SYSTEMS.get(os) ?? os)),
    osVersion: leadingNumbers(osVersion, 3) ?? WINDOWS_NAMES.find((name) => name === osVersion) ?? null,
    type: (type && TYPES.get(type)) || 'unknown',
    model: model === 'Macintosh' ? null : readable(model),
  }
  return thawed(device)
}

/** Takes out what browsers say for compatibility's sake, whatever the truth. */
function thawed(device: Device): Device {
  const { os, osVersion, browser, browserVersion, model } = device
  if (os === 'Windows' && osVersion === '10') return { ...device, osVersion: '10 or 11' }
  if (os === 'macOS' && osVersion?.startsWith('10.15')) return { ...device, osVersion: null }
  if (os === 'Android' && osVersion === '10' && model === 'K') return { ...device, osVersion: null, model: null }
  if (os === 'ChromeOS' && osVersion?.startsWith('14541')) return { ...device, osVersion: null }
  if (os === 'Linux') return { ...device, osVersion: null }
  // From version 26 on, Safari and the system it comes with share a number, and the system's own stays at 18.
  const sharesVersion = browser === 'Safari' && Number.parseInt(browserVersion ?? '', 10) >= 26
  return (os === 'iOS' || os === 'iPadOS') && sharesVersion ? { ...device, osVersion: browserVersion } : device
}

function browserOf(told: Device, { brand }: Hints): Pick<Device, 'browser' | 'browserVersion'> {
  const name = brand && (BROWSERS.get(brand.name) ?? brand.name)
  // An app around an engine names the engine in its hints and itself in its user agent.
  const saysLess = name === 'Chromium' || name === 'Android WebView'
  const toldMore = told.browser !== null && !ENGINES.includes(told.browser)
  if (!brand || !name || (saysLess && toldMore)) return { browser: told.browser, browserVersion: told.browserVersion }
  return { browser: name, browserVersion: brand.version ?? (name === told.browser ? told.browserVersion : null) }
}

function systemOf(told: Device, hints: Hints): Pick<Device, 'os' | 'osVersion'> {
  if (hints.os === null || (hints.os === 'iOS' && told.os === 'iPadOS'))
    return { os: told.os, osVersion: told.osVersion }
  return { os: hints.os, osVersion: hints.osVersion ?? (hints.os === told.os ? told.osVersion : null) }
}

function typeOf(told: Device, hints: Hints, userAgent: string): DeviceType {
  const os = hints.os ?? told.os
  if (hints.mobile) return told.type === 'unknown' ? 'mobile' : told.type
  if (told.type !== 'unknown') return told.type
  // Android's browsers say "Mobile" on phones and leave it out on tablets.
  if (os === 'Android') return /\bMobile\b/.test(userAgent) ? 'mobile' : 'tablet'
  return os === null ? 'unknown' : 'desktop'
}

const ENGINES = ['Chrome', 'Chromium', 'Android WebView', 'Android Browser']

/** How people call them, by the parser's name and by the brand in Client Hints. */
const BROWSERS = new Map([
  ['Google Chrome', 'Chrome'],
  ['Mobile Chrome', 'Chrome'],
  ['HeadlessChrome', 'Chrome Headless'],
  ['Chrome WebView', 'Android WebView'],
  ['Microsoft Edge', 'Edge'],
  ['Microsoft Edge WebView2', 'Edge WebView'],
  ['Mobile Safari', 'Safari'],
  ['Mobile Firefox', 'Firefox'],
  ['Opera Mobi', 'Opera'],
  ['Opera Mobile', 'Opera'],
  ['OperaMobile', 'Opera'],
  ['Opera Tablet', 'Opera'],
  ['Opera Touch', 'Opera'],
  ['Yandex', 'Yandex Browser'],
  ['YaBrowser', 'Yandex Browser'],
  ['IE', 'Internet Explorer'],
  ['IEMobile', 'Internet Explorer'],
  ['GSA', 'Google app'],
  ['UCBrowser', 'UC Browser'],
  ['QQBrowser', 'QQ Browser'],
  ['Silk', 'Amazon Silk'],
  ['WebKit', 'Safari WebView'],
])

/** Versions of Windows without a number. */
const WINDOWS_NAMES = ['XP', 'Vista', 'ME', 'RT']

const SYSTEMS = new Map([
  ['linux', 'Linux'],
  ['Mac OS', 'macOS'],
  ['Chromium OS', 'ChromeOS'],
  ['Chrome OS', 'ChromeOS'],
  ['Android-x86', 'Android'],
  ...['Ubuntu', 'Debian', 'Fedora', 'Mint', 'Arch', 'CentOS', 'RedHat', 'SUSE', 'Gentoo', 'Slackware', 'Manjaro'].map(
    (name): [string, string] => [name, 'Linux'],
  ),
])

const TYPES = new Map<string, DeviceType>([
  ['mobile', 'mobile'],
  ['wearable', 'mobile'],
  ['tablet', 'tablet'],
  ['smarttv', 'tv'],
  ['console', 'tv'],
])
