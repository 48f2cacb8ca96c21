import { randomBytes } from 'node:crypto'
import { createMiddleware } from 'hono/factory'
import { newId } from '../db/ids.js'
import { isSecure } from './cookies.js'
import type { AppEnv } from './env.js'

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
  headers.set('Content-Security-Policy', contentSecurityPolicy(c.var.nonce))
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('X-Frame-Options', 'DENY')
  headers.set('Referrer-Policy', 'no-referrer')
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  headers.set('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()')
  headers.set('X-Request-Id', c.var.requestId)
  if (isSecure(c)) headers.set('Strict-Transport-Security', 'max-age=63072000; includeSubDomains')
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
})
