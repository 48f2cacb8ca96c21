import { Hono } from 'hono'
import { isNewerSchema } from '../db/migrate.js'
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
  const database = await databaseState(c)
  const parts = { database, lease: isValid ? 'valid' : 'has run out' }
  return database === 'ok' && isValid
    ? c.json({ status: 'ready', ...parts })
    : c.json({ status: 'not ready', ...parts }, 503)
})

async function databaseState(c: AppContext): Promise<'ok' | 'was migrated by a newer version' | 'does not answer'> {
  try {
    const isNewer = await inTime(isNewerSchema(c.var.db), systemClock, SILENT_MS)
    // What it does not know it would read and write wrongly, or not at all: whoever asks is sent to the newer ones.
    return isNewer ? 'was migrated by a newer version' : 'ok'
  } catch (error) {
    c.var.log.error({ err: error }, 'the database does not answer')
    return 'does not answer'
  }
}
