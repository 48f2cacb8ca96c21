import { sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { anyone } from './authorise.js'
import type { AppEnv } from './env.js'

/** For whatever starts, watches and balances processes. */
export const health = new Hono<AppEnv>()

health.get('/healthz', anyone(), (c) => c.json({ status: 'ok' }))

health.get('/readyz', anyone(), async (c) => {
  try {
    await c.var.db.execute(sql`select 1`)
    return c.json({ status: 'ready', database: 'ok' })
  } catch (error) {
    c.var.log.error({ err: error }, 'the database does not answer')
    return c.json({ status: 'not ready', database: 'does not answer' }, 503)
  }
})
