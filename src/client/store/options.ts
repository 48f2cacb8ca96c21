import type { VerifierOptions } from '../options.js'
import type { AccountOf } from './accounts.js'
import type { OtherStore } from './otherStore.js'

/** What is used of a request of Express, or of Node's own. */
export interface StoreRequest {
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  /** Of Express, which knows of the proxies that the app trusts (`trust proxy`). */
  readonly ip?: string | undefined
  readonly socket?: { readonly remoteAddress?: string | undefined } | null
}

export interface RollcallStoreOptions extends VerifierOptions {
  /**
   * Who is signed in with a session, by what the app keeps in it: `(session) => ({ id: session.userId })`. Undefined or
   * null: nobody. By default what passport keeps, or `userId`.
   */
  account?: AccountOf
  /** Where a request comes from. By default Express's `req.ip`, which follows `trust proxy`, else the connection's. */
  clientIp?: (request: StoreRequest) => string | null | undefined
  /** A timer or poll of an open page: no activity of the person, so it keeps no session from becoming idle. */
  isBackground?: (request: StoreRequest) => boolean
  /**
   * The store that the app had before, while both are side by side: a session that is still there alone comes over at its
   * first use, and nobody has to sign in again. It is taken out there; what has ended here is not looked for.
   */
  movingFrom?: OtherStore
  /** How people sign in to the app, as the panel shows it: `password`, `saml`. `app` by default. */
  method?: string
}

/** Client Hints, which say more of the device than the user agent does. */
const HINTS = [
  'sec-ch-ua',
  'sec-ch-ua-full-version-list',
  'sec-ch-ua-mobile',
  'sec-ch-ua-model',
  'sec-ch-ua-platform',
  'sec-ch-ua-platform-version',
]

export const addressOf = (request: StoreRequest): string | undefined =>
  request.ip ?? request.socket?.remoteAddress ?? undefined

export function visitOf(request: StoreRequest, ip: string | null | undefined) {
  const headers: Record<string, string> = {}
  for (const name of HINTS) {
    const value = request.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  const userAgent = request.headers['user-agent']
  return { ip: ip ?? null, userAgent: typeof userAgent === 'string' ? userAgent : '', headers }
}
