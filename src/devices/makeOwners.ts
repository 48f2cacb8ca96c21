import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { bundledFile } from './atlas.js'
import { HEADER_BYTES, OWNERS_FILE, type OwnerTables } from './owners.js'

/*
 * Part of the build: the tables of network owners as `owners.ts` reads them. Their rows are like
 * `16777216,16777471,13335,"Cloudflare, Inc."`, sorted. The package is an optional one: without it, there is no file.
 */
const [ipv4File, ipv6File] = [bundledFile('asn/asn-ipv4-num.csv'), bundledFile('asn/asn-ipv6-num.csv')]
if (ipv4File && ipv6File) write(tablesFrom(ipv4File, ipv6File))
else rmSync(OWNERS_FILE, { force: true })

function tablesFrom(ipv4File: string, ipv6File: string): OwnerTables {
  const owners = new Map<string, { place: number; name: string }>()
  const [ipv4, ipv6] = [rowsOf(ipv4File), rowsOf(ipv6File)]
  const ownersOf = (rows: Row[]) =>
    Uint32Array.from(rows, ({ asn, name }) => {
      const known = owners.get(asn) ?? { place: owners.size, name: tidy(name) }
      owners.set(asn, known)
      return known.place
    })
  const [ipv4Owners, ipv6Owners] = [ownersOf(ipv4), ownersOf(ipv6)]
  const names = [...owners.values()].map(({ name }) => Buffer.from(name))
  let end = 0
  return {
    ipv6: BigUint64Array.from(ipv6.flatMap(({ first, last }) => [...halves(first), ...halves(last)])),
    ipv4Firsts: Uint32Array.from(ipv4, ({ first }) => Number(first)),
    ipv4Lasts: Uint32Array.from(ipv4, ({ last }) => Number(last)),
    ipv4Owners,
    ipv6Owners,
    asns: Uint32Array.from(owners.keys(), Number),
    nameEnds: Uint32Array.from(names, ({ length }) => {
      end += length
      return end
    }),
    names: Buffer.concat(names),
  }
}

interface Row {
  first: string
  last: string
  asn: string
  name: string
}

function rowsOf(file: string): Row[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => {
    const [, first = '', last = '', asn = '', name = ''] = /^(\d+),(\d+),(\d+),(.*)$/.exec(line) ?? []
    if (!first) throw new Error(`${file}: a row reads ${JSON.stringify(line)}, not first,last,asn,name`)
    return { first, last, asn, name }
  })
}

function halves(address: string): [bigint, bigint] {
  const number = BigInt(address)
  return [number >> 64n, BigInt.asUintN(64, number)]
}

/** Some names are quoted, and some hold soft hyphens and hard spaces. */
function tidy(csv: string): string {
  const name = csv.startsWith('"') ? csv.replace(/^"|"\r?$/g, '').replaceAll('""', '"') : csv
  return name.replace(/[\u00a0\u00ad\s]+/g, ' ').trim()
}

/** A server that starts meanwhile finds the old file or the new one. */
function write(tables: OwnerTables): void {
  const header = new Uint32Array(HEADER_BYTES / 4)
  header.set([tables.ipv4Owners.length, tables.ipv6Owners.length, tables.asns.length])
  const { ipv6, ipv4Firsts, ipv4Lasts, ipv4Owners, ipv6Owners, asns, nameEnds, names } = tables
  const columns = [header, ipv6, ipv4Firsts, ipv4Lasts, ipv4Owners, ipv6Owners, asns, nameEnds, names]
  mkdirSync(dirname(OWNERS_FILE), { recursive: true })
  const bytes = columns.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
  writeFileSync(`${OWNERS_FILE}.new`, Buffer.concat(bytes))
  renameSync(`${OWNERS_FILE}.new`, OWNERS_FILE)
}
