import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { readable } from '../../../src/client/transport.js'
import { canonicalAddress } from '../../../src/devices/address.js'
import { addressBytes, isInNetwork, readNetwork } from '../../../src/follower/address.js'
import { createNetworks } from '../../../src/follower/networks.js'

const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ipaddr.fromByteArray([...bytes]))
const spelled = v6.chain((address) =>
  fc.constantFrom(address.toString(), address.toNormalizedString(), address.toNormalizedString().toUpperCase()),
)
/** Like an address, or nearly. */
const texts = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  spelled,
  fc.stringMatching(/^[0-9a-f:.]{1,20}$/),
  fc.string({ maxLength: 12 }),
)

function bytesByLibrary(text: string): number[] | undefined {
  // Shorter and octal spellings of IPv4 are the library's own, and no peer has them.
  if (!text.includes(':') && !/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){3}$/.test(text)) return undefined
  // `::a.b.c.d`, long deprecated, is to the library what `::ffff:a.b.c.d` is.
  if (text.includes('%') || /^::\d+\./.test(text)) return undefined
  if (!ipaddr.isValid(text)) return undefined
  const address = ipaddr.parse(text)
  return (address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address).toByteArray()
}

describe('addresses as the client reads them', () => {
  it('are the same 16 bytes that a library reads, or none', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const read = addressBytes(text)
        const expected = bytesByLibrary(text)
        // What only the library takes is asked about: that refuses nothing and lets nothing in.
        if (read && !/^::\d+\./.test(text)) expect([...read], text).toEqual(expected)
        else if (expected) expect(text).toMatch(/\./)
      }),
      { numRuns: 5_000 },
    )
  })

  it('are none that the server can’t read, whatever the zone', () => {
    const zoned = fc.tuple(
      fc.oneof(
        texts,
        fc.tuple(fc.ipV4(), texts).map((both) => both.join(':')),
      ),
      fc.constantFrom('', '%', '%eth0', `%${'z'.repeat(200)}`),
    )
    fc.assert(
      fc.property(zoned, ([text, zone]) => {
        const sent = readable(text + zone)
        if (sent !== undefined) expect(canonicalAddress(sent), sent).not.toBeNull()
      }),
      { numRuns: 5_000, examples: [[['192.0.2.1', '%eth0']], [['192.0.2.1::', '']], [['fe80::1', '%']]] },
    )
  })

  it('lie in the networks that a library says they lie in', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4(), fc.nat(32)), fc.tuple(fc.ipV6(), fc.ipV6(), fc.nat(128))),
        fc.boolean(),
        ([ip, base, length], same) => {
          const start = same ? ip : base
          const network = readNetwork(`${start}/${length}`)
          const address = addressBytes(ip)
          if (!network || !address) return
          const isIn = isInNetwork(address, network.bytes, network.length)
          const range: [ipaddr.IPv6, number] = [new ipaddr.IPv6([...network.bytes]), network.length]
          expect(isIn).toBe(new ipaddr.IPv6([...address]).match(range))
          // By its own reading of the texts too, where that is ours.
          if (bytesByLibrary(ip) && bytesByLibrary(start))
            expect(isIn).toBe(ipaddr.parse(ip).match([ipaddr.parse(start), length]))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('refused networks', () => {
  it('refuse exactly the addresses that a library says lie in one of them, of their own family', () => {
    const v4 = fc.tuple(fc.ipV4(), fc.nat(32))
    const v6 = fc.tuple(fc.ipV6(), fc.nat(128))
    fc.assert(
      fc.property(fc.array(fc.oneof(v4, v6), { maxLength: 20 }), fc.oneof(v4, v6), fc.nat(), (ranges, [some], pick) => {
        const readable = ranges.filter(([start]) => bytesByLibrary(start))
        const list = readable.map(([start, length]) => ({ network: `${start}/${length}`, endsAt: null, ask: false }))
        const networks = createNetworks(2_000)
        networks.replace(list)
        // One that begins a range lies in it.
        const ip = readable.length > 0 && pick % 2 === 0 ? (readable[pick % readable.length]?.[0] ?? some) : some
        if (!bytesByLibrary(ip)) return
        const address = ipaddr.process(ip)
        const isIn = readable.some(([start, length]) => {
          const first = ipaddr.process(start)
          const bits = ipaddr.parse(start).kind() === first.kind() ? length : length - 96
          return first.kind() === address.kind() && bits >= 0 && address.match(first, bits)
        })
        expect(networks.refuses(ip, 0)).toBe(isIn)
      }),
      { numRuns: 3_000 },
    )
  })

  const office = { network: '203.0.113.0/24', endsAt: null, ask: false }

  it('S-16 are asked about before the first list, and where no address is known', () => {
    const networks = createNetworks(2_000)
    expect(networks.refuses('192.0.2.1', 0)).toBe('ask')
    networks.replace([office])
    expect(networks.refuses(null, 0)).toBe('ask')
    expect(networks.refuses('no address', 0)).toBe('ask')
    networks.replace([])
    expect(networks.refuses(null, 0)).toBe(false)
    expect(networks.isEmpty).toBe(true)
  })

  it('refuse an address in whatever spelling', () => {
    const networks = createNetworks(2_000)
    networks.replace([office, { network: '2001:db8::/32', endsAt: null, ask: false }])
    expect(networks.refuses('203.0.113.9', 0)).toBe(true)
    expect(networks.refuses('::ffff:203.0.113.9', 0)).toBe(true)
    expect(networks.refuses('::ffff:cb00:7109', 0)).toBe(true)
    expect(networks.refuses('2001:DB8:0::1%eth0', 0)).toBe(true)
    expect(networks.refuses('203.0.114.9', 0)).toBe(false)
  })

  it('are asked about around their end: only the database has its clock', () => {
    const networks = createNetworks(2_000)
    networks.replace([{ ...office, endsAt: 10_000 }])
    expect(networks.refuses('203.0.113.9', 9_999)).toBe(true)
    expect(networks.refuses('203.0.113.9', 10_000)).toBe('ask')
    expect(networks.refuses('203.0.113.9', 11_999)).toBe('ask')
    expect(networks.refuses('203.0.113.9', 12_000)).toBe(false)
  })

  it('let nobody in unasked when one of them can not be read', () => {
    const networks = createNetworks(2_000)
    networks.replace([{ network: 'not a network', endsAt: null, ask: false }])
    expect(networks.refuses('203.0.113.9', 0)).toBe('ask')
    networks.replace([office, { network: '203.0.113.0/28', endsAt: null, ask: true }])
    expect(networks.refuses('203.0.113.9', 0)).toBe(true)
  })
})
