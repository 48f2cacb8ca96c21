import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { atLeast, type Role } from '../accounts/types.js'
import { recordAudit } from '../audit/record.js'
import { type AccountId, BUILT_IN_APP } from '../db/ids.js'
import { readSessionCookie } from './cookies.js'
import type { ActiveSession, AppContext, AppEnv } from './env.js'
import { PublicError, unavailable } from './errors.js'
import { createFloodGate } from './floodGate.js'
import { hideSecrets } from './requestLog.js'
import { signInPath } from './returnTo.js'

/** Every route names who may use it with one of these; `assertAllRoutesGuarded` refuses an app with one that does not. */
export const GUARD = Symbol('who may use a route')
const EVERY_REQUEST = 'every request'

const guard = (who: string, handler: MiddlewareHandler<AppEnv>): MiddlewareHandler<AppEnv> =>
  Object.assign(handler, { [GUARD]: who })

/** What runs for every request, or answers that there is nothing: only what is named so may be there for all methods. */
export const everyRequest = (handler: MiddlewareHandler<AppEnv>): MiddlewareHandler<AppEnv> =>
  guard(EVERY_REQUEST, handler)

/** For everyone, signed in or not. */
export const anyone = (): MiddlewareHandler<AppEnv> => guard('anyone', (_c, next) => next())

/** For everyone who is signed in to the built-in site; others are sent to sign in. */
export const signedIn = (): MiddlewareHandler<AppEnv> => allow('person')

/** For accounts with at least this role in the built-in site, by what the database says now (S-31). */
export function allow(role: Role): MiddlewareHandler<AppEnv> {
  return guard(role, async (c, next) => {
    const current = await currentSession(c)
    if (!current) return toSignIn(c)
    const { id, name } = current.account
    const { ip, touches, masksForViewers } = c.var
    c.set('current', current)
    c.set('actor', { kind: 'account', id, name, sessionId: current.session.id, ip })
    touches.note(current.session.id, ip, { background: isBackground(c) })
    if (!atLeast(current.account.role, role)) return refuse(c, role)
    if (current.account.role === 'viewer') c.set('masked', await masksForViewers())
    return next()
  })
}

/** The session that the cookie proves, if it is live. A panel request always asks the database. */
export async function currentSession(c: AppContext): Promise<ActiveSession | undefined> {
  const token = readSessionCookie(c)
  if (!token) return undefined
  const { verifier, ip } = c.var
  const verdict = await verifier.verify(token, { appId: BUILT_IN_APP, ip, fresh: true })
  if (verdict.status === 'active') return verdict
  if (verdict.reason === 'unavailable') throw unavailable()
  return undefined
}

/**
 * Timers, refreshes and the event stream (which can send no header of ours) are no activity of the person (S-07). Only
 * what reads is believed to be one: who acts is there, whatever the header says.
 */
export const isBackground = (c: AppContext): boolean =>
  (c.req.method === 'GET' || c.req.method === 'HEAD') &&
  (c.req.header('rollcall-background') === '1' || c.req.header('accept') === 'text/event-stream')

/** Neither a fragment nor a stream can hold the sign-in page: htmx is told to take the whole page there. */
function toSignIn(c: AppContext): Response {
  if (c.req.header('accept') === 'text/event-stream') return c.body(null, 401)
  if (c.req.header('hx-request')) {
    c.header('HX-Redirect', signInPath(pageOf(c)))
    return c.body(null, 401)
  }
  return c.redirect(signInPath(c.req.method === 'GET' ? `${c.req.path}${new URL(c.req.url).search}` : pageOf(c)), 303)
}

/** The page that a request was made from, as far as the browser tells. */
function pageOf(c: AppContext): string | undefined {
  const current = c.req.header('hx-current-url')
  return current && URL.canParse(current) ? new URL(current).pathname + new URL(current).search : undefined
}

/** A line a minute for each actor and route: a log that can be flooded hides what matters. */
const refusals = createFloodGate({ keys: 10_000 })

/** Writes that an actor asked for what it may not have, with how many times more since the last line. */
export async function recordRefusal(
  c: AppContext,
  details: Record<string, unknown>,
  accountId?: AccountId,
): Promise<void> {
  const { actor } = c.var
  const more = refusals.pass(`${'id' in actor ? actor.id : actor.kind} ${c.req.method} ${routePath(c)}`)
  if (more === undefined) return
  await recordAudit(c.var.db, actor, 'access.refused', {
    result: 'refused',
    accountId,
    details: {
      method: c.req.method,
      path: hideSecrets(c.req.path).slice(0, 200),
      ...details,
      ...(more > 0 ? { more } : {}),
    },
    requestId: c.var.requestId,
  })
}

async function refuse(c: AppContext, role: Role): Promise<never> {
  const { account } = c.var.current
  await recordRefusal(c, { needed: role, has: account.role }, account.id)
  throw new PublicError(
    403,
    'forbidden',
    'Your role does not allow this',
    `It needs the role ${role}; yours is ${account.role}. Ask an owner of this Rollcall. Nothing was changed.`,
  )
}

/**
 * Deny by default (S-30): an app with a route that does not begin with a guard does not start; nor does one that takes
 * all methods, unless it is named as `everyRequest`.
 *
 * @throws with the routes that lack one
 */
export function assertAllRoutesGuarded(routes: { method: string; path: string; handler: unknown }[]): void {
  const open = listGuards(routes).filter((route) => route.who === undefined)
  if (open.length > 0)
    throw new Error(`routes without a guard: ${open.map((route) => `${route.method} ${route.path}`).join(', ')}`)
}

/** Each route with who may use it. A guard counts where it is the first handler: what stands before it would run for anyone. */
export function listGuards(
  routes: { method: string; path: string; handler: unknown }[],
): { method: string; path: string; who: string | undefined }[] {
  const found = new Map<string, { method: string; path: string; who: string | undefined }>()
  for (const { method, path, handler } of routes) {
    const key = `${method} ${path}`
    const who = (handler as { [GUARD]?: string })[GUARD]
    if (method === 'ALL') {
      if (who !== EVERY_REQUEST) found.set(key, { method, path, who: undefined })
    } else if (!found.has(key)) found.set(key, { method, path, who })
  }
  return [...found.values()]
}
