import { type HeaderSource, leadingNumbers, readable } from './headers.js'

/**
 * Value of the `Accept-CH` response header: what to ask browsers for beyond what they send unasked. They send it from
 * the next request on, over https and on localhost.
 */
export const ACCEPT_CH = 'Sec-CH-UA-Full-Version-List, Sec-CH-UA-Platform-Version, Sec-CH-UA-Model'

/** What User-Agent Client Hints tell; null where they do not. */
export interface Hints {
  brand: { name: string; version: string | null } | null
  os: string | null
  osVersion: string | null
  mobile: boolean | null
  model: string | null
}

/** Reads the Client Hints of a request. Never throws: what cannot be read was not sent. */
export function readHints(headers: HeaderSource): Hints {
  const hint = (name: string) => headers.get(`sec-ch-ua${name}`)?.slice(0, 1024) ?? ''
  const os = SYSTEMS.get(unquoted(hint('-platform'))) ?? null
  const mobile = hint('-mobile').trim()
  return {
    brand: tellingBrand(hint('-full-version-list')) ?? tellingBrand(hint('')),
    os,
    osVersion: os && systemVersion(os, unquoted(hint('-platform-version'))),
    mobile: mobile === '?1' ? true : mobile === '?0' ? false : null,
    model: readable(unquoted(hint('-model'))),
  }
}

const SYSTEMS = new Map([
  ['Windows', 'Windows'],
  ['macOS', 'macOS'],
  ['Android', 'Android'],
  ['Linux', 'Linux'],
  ['iOS', 'iOS'],
  ['Chrome OS', 'ChromeOS'],
  ['Chromium OS', 'ChromeOS'],
])

const BRAND = /"((?:[^"\\]|\\.)*)"\s*;\s*v="([^"]*)"/g
/** Browsers add a made-up brand so that nobody comes to rely on the list: `Not_A Brand`, `Not(A:Brand`. */
const GREASE = /not.?a.?brand/i

/** The brand that tells most: a WebView rather than its browser, anything rather than the engine all of them share. */
function tellingBrand(list: string): Hints['brand'] {
  const brands = [...list.matchAll(BRAND)].flatMap(([, name = '', version = '']) => {
    const shown = readable(name)
    return shown && !GREASE.test(shown) ? [{ name: shown, version: leadingNumbers(version, 2) }] : []
  })
  return (
    brands.find(({ name }) => name.includes('WebView')) ??
    brands.find(({ name }) => name !== 'Chromium') ??
    brands[0] ??
    null
  )
}

function systemVersion(os: string, text: string): string | null {
  const version = leadingNumbers(text, 3)
  return version && (os === 'Windows' ? windowsVersion(version) : version.replace(/(\.0)+$/, ''))
}

/** @see https://learn.microsoft.com/en-us/microsoft-edge/web-platform/how-to-detect-win11 */
function windowsVersion(platformVersion: string): string {
  const major = Number.parseInt(platformVersion, 10)
  if (major >= 13) return '11'
  if (major >= 1) return '10'
  return { '0.3': '8.1', '0.2': '8' }[platformVersion.split('.', 2).join('.')] ?? '7'
}

function unquoted(text: string): string {
  return text.trim().replace(/^"(.*)"$/, '$1')
}
