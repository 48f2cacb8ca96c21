import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export type Resolve = (name: string) => Promise<string[]>

/** As this machine resolves names for every other program too. */
export const resolveName: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address)

export interface GuardOptions {
  /** For development: http and https to this very machine. */
  allowLoopback: boolean
  resolve: Resolve
}

/** The address is one that Rollcall does not connect to (S-57); the message says why, in words. */
export class RefusedTarget extends Error {
  readonly code = 'refused_target'
}

/**
 * The URL of an endpoint, without looking its name up.
 *
 * @throws RefusedTarget
 */
export function readTarget(text: string, { allowLoopback }: Pick<GuardOptions, 'allowLoopback'>): URL {
  const typed = text.trim()
  if (!URL.canParse(typed)) throw new RefusedTarget('must be an address such as https://example.com/hooks')
  const url = new URL(typed)
  const isOwnMachine = allowLoopback && isLoopbackName(hostOf(url))
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isOwnMachine))
    throw new RefusedTarget('must begin with https://')
  if (url.username || url.password)
    throw new RefusedTarget('must not hold a name or password: deliveries are signed instead')
  url.hash = ''
  return url
}

/** The name, or the address without the brackets of IPv6. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1')

const isLoopbackName = (host: string) => host === 'localhost' || (isIP(host) > 0 && rangeOf(host) === 'loopback')

/**
 * The one address to connect to, looked up now: whoever connects goes there and nowhere else, so that a second answer of
 * the name's server changes nothing (DNS rebinding).
 *
 * @throws RefusedTarget when any of its addresses is not on the public internet
 * @see OWASP ASVS 5.0 1.3.6
 */
export async function pinAddress(url: URL, { allowLoopback, resolve }: GuardOptions): Promise<string> {
  const host = hostOf(url)
  const addresses = isIP(host) > 0 ? [host] : await found(host, resolve)
  for (const address of addresses) {
    if (allowLoopback && rangeOf(address) === 'loopback') continue
    if (!isPublic(address)) throw new RefusedTarget(refusal(host, address))
    if (url.protocol !== 'https:') throw new RefusedTarget('must begin with https://')
  }
  const [first] = addresses
  if (first === undefined) throw new RefusedTarget(`has a name without an address: ${host}`)
  return first
}

const LOOK_UP_MS = 5_000

async function found(host: string, resolve: Resolve): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), LOOK_UP_MS)
  })
  try {
    return await Promise.race([resolve(host), late])
  } catch {
    throw new RefusedTarget(`has a name that can’t be looked up: ${host}`)
  } finally {
    clearTimeout(timer)
  }
}

const refusal = (host: string, address: string) =>
  host === address
    ? `must be on the public internet: ${address} is not`
    : `must be on the public internet: ${host} is ${address}`

/** Public by its range, but within Azure it is the machine's own host. */
const METADATA = ['168.63.129.16']

/** What is on the public internet, by what IANA gives out; whatever else there is, known or not, is refused. */
export function isPublic(address: string): boolean {
  if (rangeOf(address) !== 'unicast' || METADATA.includes(address)) return false
  return isIP(address) === 4 || GLOBAL_UNICAST.some(([net, bits]) => ipaddr.IPv6.parse(address).match(net, bits))
}

const GLOBAL_UNICAST = [[ipaddr.IPv6.parse('2000::'), 3]] as const

/** IPv4-mapped, NAT64, 6to4 and the like are ranges of their own: what they lead to is not looked at. */
function rangeOf(address: string): string {
  return isIP(address) > 0 ? ipaddr.parse(address.split('%')[0] ?? '').range() : 'none'
}
