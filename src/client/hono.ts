import type { ActiveVerdict, Verdict } from '../follower/types.js'
import { checkPlaces, type Refusal, type TokenPlaces, tokenOf } from './gate.js'
import type { Verifier, VerifyRequest } from './types.js'

/** What a Hono app declares to read `c.get('session')`: `new Hono<{ Variables: SessionVariables }>()` */
export interface SessionVariables {
  session: ActiveVerdict['session']
  account: ActiveVerdict['account']
}

/** What is used of Hono's `Context`. */
export interface HonoContext {
  readonly req: { header(name: string): string | undefined }
  set(key: string, value: unknown): void
  json(body: { status: 'denied'; reason: Refusal }, status: 401 | 403 | 503, headers: Record<string, string>): unknown
}

/** The web's `Response`, where the app's types know it. */
export type WebResponse = typeof globalThis extends { Response: { prototype: infer Response } } ? Response : unknown
type Next = () => Promise<void>
// biome-ignore lint/suspicious/noConfusingVoidType: what Hono's own handlers return
type Handled = Promise<WebResponse | void>

export interface HonoSessionOptions<C extends HonoContext> extends TokenPlaces {
  /**
   * Where the request comes from, for blocked networks and "last seen". Behind a proxy that you trust, what it says; else
   * the connection's own address. Never a header that anybody may send.
   */
  clientIp: (c: C) => string | null | undefined
  /** A timer or poll of an open page: no activity of the person. */
  isBackground?: (c: C) => boolean
  /** Ask the database for each request: for a payment page. */
  fresh?: boolean
  /**
   * What a request without a good session gets. By default 401, 403 where the person or the network is blocked, 503 where
   * nobody could tell, as JSON with the reason. `next` lets it pass: then there is no `c.get('session')`.
   */
  onDenied?: (c: C, reason: Refusal, next: Next) => WebResponse | undefined | Handled
}

/**
 * Middleware for Hono: sets `session` and `account`, or refuses the request. What memory knows is decided without an
 * await.
 *
 * @example
 * const app = new Hono<{ Variables: SessionVariables }>()
 * app.use('/account/*', honoSession(verifier, { clientIp: (c: Context) => getConnInfo(c).remote.address }))
 * app.get('/account/me', (c) => c.json(c.get('account')))
 */
export function honoSession<C extends HonoContext = HonoContext>(
  verifier: Pick<Verifier, 'verify' | 'verifyCached'>,
  options: HonoSessionOptions<C>,
): (c: C, next: Next) => Handled {
  const { clientIp, isBackground, fresh = false, onDenied = refuse } = options
  checkPlaces(options)

  async function ask(c: C, next: Next, token: string, request: VerifyRequest) {
    return decide(c, next, await verifier.verify(token, request))
  }

  function decide(c: C, next: Next, verdict: Verdict) {
    if (verdict.status === 'denied') return denyWith(c, verdict.reason, next)
    c.set('session', verdict.session)
    c.set('account', verdict.account)
    return next()
  }

  const denyWith = async (c: C, reason: Refusal, next: Next) => onDenied(c, reason, next)

  return (c, next) => {
    const token = tokenOf((name) => c.req.header(name), options)
    if (typeof token !== 'string') return denyWith(c, token === null ? 'unknown' : 'missing', next)
    const request: VerifyRequest = { ip: clientIp(c), fresh, background: isBackground?.(c) }
    const verdict = verifier.verifyCached(token, request)
    return verdict === 'ask' ? ask(c, next, token, request) : decide(c, next, verdict)
  }
}

function refuse(c: HonoContext, reason: Refusal) {
  const isBlocked = reason === 'blocked' || reason === 'network-blocked'
  const status = reason === 'unavailable' ? 503 : isBlocked ? 403 : 401
  const headers: Record<string, string> = { 'Cache-Control': 'no-store' }
  if (status === 503) headers['Retry-After'] = '1'
  return c.json({ status: 'denied', reason }, status, headers) as WebResponse
}
