import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalAddress,
  canonicalNetwork,
  clientAddress,
  inNetworks,
  isPrivate,
  limitNetworks,
  networkBeginning,
  parseNetworks,
} from '../../../src/devices/address.js'

const trusted = parseNetworks(['127.0.0.1', '::1', '10.0.0.0/8'])
const from = (peer: string | undefined, headers: Record<string, string> = {}) =>
  clientAddress(peer, new Headers(headers), trusted)

describe('S-50 the address of a client', () => {
  test("S-50 is the connection's, whatever a stranger's headers claim", () => {
    expect(from('198.51.100.7', { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' })).toBe(
      '198.51.100.7',
    )
    expect(from('::ffff:198.51.100.7')).toBe('198.51.100.7')
    expect(from(undefined, { 'x-forwarded-for': '203.0.113.9' })).toBeNull()
  })

  test('S-50 is the rightmost hop that is no trusted proxy', () => {
    expect(from('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.9')
    expect(from('::ffff:127.0.0.1', { 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 10.4.0.1' })).toBe('203.0.113.9')
    expect(from('10.0.0.1', { forwarded: 'for=1.1.1.1, for=203.0.113.9;proto=https;by=10.0.0.2' })).toBe('203.0.113.9')
  })

  test('S-50 is the leftmost hop where all are trusted, and the proxy itself where it forwards for nobody', () => {
    expect(from('127.0.0.1', { 'x-forwarded-for': '10.9.9.9, 10.0.0.2' })).toBe('10.9.9.9')
    expect(from('127.0.0.1')).toBe('127.0.0.1')
    expect(from('127.0.0.1', { 'x-forwarded-for': ' ' })).toBe('127.0.0.1')
  })

  test('S-50 comes from one header alone: X-Forwarded-For where it is there', () => {
    expect(from('127.0.0.1', { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=1.1.1.1' })).toBe('203.0.113.9')
    expect(from('127.0.0.1', { 'x-forwarded-for': '10.0.0.2', forwarded: 'for=1.1.1.1' })).toBe('10.0.0.2')
  })

  test.each([
    ['203.0.113.9:51234', '203.0.113.9'],
    ['"203.0.113.9:51234"', '203.0.113.9'],
    ['[2001:DB8::9]', '2001:db8::9'],
    ['[2001:db8::9]:443', '2001:db8::9'],
    ['2001:0db8:0000::9', '2001:db8::9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:cb00:7109', '203.0.113.9'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['1.1.1.1,,203.0.113.9, ,', '203.0.113.9'],
  ])('S-50 is read from the hop %s', (hop, address) => {
    expect(from('127.0.0.1', { 'x-forwarded-for': hop })).toBe(address)
  })

  test.each([
    ['for="[2001:db8::9]:4711"', '2001:db8::9'],
    ['for=2001:db8::9', '2001:db8::9'],
    ['For=203.0.113.9', '203.0.113.9'],
    ['proto=https; FOR="203.0.113.9:_port";by=_gateway', '203.0.113.9'],
    ['for="\\2\\03.0.113.9"', '203.0.113.9'],
    // What the visitor wrote stands to the left, and an open quote there swallows nothing.
    ['for="1.1.1.1, for=203.0.113.9', '203.0.113.9'],
    ['for="1.1.1.1\\", for=203.0.113.9', '203.0.113.9'],
    ['host=";for=1.1.1.1;";for=203.0.113.9', '203.0.113.9'],
    ['for=1.1.1.1, host="a,for=1.1.1.1";for=203.0.113.9', '203.0.113.9'],
  ])('S-50 is read from Forwarded: %s', (header, address) => {
    expect(from('127.0.0.1', { forwarded: header })).toBe(address)
  })

  test.each([
    [{ 'x-forwarded-for': '203.0.113.9, unknown' }],
    [{ 'x-forwarded-for': '203.0.113.9, 010.0.0.1' }],
    [{ 'x-forwarded-for': '203.0.113.9, 203.0.113.9:99999' }],
    [{ 'x-forwarded-for': 'example.org' }],
    [{ forwarded: 'for=203.0.113.9, for=_hidden' }],
    [{ forwarded: 'for=203.0.113.9, for=unknown' }],
    [{ forwarded: 'for=203.0.113.9, proto=https' }],
    [{ forwarded: 'for=203.0.113.9;for=203.0.113.9' }],
    [{ forwarded: 'for=203.0.113.9 for=1.1.1.1' }],
  ])('S-50 is none where the nearest hop cannot be read: %o', (headers: Record<string, string>) => {
    expect(from('127.0.0.1', headers)).toBeNull()
  })

  test('S-50 is canonical or none, and never an error, for any headers and peer', () => {
    const piece = fc.constantFrom(
      'for=',
      '"',
      '\\',
      ',',
      ';',
      '[',
      ']',
      ':',
      '%',
      '10.0.0.1',
      '::1',
      '203.0.113.9',
      ' ',
      '=',
    )
    const junk = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(
        junk,
        junk,
        fc.option(junk, { nil: undefined }),
        fc.boolean(),
        (xff, forwarded, peer, behindProxy) => {
          const headers = { get: (name: string) => (name === 'forwarded' ? forwarded : xff) }
          const address = clientAddress(behindProxy ? '127.0.0.1' : peer, headers, trusted)
          expect(address).toBe(address === null ? null : canonicalAddress(address))
        },
      ),
    )
  })
})

const byte = fc.nat(255)
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'))
const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })

/** Ways of writing the same eight groups. */
function spellings(parts: number[]): string[] {
  const short = parts.map((part) => part.toString(16))
  const long = short.map((part) => part.padStart(4, '0'))
  const [seventh = 0, eighth = 0] = parts.slice(6)
  const dotted = [seventh >> 8, seventh & 255, eighth >> 8, eighth & 255].join('.')
  const squeezed = parts.flatMap((part, at) =>
    part === 0 ? [`${short.slice(0, at).join(':')}::${short.slice(at + 1).join(':')}`] : [],
  )
  const plain = [short.join(':'), long.join(':'), `${short.slice(0, 6).join(':')}:${dotted}`, ...squeezed]
  return plain.flatMap((text) => [
    text,
    text.toUpperCase(),
    ` ${text} `,
    `[${text}]`,
    `[${text}]:443`,
    `"[${text}]:1"`,
    `${text}%eth0`,
  ])
}

describe('S-51 an address', () => {
  test('S-51 has one canonical form, however it is spelled', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const forms = new Set(spellings(parts).map(canonicalAddress))
        expect(forms.size).toBe(1)
        const [form] = forms
        expect(canonicalAddress(form ?? '')).toBe(form)
      }),
    )
  })

  test('S-51 of IPv4 is the same when mapped into IPv6', () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        const written = [
          address,
          `::ffff:${address}`,
          `::FFFF:${hex}`,
          `0:0:0:0:0:ffff:${hex}`,
          `[::ffff:${address}]:80`,
          `${address}:80`,
        ]
        expect(new Set(written.map(canonicalAddress))).toEqual(new Set([address]))
      }),
    )
  })

  test.each([
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    // Not IPv4-mapped but IPv4-compatible, another address; PostgreSQL prints it so.
    ['::c000:201', '::192.0.2.1'],
    ['::192.0.2.1', '::192.0.2.1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('S-51 %s is printed as PostgreSQL does: %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical)
  })

  test.each([
    '',
    ' ',
    '1.2.3',
    '127.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.256',
    '1.2.3.4.5',
    '1.2.3.4%eth0',
  ])('S-51 %o is none', (text) => expect(canonicalAddress(text)).toBeNull())
  test.each([
    '[1.2.3.4]',
    '[::1',
    '::1]',
    '::g',
    ':::',
    '1::2::3',
    'fe80::1%',
    '[::1]:',
    '[::1]:99999',
    '1.2.3.4:',
    'localhost',
  ])('S-51 %o is none', (text) => expect(canonicalAddress(text)).toBeNull())

  test('S-51 is never an error, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'0123:abf.[]%"/ ') })),
        (text) => {
          const canonical = canonicalAddress(text)
          expect(canonical).toBe(canonical && canonicalAddress(canonical))
          canonicalNetwork(text)
          isPrivate(text)
          limitNetworks(text)
          inNetworks(text, trusted)
        },
      ),
    )
  })
})

