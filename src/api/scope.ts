import type { MiddlewareHandler } from 'hono'
import { findKeyBySecret } from '../accounts/apps/keys.js'
import type { ApiKey, Scope } from '../accounts/types.js'
import type { AppId } from '../db/ids.js'
import { GUARD, recordRefusal } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { PublicError } from '../http/errors.js'

/**
 * For keys with this scope (S-30, S-60): by what the database says now; for checks, by what memory says under the lease.
 * `admin` has every scope.
 *
 * @throws PublicError 401 without a usable key, whatever is wrong with it; 403, audited, without the scope; 429 for a key
 *   that asks too often
 */
export function scope(needed: Scope): MiddlewareHandler<AppEnv> {
  const handler: MiddlewareHandler<AppEnv> = async (c, next) => {
    const secret = readBearer(c)
    const key = secret && (await findKey(c, secret, needed))
    if (!key) throw noKey(c)
    c.set('apiKey', key)
    c.set('actor', { kind: 'key', id: key.id, name: key.name, ip: c.var.ip })
    if (!comesWithEachClick(c, needed)) takeTurn(c, key)
    if (!hasScope(key, needed)) await refuse(c, needed)
    await next()
  }
  return Object.assign(handler, { [GUARD]: needed })
}

const findKey = ({ var: { keys, db } }: AppContext, secret: string, needed: Scope): Promise<ApiKey | undefined> =>
  needed === 'sessions:verify' ? keys.find(secret) : findKeyBySecret(db, secret)

export const hasScope = (key: ApiKey, needed: Scope): boolean =>
  key.scopes.includes(needed) || key.scopes.includes('admin')

/** Whose sessions a key may see and end: those of its own app; with `admin` everyone's (S-33). */
export const reachOf = (key: ApiKey): { appId?: AppId } => (hasScope(key, 'admin') ? {} : { appId: key.app.id })

/** The key as it was sent: from the header alone, once. Nothing else is ever read for one (S-05). */
export function readBearer(c: AppContext): string | undefined {
  const raw = c.env.incoming?.rawHeaders
  return bearerIn(raw ? onlyHeader(raw, 'authorization') : c.req.header('authorization'))
}

export const bearerIn = (header: string | undefined): string | undefined => /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]

/**
 * A header that was sent once; undefined where it was not, or several times: Node gives the first one then.
 *
 * @param raw names and values in turn, as they came
 * @param name in small letters
 */
export function onlyHeader(raw: readonly string[], name: string): string | undefined {
  let found: string | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const sent = raw[i] ?? ''
    if (sent.length !== name.length || sent.toLowerCase() !== name) continue
    if (found !== undefined) return undefined
    found = raw[i + 1]
  }
  return found
}

function noKey(c: AppContext): PublicError {
  c.header('WWW-Authenticate', 'Bearer realm="Rollcall"')
  return new PublicError(
    401,
    'no-key',
    'A valid API key is needed',
    'Send it as Authorization: Bearer rck_... An owner makes keys in the panel; one that has expired or was revoked is not valid.',
  )
}

/** Checks, and what an app's store saves: as many as its people make. */
const comesWithEachClick = (c: AppContext, needed: Scope) =>
  needed === 'sessions:verify' || c.req.path.startsWith('/api/v1/store/')

/** @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
function takeTurn(c: AppContext, key: ApiKey): void {
  const turn = c.var.keyRates.take(key.id, key.requestsPerMinute)
  if (!turn) return
  c.header('RateLimit-Policy', `"key";q=${turn.limit};w=60`)
  c.header('RateLimit', `"key";r=${turn.left};t=${turn.resetSeconds}`)
  if (turn.allowed) return
  throw new PublicError(
    429,
    'too-many-requests',
    'This API key asks too often',
    `It may make ${turn.limit.toLocaleString('en')} requests a minute beside checks. Nothing was changed: go on in ${turn.resetSeconds} seconds.`,
    { retryAfterSeconds: turn.resetSeconds },
  )
}

async function refuse(c: AppContext, needed: Scope): Promise<never> {
  const { scopes, app } = c.var.apiKey
  await recordRefusal(c, { needed, has: scopes, app: app.name })
  throw missingScope(needed)
}

export const missingScope = (needed: Scope): PublicError =>
  new PublicError(
    403,
    'missing-scope',
    'This API key may not do that',
    `It needs the scope ${needed}. Nothing was changed.`,
  )
