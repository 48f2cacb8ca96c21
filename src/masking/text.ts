import { networkAround } from '../devices/address.js'

/** What stays of an address: the network that one visitor or one site has. */
const KEPT_BITS = { ipv4: 24, ipv6: 48 } as const

const LONGEST_INITIALS = 3

/**
 * The initials of a name.
 *
 * @example maskName('Ada Lovelace') // 'A. L.'
 */
export function maskName(name: string): string {
  if (name.includes('@')) return maskText(name)
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’.-]*/gu) ?? []
  const letters = words.slice(0, LONGEST_INITIALS).map((word) => [...word][0]?.toLocaleUpperCase('en-GB') ?? '')
  return letters.map((letter) => `${letter}.`).join(' ') || (name === '' ? '' : '•')
}

/**
 * Takes the addresses of machines and of people out of a text, and leaves the rest as it is.
 *
 * @example maskText('ada@example.com from 203.0.113.7') // 'a***@example.com from 203.0.113.x'
 * @example maskText('2001:db8:1:2::3, 10.0.0.0/8') // '2001:db8:1::/48, 10.0.0.0/8'
 */
export function maskText(text: string): string {
  return text.replaceAll(EMAIL, maskEmail).replaceAll(IPV6, maskNetwork).replaceAll(IPV4, maskNetwork)
}

/** Whatever has an @ within it: what is no true address may still be somebody's. */
const EMAIL = /[^\s@"'<>()[\]{},:;“”‘’|\\]+@[^\s@"'<>()[\]{},:;“”‘’|\\]+/gu
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,8}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})(?:\/\d{1,3}(?!\d))?(?![\w:])/gi
const IPV4 = /(?<!\d|\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)(?:\/\d{1,2}(?!\d))?/g

function maskEmail(email: string): string {
  const [local = '', domain = ''] = email.split('@')
  if (local.endsWith('***')) return email
  const [first = '', ...more] = local
  return `${more.length > 0 ? first : ''}***@${domain}`
}

/** "203.0.113.x" is read as its network again; see `maskedNetwork`. */
function maskNetwork(found: string): string {
  // Versions of browsers: "Chrome/142.0.0.0". Of an address nothing would be said by it either.
  if (/^\d+\.0\.0\.0$/.test(found)) return found
  const [host = '', length] = found.split('/')
  const bits = host.includes(':') && !/^::ffff:\d+\./i.test(host) ? KEPT_BITS.ipv6 : KEPT_BITS.ipv4
  const isWide = length !== undefined && Number(length) <= bits
  const mapped = host.replace(/^::ffff:(?=\d+\.)/i, '')
  const around = networkAround(`${mapped}/${isWide ? length : bits}`)
  if ('error' in around) return found
  // Of "203.0.113.7/24" the network may be said, and not the address that it was written with.
  if (isWide) return around.exact ? found : around.network
  return bits === KEPT_BITS.ipv4 ? around.network.replace(/\.\d+\/24$/, '.x') : around.network
}

/** The network that "203.0.113.x" stands for, so that what is read can be searched for. */
export const maskedNetwork = (text: string): string | undefined =>
  /^\d{1,3}(\.\d{1,3}){2}\.x$/.test(text.trim()) ? `${text.trim().slice(0, -2)}.0/24` : undefined

/** Whether a text says nothing about addresses that a masked one does not. */
export const isMasked = (text: string): boolean => maskText(text) === text
