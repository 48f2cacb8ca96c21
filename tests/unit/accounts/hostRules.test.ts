import { describe, expect, it } from 'vitest'
import { type HostRule, plainPath, roleNeeded } from '../../../src/accounts/apps/hostRules.js'

const rules: HostRule[] = [
  { path: '/public', role: 'anyone' },
  { path: '/admin', role: 'responder' },
  { path: '/admin/help', role: 'person' },
  { path: '/admin/keys', role: 'owner' },
]
const needed = (uri: string | undefined, role: 'anyone' | 'person' = 'person') => roleNeeded({ role, rules }, uri)

describe('who is let in to an address', () => {
  it.each([
    ['/', 'person'],
    ['/wiki?to=/admin', 'person'],
    ['/administration', 'person'],
    ['/admin', 'responder'],
    ['/admin/', 'responder'],
    ['/admin?x=1', 'responder'],
    ['/admin/keys/new', 'owner'],
    ['/admin/help', 'person'],
    ['/public/a%20page', 'anyone'],
    ['/publicly', 'person'],
  ])('%s: the longest rule that it lies in counts', (uri, role) => {
    expect(needed(uri)).toBe(role)
  })

  it.each(['/%61dmin', '/ADMIN', '/Admin/x'])('%s: is /admin to some applications', (uri) => {
    expect(needed(uri)).toBe('responder')
  })

  it('a path in capitals is not let in by a rule in small letters that opens it', () => {
    expect(needed('/PUBLIC')).toBe('person')
  })

  it.each([
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public/./x',
    '//admin',
    '/public//admin',
    '/public/..',
    '/public/.',
    '/public%2fx',
    '/public%2Fx',
    '/public%5cx',
    '/public%5Cx',
    '/public\\x',
    '/%2561dmin',
    '/public;/../admin',
    '/public/;x=1',
    '/public/%00',
    '/%e9',
    'https://elsewhere.example.com/public',
    '',
    undefined,
  ])('%s: can be read in two ways, so the strictest rule of the host counts', (uri) => {
    expect(needed(uri, 'anyone')).toBe('owner')
  })

  it('without rules there is nothing to read', () => {
    expect(roleNeeded({ role: 'person', rules: [] }, '//../x')).toBe('person')
  })

  it('what is plain is decoded, without its query', () => {
    expect(plainPath('/caf%C3%A9/a%20b?x=%2f')).toBe('/café/a b')
  })
})
