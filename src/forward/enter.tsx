import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { z } from 'zod'
import type { ProtectedHost } from '../accounts/apps/protectedHosts.js'
import type { SessionId } from '../db/ids.js'
import { anyone } from '../http/authorise.js'
import { clientOf } from '../http/client.js'
import {
  clearEnteringCookie,
  clearHostCookie,
  readEnteringCookie,
  readHostCookie,
  setEnteringCookie,
  setHostCookie,
} from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { PublicError } from '../http/errors.js'
import { forwardPage } from '../http/forwardPage.js'
import { crossSite, isCrossSite, originOf, rollcallOrigin } from '../http/origin.js'
import { readForm, readQuery } from '../http/parse.js'
import { safePath } from '../http/returnTo.js'
import { challengeOf, signInOf, takeHandOver } from '../sessions/handOver.js'
import { findSession } from '../sessions/read.js'
import { revokeSession } from '../sessions/revoke.js'
import { signOut } from '../sessions/signOut.js'
import { askedOf } from './askedOf.js'
import { refusal } from './refusal.js'

/** What a protected host passes on to us: the way in, with a code that Rollcall gave, and the way out. */
export const enterRoutes = new Hono<AppEnv>()

const SECRET = /^[A-Za-z0-9_-]{43}$/
const EnterQuery = z.strictObject({ return_to: z.string().optional(), code: z.string().regex(SECRET).optional() })

/**
 * First without a code: the browser gets a secret in a cookie of this host and sets out for Rollcall with its hash. Then
 * with one, which is good for that browser alone: a link with somebody else's code lets nobody in as them.
 */
enterRoutes.get('/enter', anyone(), async (c) => {
  const { host } = await askedOf(c)
  const { return_to, code } = readQuery(c, EnterQuery)
  const returnTo = safePath(return_to) ?? '/'
  return code === undefined ? setOut(c, host, returnTo) : enter(c, host, returnTo, code)
})

function setOut(c: AppContext, { host }: ProtectedHost, returnTo: string): Response {
  // Several tabs may be on their way at once.
  const brought = readEnteringCookie(c)
  const secret = brought && SECRET.test(brought) ? brought : randomBytes(32).toString('base64url')
  setEnteringCookie(c, secret)
  const query = new URLSearchParams({ host, return_to: returnTo, challenge: challengeOf(secret) })
  return c.redirect(`${rollcallOrigin(c)}/hand-over?${query}`, 303)
}

async function enter(c: AppContext, host: ProtectedHost, returnTo: string, code: string): Promise<Response> {
  const secret = readEnteringCookie(c)
  if (!secret) throw noCookie(host)
  const to = { host: host.host, appId: host.app.id, challenge: challengeOf(secret) }
  const brought = await broughtAlong(c, host)
  const entered = await takeHandOver(c.var.db, code, to, { client: await clientOf(c), replaces: brought })
  if (entered.status === 'gone') return c.redirect(`/.rollcall/enter?return_to=${encodeURIComponent(returnTo)}`, 303)
  if (entered.status === 'blocked')
    return refusal(
      c,
      entered.why === 'account' ? 'blocked' : entered.why === 'network' ? 'network-blocked' : 'app',
      host.host,
    )
  const token = readHostCookie(c)
  // Another account's: nobody could reach it any more. The same account's has ended already.
  if (brought && token) await signOut(c.var.db, token, { appId: host.app.id, ip: c.var.ip })
  clearEnteringCookie(c)
  setHostCookie(c, entered.token, entered.session.expiresAt)
  return c.redirect(returnTo, 303)
}

/** The session that this browser has here: it ends, its token is never adopted (S-03). */
async function broughtAlong(c: AppContext, { app }: ProtectedHost): Promise<SessionId | undefined> {
  const token = readHostCookie(c)
  const verdict = token && (await c.var.verifier.verify(token, { appId: app.id, ip: c.var.ip, fresh: true }))
  return verdict && verdict.status === 'active' ? verdict.session.id : undefined
}

const noCookie = ({ host }: ProtectedHost) =>
  new PublicError(
    400,
    'no-cookie',
    'Your browser did not keep a cookie',
    `Nobody was signed in. Open ${host} again, within ten minutes of signing in and with cookies allowed for it.`,
  )

enterRoutes.get('/sign-out', anyone(), async (c) => {
  const { host } = await askedOf(c)
  return forwardPage(c, {
    title: 'Sign out?',
    text: `It signs this browser out of ${host.host} and of everything else that you opened with this sign-in.`,
    children: (
      <>
        <form method="post" action="/.rollcall/sign-out">
          <button type="submit">Sign out</button>
        </form>
        <a class="button" href="/">
          Back to {host.host}
        </a>
      </>
    ),
  })
})

/** Ends the sign-in at Rollcall that the session came from, with all that it was handed over to: else the next click would bring it back. */
enterRoutes.post('/sign-out', anyone(), async (c) => {
  const { host } = await askedOf(c)
  if (isCrossSite(c, originOf(c, host.host))) throw crossSite()
  if (c.req.header('content-type')) await readForm(c, z.strictObject({}))
  const token = readHostCookie(c)
  const ended = token && (await signOut(c.var.db, token, { appId: host.app.id, ip: c.var.ip }))
  if (ended) await endSignIn(c, ended)
  clearHostCookie(c)
  c.header('Clear-Site-Data', '"cache"')
  return forwardPage(c, {
    title: 'You are signed out',
    text: `This browser is signed out of ${host.host}, and of everything else that you opened with that sign-in.`,
    children: (
      <a class="button" data-primary href="/">
        Sign in again
      </a>
    ),
  })
})

async function endSignIn(c: AppContext, ended: SessionId): Promise<void> {
  const from = await signInOf(c.var.db, ended)
  const session = from && (await findSession(c.var.db, from))
  if (!session) return
  const { id, name } = session.account
  await revokeSession(c.var.db, from, { kind: 'account', id, name, sessionId: from, ip: c.var.ip }, null)
}
