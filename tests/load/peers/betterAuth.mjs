import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { people } from './people.mjs'

const ORIGIN = 'http://127.0.0.1'

/**
 * With its cookie cache: the signed cookie holds the session, and the database is not asked while it is fresh (it is
 * empty by then). Tokens are whole Cookie headers.
 */
export async function prepare(_variant, count) {
  const tables = { user: [], session: [], account: [], verification: [] }
  const auth = betterAuth({
    baseURL: ORIGIN,
    secret: 'a secret of at least thirty-two characters',
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    session: { cookieCache: { enabled: true, maxAge: 3_600 } },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  })
  const tokens = []
  for (const { name, email } of people(count)) {
    const { headers } = await auth.api.signUpEmail({
      body: { name, email, password: 'correct horse battery' },
      returnHeaders: true,
    })
    tokens.push(
      headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    )
  }
  for (const rows of Object.values(tables)) rows.length = 0
  return { tokens, check: async (cookie) => (await auth.api.getSession({ headers: new Headers({ cookie }) }))?.user }
}
