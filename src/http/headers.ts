import { randomBytes } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import type { Config } from '../config.js'
import { newId } from '../db/ids.js'
import { isSecure } from './cookies.js'
import type { AppEnv } from './env.js'
import { isForwarded } from './origin.js'

export const CSP_REPORTS = '/csp-reports'

/** No script but ours, no style but ours, no frame, no form to elsewhere (S-40). */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types htmx',
    `report-uri ${CSP_REPORTS}`,
  ].join('; ')
}

/**
 * What every answer carries, errors too (S-40, S-42, S-45). Private unless a route says otherwise: only the static
 * files do.
 */
export const securityHeaders = createMiddleware<AppEnv>(async (c, next) => {
  c.set('nonce', randomBytes(16).toString('base64'))
  c.set('requestId', newId())
  await next()
  const headers = c.res.headers
  headers.set('Content-Security-Policy', c.get('policy') ?? contentSecurityPolicy(c.get('nonce')))
  for (const [name, value] of Object.entries(FIXED)) headers.set(name, value)
  headers.set('X-Request-Id', c.get('requestId'))
  // Whether another host, and all below it, is ever seen over plain http is for its owner to say.
  if (isSecure(c) && !isForwarded(c)) headers.set('Strict-Transport-Security', STAYS_SECURE)
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
})

const FIXED = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
}
const STAYS_SECURE = 'max-age=63072000; includeSubDomains'

/** The same for an answer that is data and nothing to look at: the policy lets nothing run, and needs no nonce. */
export const headersOfData = ({ publicUrl }: Pick<Config, 'publicUrl'>): Record<string, string> => ({
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ...FIXED,
  ...(publicUrl?.protocol === 'https:' ? { 'Strict-Transport-Security': STAYS_SECURE } : {}),
  'Cache-Control': 'no-store',
})
