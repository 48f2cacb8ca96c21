import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { forwardedHops } from './forwarded.js'
import type { HeaderSource } from './headers.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Networks, parsed once so that asking is cheap. */
export type Networks = readonly (readonly [address: Address, bits: number])[]

/**
 * The address that a request came from: the connection's, unless its peer is a trusted proxy; then the rightmost hop
 * that is not one itself. Where every hop is trusted, the visitor sits among them: the leftmost.
 *
 * @returns canonical text, or null when it cannot be told: no peer, or a hop that a proxy wrote and nobody can read
 * @see forwardedHops for which header is believed
 */
export function clientAddress(peer: string | undefined, headers: HeaderSource, trusted: Networks): string | null {
  let client = peer === undefined ? null : canonicalAddress(peer)
  if (client === null || !inNetworks(client, trusted)) return client
  for (const hop of forwardedHops(headers)) {
    client = hop === null ? null : canonicalAddress(hop)
    if (client === null || !inNetworks(client, trusted)) return client
  }
  return client
}

const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/
const BRACKETED = /^\[([^[\]]+)\](?::(\d{1,5}|_[\w.-]+))?$/
const WITH_PORT = /^(\d[\d.]+):(\d{1,5}|_[\w.-]+)$/

/**
 * One spelling for each address, that of PostgreSQL's `host(inet)`: RFC 5952, IPv4-mapped as IPv4. Quotes, brackets,
 * ports and zone ids, which forwarding headers bring along, are taken off.
 *
 * @example canonicalAddress('"[2001:DB8:0::1%eth0]:443"') // '2001:db8::1'
 * @returns null for what is no address
 */
export function canonicalAddress(text: string): string | null {
  // Nearly every address of nearly every request, and what a check pays for.
  if (PLAIN_IPV4.test(text)) return text
  // The longest true spelling has a zone id and is well below this; the bound keeps the patterns cheap.
  if (text.length > 128) return null
  const bare = text.trim().replace(/^"(.*)"$/, '$1')
  const [, host, port] = BRACKETED.exec(bare) ?? WITH_PORT.exec(bare) ?? [undefined, bare, undefined]
  if (host === undefined || Number(port) > 65535) return null
  const [inside = '', zone] = host.split('%', 2)
  // Brackets hold IPv6 only, and IPv4 has no zones.
  if ((zone !== undefined || bare.startsWith('[')) && !isIPv6(inside)) return null
  if (zone === '') return null
  const address = parse(inside)
  return address && print(unmapped(address))
}

/**
 * One spelling for each network, always with its length. A bare address is the network of itself alone.
 *
 * @example canonicalNetwork('2001:DB8::/32') // { network: '2001:db8::/32' }
 * @example canonicalNetwork('203.0.113.7/24') // { error: '203.0.113.7/24 has host bits set; did you mean 203.0.113.0/24?' }
 */
export function canonicalNetwork(text: string): { network: string } | { error: string } {
  const read = networkAround(text)
  if ('error' in read) return read
  if (read.exact) return { network: read.network }
  return { error: `${text.trim()} has host bits set; did you mean ${read.network}?` }
}

/**
 * The same where host bits may be set: the network that the address lies in. `exact` when none were.
 *
 * @example networkAround('203.0.113.7/24') // { network: '203.0.113.0/24', exact: false }
 */
export function networkAround(text: string): { network: string; exact: boolean } | { error: string } {
  const shown = text.trim()
  const [host = '', length, ...rest] = shown.split('/')
  const address = shown.length > 64 || rest.length > 0 ? null : parse(host)
  if (!address) {
    return {
      error: `"${shown.slice(0, 64)}" is not an address or a network; write it like 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32`,
    }
  }
  const widest = address.toByteArray().length * 8
  if (length !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > widest)) {
    return { error: `"${shown}": the length after the slash must be a number from 0 to ${widest}` }
  }
  const bits = length === undefined ? widest : Number(length)
  return {
    network: unmappedNetwork(masked(address, bits), bits),
    exact: print(masked(address, bits)) === print(address),
  }
}

/**
 * The network of all addresses that begin like this, in whole parts.
 *
 * @example networkBeginning('203.0.113.') // '203.0.113.0/24'
 * @example networkBeginning('2001:db8') // '2001:db8::/32'
 * @returns undefined for what no address begins with, and for a number alone, which may be anything
 */
