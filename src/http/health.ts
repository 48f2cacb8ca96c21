import { sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { systemClock } from '../follower/clock.js'
import { inTime } from '../follower/follower.js'
import { anyone } from './authorise.js'
import type { AppContext, AppEnv } from './env.js'

const SILENT_MS = 2_000

/** For whatever starts, watches and balances processes. */
export const health = new Hono<AppEnv>()

health.get('/healthz', anyone(), (c) => c.json({ status: 'ok' }))

health.get('/readyz', anyone(), async (c) => {
  const isValid = c.var.node.engine.follower.leaseLeft() > 0
  const answers = await databaseAnswers(c)
  const parts = { database: answers ? 'ok' : 'does not answer', lease: isValid ? 'valid' : 'has run out' }
  return answers && isValid ? c.json({ status: 'ready', ...parts }) : c.json({ status: 'not ready', ...parts }, 503)
})

async function databaseAnswers(c: AppContext): Promise<boolean> {
  try {
    await inTime(c.var.db.execute(sql`select 1`), systemClock, SILENT_MS)
    return true
  } catch (error) {
    c.var.log.error({ err: error }, 'the database does not answer')
    return false
  }
}
