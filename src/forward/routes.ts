import { Hono } from 'hono'
import type { ProtectedHost } from '../accounts/apps/protectedHosts.js'
import { anyone } from '../http/authorise.js'
import { readHostCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { unavailable } from '../http/errors.js'
import { originOf, rollcallOrigin } from '../http/origin.js'
import { safePath } from '../http/returnTo.js'
import type { Asked } from './asked.js'
import { askedOf } from './askedOf.js'
import { type Decision, decide } from './decide.js'
import { enterRoutes } from './enter.js'
import { identityHeaders } from './identity.js'
import { refusal } from './refusal.js'

/**
 * Forward-auth for reverse proxies: `/verify` says whether a request may pass; what a proxy sends us of its own host
 * (`/.rollcall/...`) brings people in there and out again.
 */
export const forward = new Hono<AppEnv>()

forward.get('/verify', anyone(), async (c) => {
  const { asked, host } = await askedOf(c)
  return answer(c, host, asked, await decide(c.var, host, asked, readHostCookie(c)))
})

forward.route('/.rollcall', enterRoutes)

/**
 * nginx takes nothing but 2xx, 401 and 403 for an answer: with `?redirect=never` the way to the sign-in page stands in
 * `Location` of a 401. An answer of no length, and one that has to be read to its end, would cost it the connection.
 */
function answer(c: AppContext, host: ProtectedHost, asked: Asked, decision: Decision): Response | Promise<Response> {
  switch (decision.status) {
    case 'let-in':
      return c.body('', 200, identityHeaders(decision.current))
    case 'unavailable':
      throw unavailable()
    case 'refused':
      return refusal(c, decision.why, host.host, readHostCookie(c))
    case 'nobody':
      if (!asked.isNavigation) return c.body('', 401)
      return c.body('', c.req.query('redirect') === 'never' ? 401 : 302, { Location: signInAt(c, host, asked.uri) })
  }
}

function signInAt(c: AppContext, { host }: ProtectedHost, uri: string | undefined): string {
  const back = originOf(c, host) + (safePath(uri) ?? '/')
  return `${rollcallOrigin(c)}/sign-in?return_to=${encodeURIComponent(back)}`
}
