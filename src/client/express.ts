import type { Verdict } from '../follower/types.js'
import { createAppSessions, sessionCookie } from './appSessions.js'
import type { Attached, Started } from './attached.js'
import type { Socket } from './connections.js'
import { followRollcall } from './follow.js'
import { checkPlaces, type Refusal, refusalAnswer, type TokenPlaces, tokenOf } from './gate.js'
import type { VerifierOptions } from './options.js'
import { guardSocket } from './socketGuard.js'
import { isOfAnotherSite, readOrigins, refusePage, type SocketOrigins } from './socketOrigin.js'
import type { AppAccount } from './store/accounts.js'
import { addressOf, type StoreRequest, visitOf } from './store/options.js'
import type { Verifier, VerifyRequest } from './types.js'

/** What apps import: `rollcall/express`. It needs nothing of Express but its requests: Node's own do as well. */
export type { Attached, Started } from './attached.js'
export { type EventStream, endStream, endWithSession, type Socket } from './connections.js'
export { createVerifier } from './createVerifier.js'
export { type FailureCode, RollcallFailure } from './failure.js'
export type { Refusal, TokenPlaces } from './gate.js'
export type { VerifierOptions } from './options.js'
export type { AppAccount } from './store/accounts.js'
export type { StoreRequest } from './store/options.js'
export type { Verifier } from './types.js'

export interface ExpressRequest extends StoreRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly originalUrl?: string | undefined
  /** Of Express. */
  readonly secure?: boolean | undefined
  rollcall?: Attached | undefined
  rollcallRefusal?: Refusal | undefined
}

export interface ExpressResponse {
  statusCode: number
  setHeader(name: string, value: string | readonly string[]): unknown
  getHeader(name: string): number | string | string[] | undefined
  end(body?: string): unknown
}

export type Middleware = (req: ExpressRequest, res: ExpressResponse, next: (error?: unknown) => void) => void

export interface ExpressOptions extends VerifierOptions, TokenPlaces, SocketOrigins {
  /**
   * Where a request comes from. By default Express's `req.ip`, which follows `trust proxy`, else the connection's: a socket
   * of `ws` does not come through Express, so behind a proxy say it here.
   */
  clientIp?: (request: StoreRequest) => string | null | undefined
  /** A timer or poll of an open page: no activity of the person. */
  isBackground?: (request: StoreRequest) => boolean
  /** How people sign in to the app, as the panel shows it. `app` by default. */
  method?: string
}

export interface ExpressRollcall {
  verifier: Verifier
  /** Sets `req.rollcall` where somebody is signed in, and lets every request pass: guards come after it. */
  attach(): Middleware
  /**
   * Starts a session and sets its cookie.
   *
   * @returns the token too, for clients that bring it in a header: where `cookie` is null, nobody else has it
   * @throws RollcallFailure `blocked` where the person or the network is
   */
  startSession(req: ExpressRequest, res: ExpressResponse, account: AppAccount): Promise<Started>
  /** Ends the session that the request brought, and takes its cookie away. */
  endSession(req: ExpressRequest, res: ExpressResponse): Promise<void>
  /**
   * Lets a WebSocket of `ws` go on while its session does; else closes it, with 4401, 4403 or 1013. One that a page of
   * another site opened is closed with 4403 (`origins`).
   *
   * @returns who it is; undefined: it is being closed
   */
  guardSocket(socket: Socket, request: ExpressRequest): Promise<Attached | undefined>
  stop(): Promise<void>
}

/**
 * Sessions of Rollcall in an Express app. It follows Rollcall until `stop` is called.
 *
 * @example
 * const rollcall = createRollcall({ url: 'https://rollcall.example.com', key: process.env.ROLLCALL_KEY })
 * app.use(rollcall.attach())
 * app.get('/account', requireSession({ signIn: '/sign-in' }), (req, res) => res.json(req.rollcall.account))
 *
 * @throws TypeError that says which option is wrong
 */
