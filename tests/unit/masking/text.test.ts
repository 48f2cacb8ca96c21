import { describe, expect, test } from 'vitest'
import { maskedNetwork, maskName, maskText } from '../../../src/masking/text.js'

describe('masked text', () => {
  test.each([
    ['203.0.113.7', '203.0.113.x'],
    ['from 203.0.113.7.', 'from 203.0.113.x.'],
    ['ip=203.0.113.7:443', 'ip=203.0.113.x:443'],
    ['203.0.113.7/32', '203.0.113.x'],
    ['203.0.113.128/25', '203.0.113.x'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:db8:1:2::3', '2001:db8:1::/48'],
    ['2001:DB8:1:2::3', '2001:db8:1::/48'],
    ['[2001:db8:1:2::3]:443', '[2001:db8:1::/48]:443'],
    ['2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['203.0.113.7/24 has host bits set', '203.0.113.0/24 has host bits set'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.7.0.0', '10.7.0.x'],
    ['2001:db8:1:2::3/48', '2001:db8:1::/48'],
    ['::ffff:203.0.113.7', '203.0.113.x'],
    ['ada@example.com', 'a***@example.com'],
    ['a@example.com', '***@example.com'],
    ['Bot/1.0 (+ada.lovelace@example.com; 203.0.113.7)', 'Bot/1.0 (+***@example.com; 203.0.113.x)'],
    ['ada@203.0.113.7', 'a***@203.0.113.x'],
    ['Proxy/203.0.113.7', 'Proxy/203.0.113.x'],
  ])('%s reads as %s, and stays so', (text, masked) => {
    expect(maskText(text)).toBe(masked)
    expect(maskText(masked)).toBe(masked)
  })

  test.each([
    'Chrome/142.0.0.0 Safari/537.36',
    '10.15.7',
    '2026-11-28T12:04:31.120Z',
    '12:04:31',
    'std::vector',
    '019acb2c-7000-7000-8000-000000000000',
    'https://rollcall.example.com/admin',
    'Signed out: spam',
    '999.0.113.7',
  ])('%s holds nobody’s address and stays as it is', (text) => {
    expect(maskText(text)).toBe(text)
  })

  test.each([
    ['Ada Lovelace', 'A. L.'],
    ['ada', 'A.'],
    ['A. L.', 'A. L.'],
    ['Ana María de la Cruz', 'A. M. D.'],
    ['李 小龍', '李. 小.'],
    ['ada@example.com', 'a***@example.com'],
    ['!!!', '•'],
    ['', ''],
  ])('the name %s reads as %s', (name, masked) => {
    expect(maskName(name)).toBe(masked)
  })

  test('what is read of an address can be searched for', () => {
    expect(maskedNetwork('203.0.113.x')).toBe('203.0.113.0/24')
    expect(maskedNetwork('203.0.113.7')).toBeUndefined()
  })
})
