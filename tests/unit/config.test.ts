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

test('nothing is open that nobody has asked for', () => {
  expect(readConfig({})).toMatchObject({
    host: '127.0.0.1',
    leaseMs: 2_000,
    trustedProxies: [],
    metricsToken: undefined,
    webhooksAllowLoopback: false,
    bootstrapKey: undefined,
    owner: undefined,
  })
})

test.each([
  ['PORT', '65535', '65536'],
  ['ROLLCALL_LEASE_MS', '500', '499'],
  ['ROLLCALL_LEASE_MS', '60000', '60001'],
  ['ROLLCALL_CACHE_SIZE', '1000', '999'],
  ['ROLLCALL_CACHE_SIZE', '5000000', '5000001'],
  ['ROLLCALL_IDLE_TIMEOUT', '1m', '59s'],
  ['ROLLCALL_IDLE_TIMEOUT', '365d', '366d'],
  ['ROLLCALL_ABSOLUTE_TIMEOUT', '5m', '299'],
  ['ROLLCALL_ABSOLUTE_TIMEOUT', '365d', '8761h'],
  ['ROLLCALL_METRICS_TOKEN', 'x'.repeat(16), 'x'.repeat(15)],
  ['ROLLCALL_BOOTSTRAP_KEY', `rck_${'x'.repeat(43)}`, `rck_${'x'.repeat(42)}`],
])('%s may be %s and not %s', (name, good, bad) => {
  expect(refusal({ [name]: good })).toBe('not refused')
  expect(refusal({ [name]: bad })).toContain(`${name} must `)
})

test('the first owner’s password has 12 to 256 characters, and comes with an address', () => {
  const owner = (password: string) => ({ ROLLCALL_OWNER_EMAIL: 'olga@example.com', ROLLCALL_OWNER_PASSWORD: password })
  for (const length of [12, 256]) expect(refusal(owner('x'.repeat(length)))).toBe('not refused')
  for (const length of [11, 257])
    expect(refusal(owner('x'.repeat(length)))).toContain('ROLLCALL_OWNER_PASSWORD must have')
  const { ROLLCALL_OWNER_EMAIL, ROLLCALL_OWNER_PASSWORD } = owner('correct horse battery')
  expect(refusal({ ROLLCALL_OWNER_EMAIL })).toContain('ROLLCALL_OWNER_PASSWORD must be set too')
  expect(refusal({ ROLLCALL_OWNER_PASSWORD })).toContain('ROLLCALL_OWNER_EMAIL must be set too')
})

test.each([
  'http://rollcall.example.com',
  'http://127.0.0.2',
  'http://rollcall.localhost',
  'ftp://localhost',
  'https://rollcall.example.com/sso',
  'https://rollcall.example.com/?x=1',
  'https://rollcall.example.com/#x',
  'https://:secret@rollcall.example.com',
])('S-02 a public address of %s is refused', (url) => {
  expect(refusal({ ROLLCALL_PUBLIC_URL: url })).toContain('ROLLCALL_PUBLIC_URL must ')
})

test('S-50 trusted proxies are read in whatever spelling, and one that can’t be read is refused', () => {
  const { trustedProxies } = readConfig({ ROLLCALL_TRUSTED_PROXIES: '10.0.0.7, 2001:DB8:0::/32 ,::ffff:192.0.2.1' })
  expect(trustedProxies).toEqual(['10.0.0.7/32', '2001:db8::/32', '192.0.2.1/32'])
  expect(refusal({ ROLLCALL_TRUSTED_PROXIES: '10.0.0.7, proxy' })).toContain('separated by commas')
})

test('what nothing reads is named, in whatever capitals; what the command in a terminal reads is not', () => {
  const { unread } = readConfig({ ROLLCALL_LEASEMS: '1', rollcall_lease_ms: '1', ROLLCALL_URL: 'x', ROLLCALL_KEY: 'x' })
  expect(unread).toEqual(['ROLLCALL_LEASEMS', 'rollcall_lease_ms'])
})