export function createRollcall(options: ExpressOptions): ExpressRollcall {
  const { clientIp = addressOf, isBackground, method = 'app', cookie = '__Host-session' } = options
  checkPlaces(options)
  const origins = readOrigins(options)
  const following = followRollcall(options)
  const { verifier } = following
  const sessions = createAppSessions(following, method)

  const broughtBy = (req: ExpressRequest) => tokenOf((name) => headerOf(req, name), options)
  const requestOf = (req: ExpressRequest): VerifyRequest => ({ ip: clientIp(req), background: isBackground?.(req) })

  function take(req: ExpressRequest, verdict: Verdict, verifyAgain: () => Promise<Verdict>): Attached | undefined {
    if (verdict.status === 'denied') req.rollcallRefusal = verdict.reason
    else req.rollcall = { session: verdict.session, account: verdict.account, verifyAgain }
    return req.rollcall
  }

  function setCookie(req: ExpressRequest, res: ExpressResponse, token: string | null, maxAge?: number) {
    if (cookie === null) return
    const before = res.getHeader('Set-Cookie') ?? []
    const value = sessionCookie(cookie, token, {
      isHttps: req.secure === true,
      ...(maxAge === undefined ? {} : { maxAge }),
    })
    res.setHeader('Set-Cookie', [...(Array.isArray(before) ? before : [String(before)]), value])
  }

  return {
    verifier,
    attach: () => (req, _res, next) => {
      const token = broughtBy(req)
      if (typeof token !== 'string') {
        req.rollcallRefusal = token === null ? 'unknown' : 'missing'
        return next()
      }
      const request = requestOf(req)
      const again = () => verifier.verify(token, { ...request, fresh: true })
      const verdict = verifier.verifyCached(token, request)
      if (verdict !== 'ask') {
        take(req, verdict, again)
        return next()
      }
      // What a route throws is the app's, and no rejection of ours.
      void verifier.verify(token, request).then((asked) => {
        take(req, asked, again)
        queueMicrotask(next)
      })
    },
    async startSession(req, res, account) {
      const started = await sessions.start(account, visitOf(req, clientIp(req)), broughtBy(req))
      setCookie(req, res, started.token, started.maxAge)
      return started
    },
    async endSession(req, res) {
      await sessions.end(broughtBy(req))
      setCookie(req, res, null)
    },
    async guardSocket(socket, request) {
      if (isOfAnotherSite((name) => headerOf(request, name), origins)) return void refusePage(socket)
      const token = broughtBy(request)
      const from = requestOf(request)
      const verdict = await guardSocket(verifier, socket, token, from)
      return verdict && take(request, verdict, () => verifier.verify(token, { ...from, fresh: true }))
    },
    stop: () => verifier.stop(),
  }
}

export interface GuardOptions {
  /** The path of the app's sign-in page: pages are sent there, with `return_to`. Left out: they get 401 too. */
  signIn?: string
}

/** Lets a request pass where somebody is signed in: `req.rollcall` is there. After `attach`, or a store's middleware. */
export function requireSession({ signIn }: GuardOptions = {}): Middleware {
  return (req, res, next) => (req.rollcall ? next() : refuse(req, res, req.rollcallRefusal ?? 'missing', signIn))
}

/** Lets a request pass where who is signed in has one of these roles in Rollcall. */
export function requireRole(roles: string | readonly string[], { signIn }: GuardOptions = {}): Middleware {
  const allowed = typeof roles === 'string' ? [roles] : roles
  return (req, res, next) => {
    if (!req.rollcall) return refuse(req, res, req.rollcallRefusal ?? 'missing', signIn)
    return allowed.includes(req.rollcall.account.role) ? next() : refuse(req, res, 'role', signIn)
  }
}

/** The same as `requireSession` by what the database says now, whatever is remembered: for a payment. */
export function fresh({ signIn }: GuardOptions = {}): Middleware {
  return (req, res, next) => {
    if (!req.rollcall) return refuse(req, res, req.rollcallRefusal ?? 'missing', signIn)
    const { verifyAgain } = req.rollcall
    void verifyAgain().then((verdict) => {
      if (verdict.status === 'denied') return refuse(req, res, verdict.reason, signIn)
      req.rollcall = { session: verdict.session, account: verdict.account, verifyAgain }
      queueMicrotask(next)
    })
  }
}

function refuse(req: ExpressRequest, res: ExpressResponse, reason: Refusal | 'role', signIn: string | undefined) {
  const { method = 'GET', originalUrl, url = '/' } = req
  const refused = { method, path: originalUrl ?? url, accept: headerOf(req, 'accept') }
  const { status, headers, body } = refusalAnswer(refused, reason, signIn)
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  res.end(body)
}

function headerOf({ headers }: ExpressRequest, name: string): string | undefined {
  const value = headers[name.toLowerCase()]
  return typeof value === 'string' ? value : undefined
}