export function networkBeginning(text: string): string | undefined {
  const separator = text.includes(':') ? ':' : '.'
  const parts = text.replace(/[.:]$/, '').split(separator)
  if (!text.includes(separator) || parts.includes('')) return undefined
  const whole = separator === '.' ? [...parts, '0', '0', '0'].slice(0, 4).join('.') : `${parts.join(':')}::`
  const read = networkAround(`${whole}/${parts.length * (separator === '.' ? 8 : 16)}`)
  return 'network' in read ? read.network : undefined
}

/**
 * Reads a list of addresses and networks.
 *
 * @throws Error that names every entry that is none, with what it should be
 */
export function parseNetworks(list: readonly string[]): Networks {
  const read = list.map(canonicalNetwork)
  const errors = read.flatMap((result) => ('error' in result ? [result.error] : []))
  if (errors.length > 0) throw new Error(errors.join('; '))
  return read.flatMap((result) => ('network' in result ? [ipaddr.parseCIDR(result.network)] : []))
}

/** Whether an address, in any spelling, lies in one of the networks. */
export function inNetworks(ip: string | null, networks: Networks): boolean {
  if (ip === null || networks.length === 0) return false
  const address = parseCanonical(ip)
  if (!address) return false
  const kind = address.kind()
  return networks.some(([network, bits]) => network.kind() === kind && address.match(network, bits))
}

/** Addresses that no map has: RFC 1918, loopback, link-local, unique local, carrier-grade NAT. */
export function isPrivate(ip: string): boolean {
  return reachOf(ip) === 'private'
}

const PRIVATE = ['private', 'loopback', 'linkLocal', 'uniqueLocal', 'carrierGradeNat', 'deprecatedSiteLocal']
const RESERVED = ['reserved', 'unspecified', 'multicast', 'broadcast', 'benchmarking', 'discard']

/** `reserved` addresses are on no map either, but nobody's own network: documentation, multicast, benchmarks. */
export function reachOf(ip: string): 'private' | 'reserved' | 'public' {
  const range: string = parseCanonical(ip)?.range() ?? 'reserved'
  if (PRIVATE.includes(range)) return 'private'
  return RESERVED.includes(range) ? 'reserved' : 'public'
}

/** The networks that limits count by beside the address itself (S-23): what one visitor can easily hold. */
export function limitNetworks(ip: string): string[] {
  const address = parseCanonical(ip)
  if (!address) return []
  const lengths = address.kind() === 'ipv4' ? [24] : [64, 48]
  return lengths.map((bits) => `${print(masked(address, bits))}/${bits}`)
}

/** Strict: four decimal parts without leading zeros, or RFC 4291 text. `010.0.0.1` and `127.1` mean different things to different programs. */
function parse(text: string): Address | null {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text)
  return isIPv6(text) && !text.includes('%') ? ipaddr.IPv6.parse(withoutDots(text)) : null
}

/** `::192.0.2.1` as `::c000:201`: ipaddr.js would take it for the IPv4-mapped `::ffff:192.0.2.1`, another address. */
function withoutDots(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
}

function parseCanonical(ip: string): Address | null {
  const canonical = canonicalAddress(ip)
  return canonical === null ? null : parse(canonical)
}

function unmapped(address: Address): Address {
  return 'parts' in address && address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

function unmappedNetwork(address: Address, bits: number): string {
  const inner = bits >= 96 ? unmapped(address) : address
  return `${print(inner)}/${inner === address ? bits : bits - 96}`
}

function masked(address: Address, bits: number): Address {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8))
    return byte & (0xff << (8 - kept))
  })
  return ipaddr.fromByteArray(bytes)
}

function print(address: Address): string {
  if (!('parts' in address)) return address.toString()
  const [seventh = 0, eighth = 0] = address.parts.slice(6)
  // PostgreSQL prints the deprecated IPv4-compatible form with dots, where RFC 5952 leaves the choice.
  if (seventh === 0 || address.parts.slice(0, 6).some((part) => part !== 0)) return address.toRFC5952String()
  return `::${seventh >> 8}.${seventh & 0xff}.${eighth >> 8}.${eighth & 0xff}`
}
