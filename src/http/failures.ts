import type { ErrorHandler, Hono, NotFoundHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { BadCursor } from '../db/page.js'
import { isDatabaseUnavailable } from '../db/unavailable.js'
import { NotAllowed } from '../sessions/notAllowed.js'
import type { AppContext, AppEnv } from './env.js'
import { badInput, notFound, PublicError, unavailable } from './errors.js'
import { failurePage, forwardFailure } from './failurePage.js'
import { isForwarded } from './origin.js'
import { problem } from './problem.js'
import { hideSecrets } from './requestLog.js'

/** The one place where what was thrown becomes an answer: words for who asked, everything else for the log (S-65). */
export const answerError: ErrorHandler<AppEnv> = (error, c) => answer(c, publicErrorOf(error, c))

/**
 * Where the app has no handler: 405 if it has one for another method (RFC 9110, 15.5.6), else 404.
 */
export const answerNotFound =
  (app: Hono<AppEnv>): NotFoundHandler<AppEnv> =>
  (c) => {
    const allowed = methodsAt(app, c.req.path)
    // A handler of this very method may have found nothing.
    if (allowed.length === 0 || allowed.includes(c.req.method))
      return answer(c, notFound(isForPrograms(c) ? 'address' : 'page'))
    c.header('Allow', allowed.join(', '))
    return answer(c, methodNotAllowed(allowed.join(', ')))
  }

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Hono answers HEAD by what answers GET. Middleware takes all methods and answers none. */
const methodsAt = ({ router }: Hono<AppEnv>, path: string) =>
  METHODS.filter((method) => {
    const handled = method === 'HEAD' ? 'GET' : method
    return router.match(handled, path)[0].some(([[, route]]) => route.method === handled)
  })

const methodNotAllowed = (allowed: string) =>
  new PublicError(
    405,
    'method-not-allowed',
    'This address does not take that method',
    `It takes ${allowed}. Nothing was changed.`,
  )

function answer(c: AppContext, error: PublicError): Response | Promise<Response> {
  if (error.more.retryAfterSeconds) c.header('Retry-After', String(error.more.retryAfterSeconds))
  if (isForPrograms(c)) return problem(c, error)
  return isForwarded(c) ? forwardFailure(c, error) : failurePage(c, error)
}

/** Nobody would read a page there. */
const isForPrograms = ({ req: { path } }: AppContext) =>
  path.startsWith('/api/') || path === '/metrics' || path === '/healthz' || path === '/readyz'

/** Which of the two was given: both at once are refused before. */
const cursorOf = (c: AppContext) => (c.req.query('before') ? 'before' : 'after')

function publicErrorOf(error: unknown, c: AppContext): PublicError {
  if (error instanceof PublicError)
    return error.code === 'unavailable' ? unavailable(error.more.retryAfterSeconds, c.var.doneSoFar) : error
  if (error instanceof BadCursor) return badInput([{ path: cursorOf(c), message: error.message }])
  if (error instanceof NotAllowed)
    return new PublicError(403, 'forbidden', 'Your role does not allow this', `${error.message} Nothing was changed.`)
  if (error instanceof HTTPException && error.status < 500) {
    return new PublicError(
      400,
      'bad-input',
      'The request can’t be read',
      'It is cut off or not in the form that it says it has. Nothing was changed.',
    )
  }
  c.var.log.error({ err: error, requestId: c.var.requestId, path: hideSecrets(c.req.path) }, 'unexpected error')
  if (isDatabaseUnavailable(error)) return unavailable(undefined, c.var.doneSoFar)
  return new PublicError(
    500,
    'unexpected',
    'Something went wrong on our side',
    `Try again. If it stays, tell your administrator this number: ${c.var.requestId}.`,
  )
}
