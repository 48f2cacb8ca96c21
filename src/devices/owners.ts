import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import ipaddr from 'ipaddr.js'
import { PROJECT_ROOT } from '../root.js'

export interface Owner {
  asn: number
  networkOwner: string
}

/** Who runs which network. */
export interface Owners {
  find(ip: string): Owner | null
}

/**
 * What the build makes of the tables of `@ip-location-db/asn` (half a million rows of text), so that a start reads it in
 * some milliseconds.
 */
export const OWNERS_FILE = join(PROJECT_ROOT, 'dist', 'owners.bin')

/**
 * The columns of the file, one behind the other; ranges are sorted and don't overlap. An owner is the place of its number
 * in `asns`, and of its name, which is UTF-8 from `nameEnds[owner - 1]` to `nameEnds[owner]`.
 */
export interface OwnerTables {
  /** Per range of IPv6: its first and its last address, the upper 64 bits before the lower. */
  ipv6: BigUint64Array
  ipv4Firsts: Uint32Array
  ipv4Lasts: Uint32Array
  ipv4Owners: Uint32Array
  ipv6Owners: Uint32Array
  asns: Uint32Array
  nameEnds: Uint32Array
  names: Uint8Array
}

/** Before the columns: how many ranges of IPv4 and of IPv6 and how many owners there are. */
export const HEADER_BYTES = 16

/** @throws Error when the build has not made the file */
export async function readOwners(): Promise<Owners> {
  const { ipv6, ipv4Firsts, ipv4Lasts, ipv4Owners, ipv6Owners, asns, nameEnds, names } = tablesOf(
    await readFile(OWNERS_FILE),
  )
  const text = new TextDecoder()
  const ipv6At = (at: number) => ((ipv6[at] ?? 0n) << 64n) | (ipv6[at + 1] ?? 0n)

  function ownerOf(ip: string): number | undefined {
    if (isIPv4(ip)) {
      const address = ip.split('.').reduce((number, part) => number * 256 + Number(part), 0)
      const range = lastUpTo(ipv4Firsts.length, (i) => (ipv4Firsts[i] ?? 0) <= address)
      return (ipv4Lasts[range] ?? -1) >= address ? ipv4Owners[range] : undefined
    }
    const address = ipaddr.IPv6.parse(ip).parts.reduce((number, part) => (number << 16n) | BigInt(part), 0n)
    const range = lastUpTo(ipv6Owners.length, (i) => ipv6At(i * 4) <= address)
    return range >= 0 && ipv6At(range * 4 + 2) >= address ? ipv6Owners[range] : undefined
  }

  return {
    find(ip) {
      const owner = ownerOf(ip)
      if (owner === undefined) return null
      const name = names.subarray(nameEnds[owner - 1] ?? 0, nameEnds[owner])
      return { asn: asns[owner] ?? 0, networkOwner: text.decode(name) }
    },
  }
}

function tablesOf(file: Buffer): OwnerTables {
  const [ipv4 = 0, ipv6 = 0, owners = 0] = new Uint32Array(file.buffer, file.byteOffset, HEADER_BYTES / 4)
  let at = file.byteOffset + HEADER_BYTES
  const numbers = (count: number) => {
    const column = new Uint32Array(file.buffer, at, count)
    at += column.byteLength
    return column
  }
  const bounds = new BigUint64Array(file.buffer, at, ipv6 * 4)
  at += bounds.byteLength
  return {
    ipv6: bounds,
    ipv4Firsts: numbers(ipv4),
    ipv4Lasts: numbers(ipv4),
    ipv4Owners: numbers(ipv4),
    ipv6Owners: numbers(ipv6),
    asns: numbers(owners),
    nameEnds: numbers(owners),
    names: file.subarray(at - file.byteOffset),
  }
}

/** By halving: the last of `count` sorted ones that begins at or before what is looked for; -1 when none does. */
function lastUpTo(count: number, begins: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (begins(middle)) low = middle + 1
    else high = middle
  }
  return low - 1
}
