import { createMiddleware } from 'hono/factory'
import { isLocal } from '../config.js'
import { isSecure } from './cookies.js'
import type { AppContext, AppEnv } from './env.js'
import { PublicError } from './errors.js'

const SAFE_METHODS = ['GET', 'HEAD']

/**
 * Refuses what another site makes a browser send (S-41). Browsers say where a request comes from in `Sec-Fetch-Site`,
 * older ones in `Origin`; what carries neither is no browser, has no cookies of anyone else, and is let through.
 */
export const refuseCrossSite = createMiddleware<AppEnv>(async (c, next) => {
  if (!SAFE_METHODS.includes(c.req.method) && isCrossSite(c, ownOrigin(c))) throw crossSite()
  await next()
})

export const crossSite = () =>
  new PublicError(
    403,
    'cross-site',
    'This request came from another site',
    'Open Rollcall itself and try again there. Nothing was changed.',
  )

/** @param own the origin that the browser has the page from, for those that say no more than theirs */
export function isCrossSite(c: AppContext, own: string): boolean {
  const site = c.req.header('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = c.req.header('origin')
  return origin !== undefined && origin !== own
}

/** The address that people have in their browsers. */
export const ownOrigin = (c: AppContext): string =>
  c.var.config.publicUrl?.origin ?? `http://${c.req.header('host') ?? ''}`

/** Of a protected host, as people have it in their browsers. */
export const originOf = (c: AppContext, host: string): string => `${isSecure(c) ? 'https' : 'http'}://${host}`

/** What a proxy passes on: its answer is seen on a host that is not ours. */
export const isForwarded = (c: AppContext): boolean => c.req.path === '/verify' || c.req.path.startsWith('/.rollcall/')

/** The `Host` of what a proxy asks is the proxy's: it says nothing about where people find Rollcall. */
export const rollcallOrigin = (c: AppContext): string =>
  c.var.config.publicUrl?.origin ?? `http://localhost:${c.var.config.port}`

/**
 * Without a public https address only localhost is served: over plain http to anywhere else the cookie would travel
 * in the clear (S-02), and a name that an attacker points at this machine would pass for us.
 */
export const refusePlainHttp = createMiddleware<AppEnv>(async (c, next) => {
  const host = (c.req.header('host') ?? '').replace(/:\d+$/, '')
  if (!isSecure(c) && !isLocal(host)) {
    throw new PublicError(
      421,
      'plain-http',
      'Rollcall is not set up for this address',
      'Over plain http it is served on localhost alone. Put it behind https and set ROLLCALL_PUBLIC_URL to the address that people use, for example https://rollcall.example.com.',
    )
  }
  await next()
})
