import { describe, expect, test } from 'vitest'
import { readHost, wildcardOf } from '../../../src/accounts/apps/hostNames.js'

const read = (text: string, secure = true) => readHost(text, { secure, own: 'rollcall.example.com' })

describe('which hosts can be protected', () => {
  test.each([
    ['*.example.com', '*.example.com'],
    [' *.EXAMPLE.com. ', '*.example.com'],
    ['*.apps.example.co.uk:8443', '*.apps.example.co.uk:8443'],
    ['*.bücher.example:443', '*.xn--bcher-kva.example'],
    ['wiki.example.com', 'wiki.example.com'],
  ])('%s is', (typed, host) => expect(read(typed)).toEqual({ host }))

  test.each([
    '*',
    '*.',
    '**.example.com',
    '*.*.example.com',
    'a*.example.com',
    'a.*.com',
    '*example.com',
    '*.1.2.3.4',
    '*.example.com/x',
    '*.a@b.com',
  ])('%s has its star where none can be', (typed) =>
    expect(read(typed)).toEqual({ problem: expect.stringContaining('one * alone') }),
  )
  test.each(['*.com', '*.co.uk', '*.com.au', '*.localhost'])('%s would be the hosts of many', (typed) =>
    expect(read(typed)).toEqual({ problem: expect.stringContaining('a domain of yours') }),
  )
  test.each(['*.github.io', '*.herokuapp.com', '*.eu-west-1.awsapprunner.com', '*.PAGES.dev:443'])(
    '%s would be those of a hoster’s customers',
    (typed) => expect(read(typed)).toEqual({ problem: expect.stringContaining('belong to many owners') }),
  )
  test.each(['*.shop.github.io', 'shop.github.io', '*.git.io', '*.notgithub.io'])('%s is one owner’s', (typed) =>
    expect(read(typed)).toEqual({ host: typed }),
  )
  test('each thing that is wrong is said, and nothing that is not', () => {
    expect(read('*.com', false)).toEqual({
      problem: expect.stringMatching(/^must name a domain of yours .* under com belong .*; and must be .* need https/),
    })
    expect(read('*.com')).toEqual({ problem: expect.not.stringContaining('https') })
    expect(read('*.example.com', false)).toEqual({ problem: expect.stringMatching(/^must be a host of this machine/) })
    expect(read('http://wiki.localhost/x', false)).toEqual({ problem: expect.not.stringContaining('need https') })
  })
  test('Rollcall’s own host is not, and without https only those of this machine are', () => {
    expect(read('rollcall.example.com')).toEqual({ problem: expect.stringContaining('Rollcall’s own') })
    expect(read('*.apps.localhost:8080', false)).toEqual({ host: '*.apps.localhost:8080' })
    expect(read('*.example.com', false)).toHaveProperty('problem')
  })
})

test('a host lies under the wildcard of one label less, and under no other', () => {
  expect(wildcardOf('a.example.com:8443')).toBe('*.example.com:8443')
  expect(wildcardOf('a.b.example.com')).toBe('*.b.example.com')
  for (const none of [
    'localhost',
    '.example.com',
    '-a.example.com',
    'a-.example.com',
    '*.example.com',
    'a b.example.com',
    '',
  ])
    expect(wildcardOf(none), none).toBeUndefined()
})
