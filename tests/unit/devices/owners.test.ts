import { readFileSync } from 'node:fs'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { bundledFile } from '../../../src/devices/atlas.js'
import { readOwners } from '../../../src/devices/owners.js'

/** One row in so many is looked up, and the first and the last. */
const EVERY = 97

describe.each([
  { family: 'IPv4', file: 'asn/asn-ipv4-num.csv', bytes: 4 },
  { family: 'IPv6', file: 'asn/asn-ipv6-num.csv', bytes: 16 },
])('the owners of $family networks, as the build wrote them', async ({ file, bytes }) => {
  const owners = await readOwners()
  const lines = readFileSync(bundledFile(file) ?? '', 'utf8')
    .trim()
    .split('\n')
  const rows = lines.map((line) => {
    const [first = '', last = '', asn = '', ...name] = line.split(',')
    return { first: BigInt(first), last: BigInt(last), asn: Number(asn), name: name.join(',') }
  })
  const text = (number: bigint) => {
    const hex = number.toString(16).padStart(bytes * 2, '0')
    return ipaddr.fromByteArray([...Buffer.from(hex, 'hex')]).toString()
  }

  test('are those of the table, from the first address of a range to its last', () => {
    for (const [at, { first, last, asn }] of rows.entries()) {
      if (at % EVERY !== 0 && at !== rows.length - 1) continue
      for (const address of [first, last]) expect(owners.find(text(address))?.asn, text(address)).toBe(asn)
    }
  })

  test('are nobody between two ranges', () => {
    const gaps = rows.filter(({ last }, at) => at > 0 && (rows[at + 1]?.first ?? 0n) > last + 1n)
    expect(gaps.length).toBeGreaterThan(100)
    for (const { last } of gaps.slice(0, 1_000)) expect(owners.find(text(last + 1n)), text(last + 1n)).toBeNull()
  })

  test('have their names without quotes', () => {
    const quoted = rows.find(({ name }) => /^"[\w, .]+"$/.test(name))
    expect(quoted && owners.find(text(quoted.first))?.networkOwner).toBe(quoted?.name.slice(1, -1))
  })
})
