import { Hono } from 'hono'
import type { Config } from '../config.js'
import type { AppEnv } from './env.js'
import { unavailable } from './errors.js'
import { securityHeaders } from './headers.js'
import { problem } from './problem.js'

const AGAIN_SECONDS = 2

/** What is answered while the database is opened, migrated or waited for. */
export function starting(config: Config): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use((c, next) => {
    c.set('config', config)
    return next()
  }, securityHeaders)
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => c.json({ status: 'not ready', database: 'does not answer yet' }, 503))
  app.all('/api/*', (c) => {
    c.header('Retry-After', String(AGAIN_SECONDS))
    return problem(c, unavailable(AGAIN_SECONDS))
  })
  app.all('*', (c) =>
    c.text('Rollcall is starting. Try again in a moment.', 503, { 'Retry-After': String(AGAIN_SECONDS) }),
  )
  return app
}
