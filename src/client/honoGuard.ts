import type { ActiveVerdict, Verdict } from '../follower/types.js'
import { createAppSessions, sessionCookie } from './appSessions.js'
import type { Attached, Started } from './attached.js'
import { RollcallFailure } from './failure.js'
import { followRollcall } from './follow.js'
import { checkPlaces, type Refusal, type Refused, refusalAnswer, type TokenPlaces, tokenOf } from './gate.js'
import { refusing, refusingPage, type SocketEvents, whileItLasts } from './honoSocket.js'
import type { VerifierOptions } from './options.js'
import { isOfAnotherSite, readOrigins, type SocketOrigins } from './socketOrigin.js'
import type { AppAccount } from './store/accounts.js'
import { visitOf } from './store/options.js'
import type { Verifier, VerifyRequest } from './types.js'

/** What is used of Hono's `Context`. */
export interface HonoContextLike {
  readonly req: { header(name: string): string | undefined; readonly method: string; readonly url: string }
  set(key: string, value: unknown): void
  get(key: string): unknown
  body(body: string, status: 303 | 401 | 403 | 503, headers: Record<string, string>): unknown
  header(name: string, value: string, options: { append: true }): void
}

/** What a Hono app declares: `new Hono<{ Variables: RollcallVariables }>()` */
export interface RollcallVariables {
  /** Undefined: nobody is signed in. */
  session: ActiveVerdict['session'] | undefined
  account: ActiveVerdict['account'] | undefined
}

/** The same behind `requireSession`. */
export interface SignedInVariables {
  session: ActiveVerdict['session']
  account: ActiveVerdict['account']
}

type Next = () => Promise<void>
// biome-ignore lint/suspicious/noExplicitAny: whatever `Response` the app's types know; they check what it does with it
type HonoMiddleware = (c: any, next: Next) => Promise<any>

export interface HonoOptions<C> extends VerifierOptions, TokenPlaces, SocketOrigins {
  /**
   * Where a request comes from, for blocked networks and "last seen": the connection's address (`getConnInfo`), or what a
   * proxy that you trust says. Never a header that anybody may send.
   */
  clientIp: (c: C) => string | null | undefined
  /** A timer or poll of an open page: no activity of the person. */
  isBackground?: (c: C) => boolean
  /** How people sign in to the app, as the panel shows it. `app` by default. */
  method?: string
}

export interface HonoRollcall<C> {
  verifier: Verifier
  /** Sets `session` and `account` where somebody is signed in, and lets every request pass: guards come after it. */
  attach(): HonoMiddleware
  /**
   * Starts a session and sets its cookie.
   *
   * @returns the token too, for clients that bring it in a header: where `cookie` is null, nobody else has it
   * @throws RollcallFailure `blocked` where the person or the network is. Where the app has no `onError`, Hono answers it
   *   with 403, and with 503 where Rollcall could not be asked
   */
  startSession(c: C, account: AppAccount): Promise<Started>
  /** Ends the session that the request brought, and takes its cookie away. */
  endSession(c: C): Promise<void>
  /**
   * Lets a WebSocket open, and go on while its session does; else closes it, with 4401, 4403 or 1013. One that a page of
   * another site opened is closed with 4403 (`origins`). For `upgradeWebSocket` of Hono's adapter for your runtime.
   *
   * @example
   * app.get('/socket', upgradeWebSocket(rollcall.guardSocket((c, { account }) => ({
   *   onMessage: (event, ws) => ws.send(`${account.name}: ${event.data}`),
   * }))))
   *
   * @param createEvents what the app does with the socket of somebody who is signed in; asked for nobody else
   */
  guardSocket<E extends SocketEvents>(createEvents: (c: C, who: Attached) => E | Promise<E>): (c: C) => Promise<E>
  stop(): Promise<void>
}

/** Asks the database once more. Under a name of ours in the context: guards come from elsewhere. */
const AGAIN = 'rollcall:again'
const REFUSAL = 'rollcall:refusal'

/**
 * Sessions of Rollcall in a Hono app. It follows Rollcall until `stop` is called.
 *
 * @example
 * const rollcall = createRollcall({ url, key, clientIp: (c: Context) => getConnInfo(c).remote.address })
 * app.use(rollcall.attach())
 * app.get('/account', requireSession({ signIn: '/sign-in' }), (c) => c.json(c.get('account')))
 *
 * @throws TypeError that says which option is wrong
 */
