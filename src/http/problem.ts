import type { AppContext } from './env.js'
import type { PublicError } from './errors.js'
import { ownOrigin } from './origin.js'

/** RFC 9457. `type` is the address of its documentation, on this very server. */
export function problem(c: AppContext, error: PublicError): Response {
  const body = {
    type: `${ownOrigin(c)}/api/v1/problems/${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.detail,
    requestId: c.var.requestId,
    ...(error.more.errors ? { errors: error.more.errors } : {}),
  }
  return c.body(JSON.stringify(body), error.status, { 'Content-Type': 'application/problem+json' })
}
