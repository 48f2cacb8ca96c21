import type { DenialReason } from '../follower/types.js'
import { readCookie } from './cookie.js'

/** `missing`: the request brought no token. */
export type Refusal = DenialReason | 'missing'

export interface TokenPlaces {
  /** The cookie that holds the session token; null: none does, and `header` must be there. `__Host-session` by default. */
  cookie?: string | null
  /**
   * A header that brings the token in the place of the cookie, for clients that are no browsers. With `authorization`,
   * its `Bearer` scheme. A request that brings both is denied. None by default.
   */
  header?: string
}

/** RFC 9110 section 5.6.2: what names a header, and a cookie. */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/

/** @throws TypeError for what names no cookie, no header, or neither: nobody would ever be signed in */
export function checkPlaces({ cookie, header }: TokenPlaces): void {
  for (const [option, name] of Object.entries({ cookie, header }))
    if (name != null && !NAME.test(name))
      throw new TypeError(`Rollcall: ${option}: "${name}" must be a name without spaces, such as "session"`)
  if (cookie === null && header === undefined)
    throw new TypeError('Rollcall: cookie: null leaves no place for the token; name a header beside it')
}

/**
 * The token that a request brought, from one place and once. A token in the address is never read (S-05).
 *
 * @returns undefined: none; null: more than one, so none of them
 */
export function tokenOf(
  header: (name: string) => string | undefined,
  { cookie = '__Host-session', header: other }: TokenPlaces,
): string | undefined | null {
  const fromCookie = cookie === null ? undefined : readCookie(header('cookie'), cookie)
  if (other === undefined) return fromCookie
  const fromHeader = tokenIn(other, header(other))
  if (fromHeader === undefined) return fromCookie
  return fromCookie === undefined ? fromHeader : null
}

function tokenIn(name: string, value: string | undefined): string | undefined {
  if (value === undefined || name.toLowerCase() !== 'authorization') return value
  return /^bearer +(\S+)$/i.exec(value)?.[1]
}

/** What is known of a request that is refused. */
export interface Refused {
  method: string
  /** Path and query. */
  path: string
  accept: string | undefined
}

/** What a refused request is answered with. */
export interface RefusalAnswer {
  status: 303 | 401 | 403 | 503
  headers: Record<string, string>
  body: string
}

type Why = Refusal | 'role'

const WORDS: Record<'signed-out' | 'blocked' | 'role' | 'unavailable', [status: 401 | 403 | 503, title: string]> = {
  'signed-out': [401, 'You are not signed in'],
  blocked: [403, 'You are blocked'],
  role: [403, 'Your role does not allow this'],
  unavailable: [503, 'Nobody can tell now whether you are signed in'],
}

/**
 * For a page, the way to the sign-in and back; for everything else problem+json (RFC 9457) with the reason. Who is blocked
 * or lacks a role is not sent to sign in again.
 *
 * @param signIn the path of the app's sign-in page; left out: no page is sent there
 */
export function refusalAnswer(refused: Refused, reason: Why, signIn: string | undefined): RefusalAnswer {
  const kind = kindOf(reason)
  const [status, title] = WORDS[kind]
  const headers: Record<string, string> = { 'Cache-Control': 'no-store', Vary: 'Accept' }
  const isPage = /^(GET|HEAD)$/.test(refused.method) && (refused.accept ?? '').includes('text/html')
  if (isPage && kind === 'signed-out' && signIn !== undefined)
    return { status: 303, headers: { ...headers, Location: withReturn(signIn, refused.path) }, body: '' }
  if (status === 503) headers['Retry-After'] = '1'
  if (isPage)
    return { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body: `${title}.\n` }
  const problem = { type: `urn:rollcall:${kind}`, title, status, reason }
  return { status, headers: { ...headers, 'Content-Type': 'application/problem+json' }, body: JSON.stringify(problem) }
}

function kindOf(reason: Why): keyof typeof WORDS {
  if (reason === 'role' || reason === 'unavailable') return reason
  return reason === 'blocked' || reason === 'network-blocked' ? 'blocked' : 'signed-out'
}

/** A path of the app's own alone is handed on (S-26). */
function withReturn(signIn: string, path: string): string {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(path) || path.includes('\\') || path.length > 2_000) return signIn
  return `${signIn}${signIn.includes('?') ? '&' : '?'}return_to=${encodeURIComponent(path)}`
}
