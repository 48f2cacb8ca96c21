import { createMiddleware } from 'hono/factory'
import type { Logger } from 'pino'
import type { AppEnv } from './env.js'

/** One line a request. The path alone: a query may hold what somebody typed, a header what nobody may read (S-05, S-61). */
export const logRequests = createMiddleware<AppEnv>(async (c, next) => {
  const started = performance.now()
  await next()
  const { requestId, ip, log } = c.var
  logRequest(log, { requestId, method: c.req.method, path: c.req.path, status: c.res.status, started }, () => ip)
})

interface Answered {
  requestId: string
  method: string
  path: string
  status: number
  /** As `performance.now()` said it. */
  started: number
}

/** @param ip is asked only where the line is written */
export function logRequest(log: Logger, { started, path, ...answered }: Answered, ip: () => string | null): void {
  const failed = answered.status >= 500
  if (!log.isLevelEnabled(failed ? 'error' : 'debug')) return
  const ms = Math.round((performance.now() - started) * 10) / 10
  const { requestId, method, status } = answered
  const line = { requestId, method, path: hideSecrets(path), status, ms, ip: ip() }
  if (failed) log.error(line, 'request failed')
  else log.debug(line, 'request')
}

/** One-time links carry their secret in the path, and people paste tokens anywhere; longer than an id is neither. */
export const hideSecrets = (path: string): string =>
  path.replace(/^\/(setup|invitation)\/[^/]+/, '/$1/…').replace(/[^/]{40,}/g, '…')
