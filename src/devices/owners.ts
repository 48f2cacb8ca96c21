import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import ipaddr from 'ipaddr.js'

export interface Owner {
  asn: number
  networkOwner: string
}

/** Who runs which network. */
export interface Owners {
  find(ip: string): Owner | null
}

/**
 * Reads the tables of `@ip-location-db/asn` (`asn-ipv4-num.csv`, `asn-ipv6-num.csv`): half a million sorted rows like
 * `16777216,16777471,13335,"Cloudflare, Inc."`. They are kept as columns of numbers, a tenth of what objects would take,
 * and are read in blocks between which the event loop gets its turn.
 */
export async function readOwners(ipv4File: string, ipv6File: string): Promise<Owners> {
  const names = new Map<number, string>()
  const ipv4 = await readIPv4(ipv4File, names)
  const ipv6 = await readIPv6(ipv6File, names)
  return {
    find(ip) {
      const asn = isIPv4(ip) ? search(ipv4, toNumber(ip)) : search(ipv6, toBigInt(ip))
      return asn === null ? null : { asn, networkOwner: tidy(names.get(asn) ?? '') }
    },
  }
}

interface Ranges<Key extends number | bigint> {
  readonly count: number
  first(index: number): Key
  last(index: number): Key
  asn(index: number): number
}

async function readIPv4(file: string, names: Map<number, string>): Promise<Ranges<number>> {
  // An upper bound: no row is shorter. Pages that are never written to take no memory, and slice() lets go of the rest.
  const most = Math.ceil((await stat(file)).size / '1.0.0.0,1.0.0.0,1,A'.length)
  const columns = [new Uint32Array(most), new Uint32Array(most), new Uint32Array(most)] as const
  let count = 0
  await eachRow(file, names, (first, last, asn) => {
    columns[0][count] = Number(first)
    columns[1][count] = Number(last)
    columns[2][count] = asn
    count++
  })
  const [firsts, lasts, asns] = columns.map((column) => column.slice(0, count))
  return { count, first: (i) => firsts?.[i] ?? 0, last: (i) => lasts?.[i] ?? 0, asn: (i) => asns?.[i] ?? 0 }
}

async function readIPv6(file: string, names: Map<number, string>): Promise<Ranges<bigint>> {
  const most = Math.ceil((await stat(file)).size / 60)
  let [bounds, asns, count] = [new BigUint64Array(most * 4), new Uint32Array(most), 0]
  await eachRow(file, names, (first, last, asn) => {
    const [from, to] = [BigInt(first), BigInt(last)]
    bounds.set([from >> 64n, BigInt.asUintN(64, from), to >> 64n, BigInt.asUintN(64, to)], count * 4)
    asns[count] = asn
    count++
  })
  bounds = bounds.slice(0, count * 4)
  asns = asns.slice(0, count)
  const at = (index: number) => ((bounds[index] ?? 0n) << 64n) | (bounds[index + 1] ?? 0n)
  return { count, first: (i) => at(i * 4), last: (i) => at(i * 4 + 2), asn: (i) => asns[i] ?? 0 }
}

const [NEWLINE, COMMA] = [10, 44]

/** Calls back for each row; a name is kept once for its number, however many rows have it. */
async function eachRow(
  file: string,
  names: Map<number, string>,
  row: (first: string, last: string, asn: number) => void,
): Promise<void> {
  let rest = Buffer.alloc(0)
  // 64 KiB are about 1,300 rows, a millisecond or two.
  for await (const block of createReadStream(file)) {
    const bytes = Buffer.concat([rest, block])
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const one = bytes.indexOf(COMMA, start)
      const two = bytes.indexOf(COMMA, one + 1)
      const three = bytes.indexOf(COMMA, two + 1)
      const asn = Number(bytes.toString('latin1', two + 1, three))
      row(bytes.toString('latin1', start, one), bytes.toString('latin1', one + 1, two), asn)
      if (!names.has(asn)) names.set(asn, bytes.toString('utf8', three + 1, end))
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
}

/** The range that holds the key, by halving: the last one that begins at or before it, if it reaches that far. */
function search<Key extends number | bigint>(ranges: Ranges<Key>, key: Key): number | null {
  let low = 0
  let high = ranges.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ranges.first(middle) <= key) low = middle + 1
    else high = middle
  }
  return low > 0 && ranges.last(low - 1) >= key ? ranges.asn(low - 1) : null
}

function toNumber(ip: string): number {
  return ip.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}

function toBigInt(ip: string): bigint {
  return ipaddr.IPv6.parse(ip).parts.reduce((number, part) => (number << 16n) | BigInt(part), 0n)
}

/** Some names are quoted, and some hold soft hyphens and hard spaces. */
function tidy(csv: string): string {
  const name = csv.startsWith('"') ? csv.replace(/^"|"\r?$/g, '').replaceAll('""', '"') : csv
  return name.replace(/[\u00a0\u00ad\s]+/g, ' ').trim()
}