// biome-ignore lint/suspicious/noExplicitAny: where an app gives `c` no type, it goes to `getConnInfo` and the like as it is
export function createRollcall<C extends HonoContextLike = any>(options: HonoOptions<C>): HonoRollcall<C> {
  const { clientIp, isBackground, method = 'app', cookie = '__Host-session' } = options
  checkPlaces(options)
  const origins = readOrigins(options)
  const following = followRollcall(options)
  const { verifier } = following
  const sessions = createAppSessions(following, method)
  const broughtBy = (c: C) => tokenOf((name) => c.req.header(name), options)
  const requestOf = (c: C): VerifyRequest => ({ ip: clientIp(c), background: isBackground?.(c) })

  function take(c: C, verdict: Verdict, again: () => Promise<Verdict>) {
    if (verdict.status === 'denied') return c.set(REFUSAL, verdict.reason)
    c.set('session', verdict.session)
    c.set('account', verdict.account)
    c.set(AGAIN, again)
  }

  function setCookie(c: C, token: string | null, maxAge?: number) {
    if (cookie === null) return
    const isHttps = c.req.url.startsWith('https:')
    const value = sessionCookie(cookie, token, { isHttps, ...(maxAge === undefined ? {} : { maxAge }) })
    c.header('Set-Cookie', value, { append: true })
  }

  async function ask(c: C, next: Next, token: string, request: VerifyRequest, again: () => Promise<Verdict>) {
    take(c, await verifier.verify(token, request), again)
    return next()
  }

  return {
    verifier,
    attach: () => (c: C, next) => {
      const token = broughtBy(c)
      if (typeof token !== 'string') {
        c.set(REFUSAL, token === null ? 'unknown' : 'missing')
        return next()
      }
      const request = requestOf(c)
      const again = () => verifier.verify(token, { ...request, fresh: true })
      const verdict = verifier.verifyCached(token, request)
      if (verdict === 'ask') return ask(c, next, token, request, again)
      take(c, verdict, again)
      return next()
    },
    async startSession(c, account) {
      const headers = new Proxy({}, { get: (_, name) => c.req.header(String(name)) })
      const visit = visitOf({ headers }, clientIp(c))
      const started = await sessions.start(account, visit, broughtBy(c)).catch(withAnswer(c))
      setCookie(c, started.token, started.maxAge)
      return started
    },
    async endSession(c) {
      await sessions.end(broughtBy(c)).catch(withAnswer(c))
      setCookie(c, null)
    },
    guardSocket: (createEvents) => async (c) => {
      if (isOfAnotherSite((name) => c.req.header(name), origins)) return refusingPage()
      const token = broughtBy(c)
      const request = requestOf(c)
      const verdict = await verifier.verify(token, request)
      if (verdict.status === 'denied') return refusing(verdict.reason)
      const { session, account } = verdict
      const who = { session, account, verifyAgain: () => verifier.verify(token, { ...request, fresh: true }) }
      return whileItLasts(verifier, who, await createEvents(c, who), request.ip)
    },
    stop: () => verifier.stop(),
  }
}

export interface GuardOptions {
  /** The path of the app's sign-in page: pages are sent there, with `return_to`. Left out: they get 401 too. */
  signIn?: string
}

/** Lets a request pass where somebody is signed in: `session` and `account` are there. After `attach`. */
export const requireSession = (options: GuardOptions = {}): HonoMiddleware => guard(options, async () => undefined)

/** Lets a request pass where who is signed in has one of these roles in Rollcall. */
export function requireRole(roles: string | readonly string[], options: GuardOptions = {}): HonoMiddleware {
  const allowed = typeof roles === 'string' ? [roles] : roles
  return guard(options, async (_c, account) => (allowed.includes(account.role) ? undefined : 'role'))
}

/** The same as `requireSession` by what the database says now, whatever is remembered: for a payment. */
export const fresh = (options: GuardOptions = {}): HonoMiddleware =>
  guard(options, async (c) => {
    const again = c.get(AGAIN)
    const verdict: Verdict | undefined = typeof again === 'function' ? await again() : undefined
    if (verdict?.status !== 'active') return verdict?.reason ?? 'missing'
    c.set('session', verdict.session)
    c.set('account', verdict.account)
    return undefined
  })

function guard(
  { signIn }: GuardOptions,
  check: (c: HonoContextLike, account: ActiveVerdict['account']) => Promise<Refusal | 'role' | undefined>,
): HonoMiddleware {
  return async (c: HonoContextLike, next: Next) => {
    const account = c.get('account') as ActiveVerdict['account'] | undefined
    const reason = account ? await check(c, account) : ((c.get(REFUSAL) as Refusal | undefined) ?? 'missing')
    if (reason === undefined) return next()
    const { status, headers, body } = refusalAnswer(refusedOf(c), reason, signIn)
    return c.body(body, status, headers)
  }
}

/** What is thrown Hono answers with 500, unless it brings an answer of its own. */
function withAnswer(c: HonoContextLike): (error: unknown) => never {
  return (error) => {
    if (error instanceof RollcallFailure && (error.status === 403 || error.status === 503)) {
      const reason = error.status === 403 ? 'blocked' : 'unavailable'
      const { status, headers, body } = refusalAnswer(refusedOf(c), reason, undefined)
      Object.assign(error, { getResponse: () => new Response(body, { status, headers }) })
    }
    throw error
  }
}

function refusedOf({ req }: HonoContextLike): Refused {
  const { pathname, search } = new URL(req.url)
  return { method: req.method, path: pathname + search, accept: req.header('accept') }
}
