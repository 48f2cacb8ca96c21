import { Hono } from 'hono'
import { z } from 'zod'
import { anyone, currentSession } from '../http/authorise.js'
import { clearSessionCookie } from '../http/cookies.js'
import type { ActiveSession, AppContext, AppEnv } from '../http/env.js'
import { setToast } from '../http/flash.js'
import { readForm } from '../http/parse.js'
import { revokeSession } from '../sessions/revoke.js'
import { signedOut } from './toasts.js'

export const signOut = new Hono<AppEnv>()

signOut.post('/sign-out', anyone(), async (c) => {
  if (c.req.header('content-type')) await readForm(c, z.strictObject({}))
  const current = await currentSession(c)
  if (current) return signOutHere(c, current)
  return toSignInPage(c)
})

/** Ends the session that the browser has, on the server first. */
export async function signOutHere(c: AppContext, { account, session }: ActiveSession): Promise<Response> {
  const by = { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip: c.var.ip } as const
  await revokeSession(c.var.db, session.id, by, null)
  return toSignInPage(c)
}

/**
 * Nothing private stays in the browser (S-09). Its cookies are not swept along with the rest: the session's is cleared
 * by name, and the device's gives no access but keeps others' guesses from slowing this person's next sign-in (S-23).
 */
function toSignInPage(c: AppContext): Response {
  clearSessionCookie(c)
  setToast(c, signedOut)
  c.header('Clear-Site-Data', '"cache", "storage"')
  return c.redirect('/sign-in', 303)
}
