import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { admin } from './admin/routes.js'
import { fastVerify } from './api/fastVerify.js'
import { api } from './api/routes.js'
import { serveAssets } from './assets/serve.js'
import { ACCEPT_CH } from './devices/device.js'
import { fastForward } from './forward/fastForward.js'
import { forward } from './forward/routes.js'
import type { AnswerAtOnce } from './http/atOnce.js'
import { anyone, assertAllRoutesGuarded, everyRequest } from './http/authorise.js'
import { bidiControlsShown } from './http/bidiControls.js'
import { limitBody } from './http/bodyLimit.js'
import { addressIn } from './http/client.js'
import { compressPages } from './http/compress.js'
import { cspReports } from './http/cspReports.js'
import type { AppEnv, Services } from './http/env.js'
import { answerError, answerNotFound } from './http/failures.js'
import { CSP_REPORTS, securityHeaders } from './http/headers.js'
import { health } from './http/health.js'
import { metrics } from './http/metrics.js'
import { refuseCrossSite, refusePlainHttp } from './http/origin.js'
import { logRequests } from './http/requestLog.js'
import { noticing } from './sessions/log/positions.js'
import { site } from './site/routes.js'

/** For `/api/v1/revocations/:position/acknowledged`: on each answer to an act that ended trust or gave it back. */
const POSITION = 'Rollcall-Position'

/** The whole Hono app: middleware, then one line per area. */
export function createApp(services: Services): Hono<AppEnv> & { atOnce: AnswerAtOnce } {
  const app = new Hono<AppEnv>()
  for (const middleware of [provide(services), securityHeaders, logRequests, limitBody])
    app.use(everyRequest(middleware))
  app.onError(answerError)
  app.notFound(answerNotFound(app))

  app.route('/', health)
  app.route('/', metrics(services))
  app.get('/static/*', anyone(), serveAssets())
  app.post(CSP_REPORTS, anyone(), cspReports())
  app.route('/api/v1', api())
  app.route('/', forward)

  const pages = new Hono<AppEnv>()
  for (const middleware of [refusePlainHttp, refuseCrossSite, askForClientHints]) pages.use(everyRequest(middleware))
  for (const area of ['/admin/*', '/account/*']) pages.use(area, everyRequest(compressPages))
  pages.use(everyRequest(bidiControlsShown))
  pages.route('/', site)
  pages.route('/admin', admin)
  app.route('/', pages)

  assertAllRoutesGuarded(app.routes)
  const [forwards, verifies] = [fastForward(services), fastVerify(services)]
  return Object.assign(app, {
    atOnce: (...request: Parameters<AnswerAtOnce>) => forwards(...request) || verifies(...request),
  })
}

const provide = (services: Services) =>
  createMiddleware<AppEnv>(async (c, next) => {
    for (const [name, service] of Object.entries(services)) c.set(name as keyof Services, service as never)
    c.set('ip', addressIn(c.env, c.req.raw.headers, services.trustedProxies))
    c.set(
      'db',
      noticing(services.db, (position) => {
        c.set('position', position)
        services.receipts.watch(position)
      }),
    )
    await next()
    const position = c.get('position')
    if (!position) return
    c.header(POSITION, position)
    // Who is told that it is done finds it done here: this node has read its own act before it answers.
    await services.node.engine.follower.nudge()
  })

/** So that the sign-in itself already tells Windows 10 from 11 and a tablet from a computer. */
const askForClientHints = createMiddleware<AppEnv>(async (c, next) => {
  c.header('Accept-CH', ACCEPT_CH)
  await next()
})
