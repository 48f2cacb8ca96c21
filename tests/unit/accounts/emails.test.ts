import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looksLike, readEmail } from '../../../src/accounts/emails.js'

const key = (typed: string) => readEmail(typed)?.key
const alike = (one: string, other: string) => {
  const [a, b] = [readEmail(one), readEmail(other)]
  return a !== undefined && b !== undefined && looksLike(a, b)
}

describe('e-mail addresses', () => {
  it.each([
    ['  Ada@Example.com ', 'ada@example.com'],
    ['ADA@EXAMPLE.COM', 'ada@example.com'],
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['ﬁona@example.com', 'fiona@example.com'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['jose\u0301@example.com', 'josé@example.com'],
    ['owner@localhost', 'owner@localhost'],
  ])('S-54 %j is the same address as %j', (typed, same) => {
    expect(key(typed)).toBe(same)
  })

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@@example.com',
    'ada byrne@example.com',
    'ada@example..com',
    'ada@-example.com',
    '.ada@example.com',
    'ada..b@example.com',
    '"ada"@example.com',
    'ada@example.com\r\nBcc: all@example.com',
    'ada\u0000@example.com',
    'ada\u202e@example.com',
    'ada\u200b@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(260)}.com`,
    'ada@exa mple.com',
    'ada@[127.0.0.1]',
  ])('S-54 %j is not an address', (typed) => {
    expect(readEmail(typed)).toBeUndefined()
  })

  it('S-54 whatever is typed, reading an address that was read gives the same address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'grapheme' })), (typed) => {
        const read = readEmail(typed)
        if (read) expect(readEmail(read.key)?.key).toBe(read.key)
      }),
    )
  })

  it.each([
    ['аda@example.com', 'ada@example.com', 'Cyrillic a'],
    ['οwner@example.com', 'owner@example.com', 'Greek omicron'],
    ['0wner@example.com', 'owner@example.com', 'zero'],
    ['bil1@example.com', 'bill@example.com', 'one for l'],
    ['ada@exampIe.com', 'ada@example.com', 'capital I for l, in the domain'],
    ['rnary@example.com', 'mary@example.com', 'rn for m'],
    ['ada.byrne@example.com', 'adabyrne@example.com', 'a dot'],
    ['adà@example.com', 'ada@example.com', 'an accent'],
    ['ada@ехample.com', 'ada@example.com', 'Cyrillic in the domain'],
  ])('S-54 %s looks like %s (%s)', (one, other) => {
    expect(alike(one, other)).toBe(true)
  })

  it.each([
    ['ada@example.com', 'ADA@example.com'],
    ['ada@example.com', 'bob@example.com'],
    ['ada@example.com', 'ada@example.org'],
  ])('S-54 %s and %s are no look-alikes', (one, other) => {
    expect(alike(one, other)).toBe(false)
  })
})
