import { describe, expect, it } from 'vitest'
import { hostAndPath, safeReturnTo } from '../../../src/http/returnTo.js'

describe('an address on another host to go back to', () => {
  it.each([
    ['https://wiki.example.com/page?a=b', { host: 'wiki.example.com', path: '/page?a=b' }],
    ['https://wiki.example.com:8443/', { host: 'wiki.example.com:8443', path: '/' }],
    ['https://wiki.example.com', { host: 'wiki.example.com', path: '/' }],
  ])('%s is taken apart', (text, parts) => {
    expect(hostAndPath(text, 'https:')).toEqual(parts)
  })

  it.each([
    'http://wiki.example.com/',
    '//wiki.example.com/',
    'https:wiki.example.com/',
    'https:///wiki.example.com/',
    'https://wiki.example.com@evil.example/',
    'https://evil.example\\@wiki.example.com/',
    'https://wiki.example.com\\.evil.example/',
    'https://wiki.example.com//evil.example/',
    'https://wiki.example.com/%2f/evil.example\r\nX: y',
    'https://WIKI.example.com/',
    'https://wiki.example.com?x',
    'https://wiki.example.com#x',
    ' https://wiki.example.com/',
    'javascript:alert(1)',
    `https://wiki.example.com/${'x'.repeat(2_000)}`,
    '',
    undefined,
  ])('S-26 %j is none', (text) => {
    expect(hostAndPath(text, 'https:')).toBeUndefined()
  })

  it('S-26 is no path of ours', () => {
    expect(safeReturnTo('https://wiki.example.com/page')).toBeUndefined()
    expect(safeReturnTo('/hand-over?host=wiki.example.com')).toBeUndefined()
  })
})

describe('a path of ours to go back to', () => {
  it.each(['/admin', '/admin/sessions?q=a%20b', '/a%2fb'])('%s is one', (path) => {
    expect(safeReturnTo(path)).toBe(path)
  })

  it.each(['//evil.example', '/\\evil.example', '/a\\b', '/%2fevil.example', '/%5Cevil.example', '/.//evil.example'])(
    'S-26 %s is none: somebody on the way may read it as another host',
    (path) => {
      expect(safeReturnTo(path)).toBeUndefined()
    },
  )
})
