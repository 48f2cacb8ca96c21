import { describe, expect, test } from 'vitest'
import { isSearchable, mask } from '../../../src/masking/mask.js'

const ID = '019acb2c-7000-7000-8000-000000000001'

describe('what a viewer is shown', () => {
  test('names are masked unless something says that they are a thing’s', () => {
    expect(
      mask({
        account: { id: ID, name: 'Priya Raman', email: 'priya@example.com' },
        app: { id: ID, name: 'Billing East' },
        by: { kind: 'key', name: 'CRM server' },
        actor: { kind: 'account', name: 'Ada Byrne' },
        somethingNew: { name: 'Kofi Mensah' },
        createdBy: 'Ada Byrne',
        lifted: { by: 'Rollcall' },
        details: { account: 'Priya Raman', filter: { account: ID, q: 'priya' }, owner: ['Priya Raman'] },
      }),
    ).toEqual({
      account: { id: ID, name: 'P. R.', email: 'p***@example.com' },
      app: { id: ID, name: 'Billing East' },
      by: { kind: 'key', name: 'CRM server' },
      actor: { kind: 'account', name: 'A. B.' },
      somethingNew: { name: 'K. M.' },
      createdBy: 'A. B.',
      lifted: { by: 'Rollcall' },
      details: { account: 'P. R.', filter: { account: ID, q: '***' }, owner: ['P. R.'] },
    })
  })

  test('a filter in words loses whom and what it looked for, and keeps the rest', () => {
    const what = (text: string) => mask({ what: text }).what
    expect(what('search “priya, “x””, network 203.0.113.7/32, account Priya Raman, app Billing')).toBe(
      'a search, network 203.0.113.x, account P. R., app Billing',
    )
    expect(mask({ target: { kind: 'sessions', name: 'country Spain, account Ada' } }).target.name).toBe(
      'country Spain, account A.',
    )
  })

  test('words of one’s own are left out; reasons that pages offer, and those of ends, are not', () => {
    expect(
      mask([{ reason: 'Priya left' }, { reason: 'left the company' }, { reason: 'kill-switch' }, { message: null }]),
    ).toEqual([{ reason: '(masked)' }, { reason: 'left the company' }, { reason: 'kill-switch' }, { message: null }])
    expect(mask({ message: 'Ask Priya', note: 'Priya’s old phone' })).toEqual({ message: '(masked)', note: '(masked)' })
  })

  test('a name that begins like an id is one all the same', () => {
    expect(mask({ account: 'Deadbeef-Adams Priya', by: ID })).toEqual({ account: 'D. P.', by: ID })
    expect(mask({ account: 'deadbeef Adams' })).toEqual({ account: 'D. A.' })
  })

  test('what a page says of what was typed, and of its numbers, keeps its words and loses the addresses', () => {
    expect(
      mask({
        nonsense: { ip: '203.0.113.7/24 has host bits', message: 'ada@example.com is no country' },
        tiles: [{ note: 'Most of them from 203.0.113.7' }],
      }),
    ).toEqual({
      nonsense: { ip: '203.0.113.0/24 has host bits', message: 'a***@example.com is no country' },
      tiles: [{ note: 'Most of them from 203.0.113.x' }],
    })
  })

  test('maps, sets and what functions give are masked too', () => {
    const shown = mask({
      by: new Map([['a', { ip: '203.0.113.7' }]]),
      some: new Set(['203.0.113.7']),
      of: () => 'x@y.z',
    })
    expect(shown.by.get('a')).toEqual({ ip: '203.0.113.x' })
    expect([...shown.some]).toEqual(['203.0.113.x'])
    expect(shown.of()).toBe('***@y.z')
  })

  test('what nobody knows how to mask is not shown', () => {
    expect(() => mask({ of: new URL('http://203.0.113.7') })).toThrow('nothing says how a URL is masked')
  })

  test.each([
    [ID, true],
    ['203.0.113.x', true],
    ['203.0.113.0/24', true],
    ['10.0.0.0/8', true],
    ['2001:db8:1::/48', true],
    ['203.0.113.7', false],
    ['203.0.113.0/25', false],
    ['2001:db8:1:2::/64', false],
    ['priya', false],
    ['priya@example.com', false],
    ['5.0.0.0', false],
  ])('a search by %s: %s', (text, may) => {
    expect(isSearchable(text)).toBe(may)
  })
})