describe('S-51 a network', () => {
  test.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.7/32'],
    [' 2001:DB8::/32 ', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.7/32'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
  ])('S-51 %s is %s', (text, network) => {
    expect(canonicalNetwork(text)).toEqual({ network })
  })

  test.each([
    ['203.0.113.7/24', '203.0.113.7/24 has host bits set; did you mean 203.0.113.0/24?'],
    ['2001:DB8::1/32', '2001:DB8::1/32 has host bits set; did you mean 2001:db8::/32?'],
    ['::ffff:203.0.113.7/120', '::ffff:203.0.113.7/120 has host bits set; did you mean 203.0.113.0/24?'],
    ['10.0.0.0/33', '"10.0.0.0/33": the length after the slash must be a number from 0 to 32'],
    ['10.0.0.0/08', '"10.0.0.0/08": the length after the slash must be a number from 0 to 32'],
    ['10.0.0.0/', '"10.0.0.0/": the length after the slash must be a number from 0 to 32'],
    ['2001:db8::/129', '"2001:db8::/129": the length after the slash must be a number from 0 to 128'],
  ])('S-51 %s is refused in words', (text, error) => {
    expect(canonicalNetwork(text)).toEqual({ error })
  })

  test.each(['', '/', '10.0.0/8', '10.0.0.0/8/8', 'fe80::1%eth0/64', '[::1]/128', '10.0.0.1:80', 'everyone'])(
    'S-51 %o is no network',
    (text) => expect(canonicalNetwork(text)).toHaveProperty('error', expect.stringContaining('write it like')),
  )

  test.each([
    ['203.', '203.0.0.0/8'],
    ['203.0.', '203.0.0.0/16'],
    ['203.0.113', '203.0.113.0/24'],
    ['203.0.113.', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['2001:db8', '2001:db8::/32'],
    ['2001:DB8:aaaa:', '2001:db8:aaaa::/48'],
  ])('what addresses begin with is a network: %s', (text, network) => expect(networkBeginning(text)).toBe(network))

  test.each([
    '',
    '203',
    '.',
    ':',
    '203.0.1131',
    '203..0',
    '1.2.3.4.5',
    'a.b',
    'ada.',
    '2001:db8:xyz',
    'x:y',
    '010.0.0',
  ])('no address begins with %o', (text) => expect(networkBeginning(text)).toBeUndefined())

  test('S-51 the network that an error names is accepted, and holds the address', () => {
    fc.assert(
      fc.property(ipv4, fc.nat(32), (address, bits) => {
        const first = canonicalNetwork(`${address}/${bits}`)
        const meant = 'network' in first ? first.network : (/did you mean (.+)\?$/.exec(first.error)?.[1] ?? '')
        expect(canonicalNetwork(meant)).toEqual({ network: meant })
        expect(inNetworks(address, parseNetworks([meant]))).toBe(true)
      }),
    )
  })

  test('S-51 holds its addresses in every spelling, and no others', () => {
    const networks = parseNetworks(['203.0.113.0/24', '2001:db8::/32'])
    for (const ip of ['203.0.113.255', '::ffff:203.0.113.7', '[::FFFF:cb00:7107]:80', '2001:DB8:ffff::1']) {
      expect(inNetworks(ip, networks)).toBe(true)
    }
    for (const ip of ['203.0.114.0', '2001:db9::', '::203.0.113.7', 'nonsense', null]) {
      expect(inNetworks(ip, networks)).toBe(false)
    }
  })

  test('a list with bad entries is refused, each of them named', () => {
    expect(() => parseNetworks(['10.0.0.0/8', '10.0.0.1/8', 'proxy'])).toThrow(
      /10\.0\.0\.1\/8 has host bits set; did you mean 10\.0\.0\.0\/8\?; "proxy" is not an address/,
    )
  })
})

test('limits count by /24 of IPv4, and by /64 and /48 of IPv6', () => {
  expect(limitNetworks('::ffff:203.0.113.7')).toEqual(['203.0.113.0/24'])
  expect(limitNetworks('2001:db8:1:2:3:4:5:6')).toEqual(['2001:db8:1:2::/64', '2001:db8:1::/48'])
})

test('private addresses are those that no map has', () => {
  for (const ip of [
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '::1',
    'fe80::1',
    'fd12::1',
  ]) {
    expect(isPrivate(ip)).toBe(true)
  }
  for (const ip of ['172.32.0.1', '8.8.8.8', '203.0.113.7', '2001:db8::1', '100.128.0.1', '0.0.0.0', 'nonsense']) {
    expect(isPrivate(ip)).toBe(false)
  }
})
