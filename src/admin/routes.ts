import { Hono } from 'hono'
import { everyRequest } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { maskForViewers } from '../http/masking.js'
import { accountsRoutes } from './accounts.js'
import { appsRoutes } from './apps.js'
import { auditRoutes } from './audit.js'
import { blocksRoutes } from './blocks.js'
import { jobsRoutes } from './jobs.js'
import { killSwitchRoutes } from './killSwitch.js'
import { liveRoutes } from './live.js'
import { overviewRoutes } from './overview.js'
import { paletteRoutes } from './palette.js'
import { receiptsRoutes } from './receipts.js'
import { sessionsRoutes } from './sessions.js'
import { matchingRoutes } from './sessionsMatching.js'
import { settingsRoutes } from './settings.js'
import { streamRoutes } from './stream.js'
import { viewsRoutes } from './views.js'

/** The panel: one line a page. */
export const admin = new Hono<AppEnv>()
  .use(everyRequest(maskForViewers))
  .route('/', overviewRoutes)
  .route('/stream', streamRoutes)
  .route('/live', liveRoutes)
  .route('/sessions', matchingRoutes)
  .route('/sessions', sessionsRoutes)
  .route('/kill-switch', killSwitchRoutes)
  .route('/jobs', jobsRoutes)
  .route('/accounts', accountsRoutes)
  .route('/blocks', blocksRoutes)
  .route('/audit', auditRoutes)
  .route('/apps', appsRoutes)
  .route('/palette', paletteRoutes)
  .route('/receipts', receiptsRoutes)
  .route('/settings', settingsRoutes)
  .route('/views', viewsRoutes)
