import { Hono } from 'hono'
import { z } from 'zod'
import { BUILT_IN_APP } from '../db/ids.js'
import { anyone } from '../http/authorise.js'
import { clearSessionCookie, readSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { setToast } from '../http/flash.js'
import { readForm } from '../http/parse.js'
import { signOut as endSession } from '../sessions/signOut.js'
import { signedOut } from './toasts.js'

export const signOut = new Hono<AppEnv>()

signOut.post('/sign-out', anyone(), async (c) => {
  if (c.req.header('content-type')) await readForm(c, z.strictObject({}))
  return signOutHere(c)
})

/** Ends the session that the browser has, on the server first. */
export async function signOutHere(c: AppContext): Promise<Response> {
  const token = readSessionCookie(c)
  if (token) await endSession(c.var.db, token, { appId: BUILT_IN_APP, ip: c.var.ip })
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
