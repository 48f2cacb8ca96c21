import type { Device, Place } from './types.js'

/** "Chrome 142 on Windows"; "Unknown device" where nothing is known. Never blank. */
export function deviceText({ browser, browserVersion, os }: Device): string {
  const version = browserVersion?.replace(/(\.0)+$/, '')
  const program = browser && [browser, version].filter(Boolean).join(' ')
  if (program && os) return `${program} on ${os}`
  return program || (os ? `Unknown browser on ${os}` : 'Unknown device')
}

/** "Berlin, DE"; the country's name where the city is not known; "Private network"; "Unknown place". Never blank. */
export function placeText({ kind, city, country }: Place): string {
  if (kind === 'private') return 'Private network'
  if (kind === 'unknown') return 'Unknown place'
  if (city) return country ? `${city}, ${country}` : city
  return country ? countryName(country) : 'Unknown place'
}

/** "AS3320 Deutsche Telekom AG"; null where neither number nor owner is known. */
export function networkText({ asn, networkOwner }: Place): string | null {
  return [asn === null ? null : `AS${asn}`, networkOwner].filter(Boolean).join(' ') || null
}

const countries = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' })
/** Looking a name up takes some microseconds, and a list says the same few a hundred times. At most 26 × 26. */
const named = new Map<string, string>()

/** "Germany" for `DE`; the code itself where it has no name; "Unknown country" for none. */
export function countryName(code: string | null): string {
  if (!code || code === 'ZZ') return 'Unknown country'
  const known = named.get(code)
  if (known) return known
  if (!/^[A-Z]{2}$/.test(code)) return /^[a-z]{2}$/i.test(code) ? countryName(code.toUpperCase()) : code
  const name = countries.of(code) ?? code
  named.set(code, name)
  return name
}
