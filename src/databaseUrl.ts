const SHAPE = 'must be postgres://user:password@host:5432/database'

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

/** What is wrong with the address of a database, in words that repeat none of it: a part of a password may be anywhere. */
export function problemOfDatabaseUrl(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return SHAPE
  if (/^[^?]*:\/\/([^@/]*@)?(\/|\?|$|%2f)/i.test(text) || /[?&]host=/.test(text)) {
    return `${SHAPE}, with a host: the folder of a socket is not understood, and PostgreSQL listens on 127.0.0.1 too`
  }
  if (!URL.canParse(text) || hasBareCharacters(text)) {
    return `${SHAPE}; in the user and the password @ is written %40, / %2F, : %3A, # %23, ? %3F and % %25`
  }
  return problemOfTls(new URL(text).searchParams)
}

/** One that ends the password too early is found in what is read as host, database or fragment then. */
function hasBareCharacters(text: string): boolean {
  const { username, password, pathname, search, hash } = new URL(text)
  const bare = hash !== '' || pathname.slice(1).includes('/') || /[@:]/.test(pathname) || /@[^&]*\//.test(search)
  return bare || ![username, password, pathname].every(isDecodable)
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined
  } catch {
    return false
  }
}

function problemOfTls(given: URLSearchParams): string | undefined {
  const mode = given.get('sslmode')
  if (mode !== null && !SSL_MODES.includes(mode)) return `must have an sslmode of ${SSL_MODES.join(', ')}`
  const file = ['sslrootcert', 'sslcert', 'sslkey', 'sslcrl'].find((name) => given.has(name))
  return (
    file &&
    `must not have ${file}: name your own authority’s certificate in NODE_EXTRA_CA_CERTS, and set sslmode=verify-full`
  )
}

/** Where the database is, for the log. */
export function withoutCredentials(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl)
  return `postgres://${host}${pathname}`
}
