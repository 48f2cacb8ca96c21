import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.js'

const refusal = (environment: Record<string, string>) => {
  try {
    readConfig(environment)
  } catch (error) {
    return (error as Error).message
  }
  return 'not refused'
}

describe('the address of the database', () => {
  test.each([
    'postgres://rollcall:secret@127.0.0.1:5432/rollcall',
    'postgresql://rollcall:secret@db/rollcall',
    'postgres://rollcall@db',
    'postgres://rollcall:p%40ss%2Fw%3Ard%231%3F%25%26x@[::1]:5432/rollcall',
    'postgres://rollcall:p@ss@db/rollcall',
    'postgres://rollcall:secret@db/rollcall?prepare=false',
    'postgres://rollcall:secret@db/rollcall?sslmode=verify-full&application_name=auth',
    'postgres://rollcall:secret@db/rollcall?options=-c%20search_path%3Drollcall',
  ])('may be %s', (url) => {
    expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url)
  })

  test.each([
    ['p@ss/w:rd', /@ is written %40, \/ %2F/],
    ['pass#word', /# %23/],
    ['pass?word', /\? %3F/],
    ['50%off', /% %25/],
    ['a/b', /\/ %2F/],
  ])('says how to write the password %s, and does not repeat it', (password, words) => {
    const message = refusal({ DATABASE_URL: `postgres://rollcall:${password}@db:5432/rollcall` })
    expect(message).toMatch(words)
    expect(message).not.toContain(password)
  })

  test.each([
    'postgres:///rollcall?host=/var/run/postgresql',
    'postgres://rollcall:secret@/rollcall?host=/var/run/postgresql',
    'postgres://rollcall:secret@/rollcall',
    'postgres://rollcall:secret@%2Fvar%2Frun%2Fpostgresql/rollcall',
  ])('of a socket is refused, and not read as one of this machine: %s', (url) => {
    expect(refusal({ DATABASE_URL: url })).toMatch(/the folder of a socket is not understood/)
  })

  test.each([
    ['sslmode=on', /must have an sslmode of disable, allow, prefer, require, verify-ca, verify-full/],
    ['sslmode=verify-full&sslrootcert=/etc/ca.pem', /must not have sslrootcert: .* NODE_EXTRA_CA_CERTS/],
  ])('with %s says what to write', (query, words) => {
    expect(refusal({ DATABASE_URL: `postgres://rollcall:secret@db/rollcall?${query}` })).toMatch(words)
  })
})

test('spaces and new lines at the ends of a value, as files of secrets have them, are no part of it', () => {
  const config = readConfig({
    PORT: ' 4000 ',
    DATABASE_URL: 'postgres://rollcall:secret@db/rollcall\n',
    ROLLCALL_METRICS_TOKEN: 'sixteen-characters\r\n',
    ROLLCALL_DATA_DIR: '  ',
  })
  expect(config).toMatchObject({
    port: 4000,
    databaseUrl: 'postgres://rollcall:secret@db/rollcall',
    metricsToken: 'sixteen-characters',
    dataDir: './data',
  })
})

test('an address of IPv6 may stand in brackets, as in a URL', () => {
  expect(readConfig({ HOST: '[::1]' }).host).toBe('::1')
})

test('a password with a space at an end is refused: in a form nobody sees it', () => {
  const owner = { ROLLCALL_OWNER_EMAIL: 'olga@example.com', ROLLCALL_OWNER_PASSWORD: 'correct horse battery\n' }
  expect(refusal(owner)).toMatch(/ROLLCALL_OWNER_PASSWORD must not begin or end with a space or a new line/)
})

test.each(['sixteen spaces in', 'tökens-that-no-header-has'])(
  'a metrics token that no header can hold is refused: %s',
  (token) => {
    expect(refusal({ ROLLCALL_METRICS_TOKEN: token })).toMatch(/ROLLCALL_METRICS_TOKEN must have/)
  },
)

test('a public address with a password in it is refused', () => {
  expect(refusal({ ROLLCALL_PUBLIC_URL: 'https://ada:secret@rollcall.example.com' })).toMatch(/no user and no password/)
})

test('what nothing reads is named, in whatever capitals; what the command in a terminal reads is not', () => {
  const { unread } = readConfig({ ROLLCALL_LEASEMS: '1', rollcall_lease_ms: '1', ROLLCALL_URL: 'x', ROLLCALL_KEY: 'x' })
  expect(unread).toEqual(['ROLLCALL_LEASEMS', 'rollcall_lease_ms'])
})
