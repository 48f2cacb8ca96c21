import { createMiddleware } from 'hono/factory'
import type { AppEnv } from './env.js'

/** One line a request. The path alone: a query may hold what somebody typed, a header what nobody may read (S-05, S-61). */
export const logRequests = createMiddleware<AppEnv>(async (c, next) => {
  const started = performance.now()
  await next()
  const ms = Math.round((performance.now() - started) * 10) / 10
  const line = {
    requestId: c.var.requestId,
    method: c.req.method,
    path: hideSecrets(c.req.path),
    status: c.res.status,
    ms,
    ip: c.var.ip,
  }
  if (c.res.status >= 500) c.var.log.error(line, 'request failed')
  else c.var.log.debug(line, 'request')
})

/** One-time links carry their secret in the path, and people paste tokens anywhere; longer than an id is neither. */
export const hideSecrets = (path: string): string =>
  path.replace(/^\/(setup|invitation)\/[^/]+/, '/$1/…').replace(/[^/]{40,}/g, '…')
