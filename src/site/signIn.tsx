import { Hono } from 'hono'
import { z } from 'zod'
import { SignInPage, type SignInProblem } from '../../templates/site/signIn.js'
import { findRenewal } from '../accounts/passwords/renewPassword.js'
import { hasOwner } from '../accounts/passwords/setup.js'
import { readSettings } from '../accounts/settings.js'
import { checkSignIn } from '../accounts/signIn.js'
import type { Role } from '../accounts/types.js'
import { anyone, currentSession } from '../http/authorise.js'
import { readDeviceCookie, readSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { explainEnd } from '../sessions/lists/explain.js'
import { clientOf, enter, homeOf } from './enter.js'
import { goOn } from './goOn.js'
import { destinationOf, whyNotThere } from './handOver.js'
import { askForNewPassword } from './newPassword.js'

export const signIn = new Hono<AppEnv>()

signIn.get('/sign-in', anyone(), async (c) => {
  const to = await destinationOf(c, c.req.query('return_to'))
  const current = await currentSession(c)
  const ended = current && to && (await whyNotThere(c, current, to))
  if (current && !ended) return c.redirect(to?.url ?? homeOf(current.account.role), 303)
  return show(c, { returnTo: to?.returnTo, why: ended ?? (await whyHere(c)) })
})

const SignInForm = z.strictObject({
  email: z.string().max(1_000, 'is too long'),
  password: z.string(),
  return_to: z.string().optional(),
})

signIn.post('/sign-in', anyone(), async (c) => {
  const { email, password, return_to } = await readForm(c, SignInForm)
  const to = await destinationOf(c, return_to)
  const refuse = (status: 401 | 403 | 422 | 429, problem: SignInProblem) =>
    show(c, { email, returnTo: to?.returnTo, problem }, status)
  if (!email.trim()) return refuse(422, { kind: 'no-email' })
  if (!password) return refuse(422, { kind: 'no-password' })

  const client = await clientOf(c)
  const { db, requestId } = c.var
  const welcome = async (entered: Awaited<ReturnType<typeof enter>>, role: Role) => {
    if (entered === 'blocked') return refuse(403, await blockedMeanwhile(c))
    // As `checkSignIn` answers it.
    if (entered === 'network-blocked') return refuse(401, { kind: 'wrong' })
    return goOn(c, to, role)
  }
  const answer = await checkSignIn(db, { email, password, client, deviceToken: readDeviceCookie(c), requestId }, c.var)
  switch (answer.status) {
    case 'welcome':
      return welcome(await enter(c, answer.account, 'password', client), answer.account.role)
    case 'new-password':
      return chooseAnother(c, answer.token, to?.returnTo)
    case 'refused':
      return refuse(401, { kind: 'wrong' })
    case 'blocked':
      return refuse(403, { kind: 'blocked', message: answer.message })
    case 'later':
      c.header('Retry-After', String(Math.ceil(answer.retryAfterMs / 1000)))
      return refuse(429, { kind: 'later', retryAfterMs: answer.retryAfterMs })
  }
})

interface Shown {
  email?: string
  returnTo: string | undefined
  why?: Awaited<ReturnType<typeof whyHere>>
  problem?: SignInProblem
}

async function show(c: AppContext, shown: Shown, status: 200 | 401 | 403 | 422 | 429 = 200) {
  const { contact } = await readSettings(c.var.db)
  return c.html(<SignInPage page={await pageOf(c)} contact={contact} {...shown} />, status)
}

async function chooseAnother(c: AppContext, token: string, returnTo: string | undefined) {
  const renewal = await findRenewal(c.var.db, token)
  return renewal
    ? askForNewPassword(c, { ...renewal, token, returnTo })
    : show(c, { returnTo, problem: { kind: 'wrong' } }, 401)
}

/** By what the browser still brings, never by the URL. */
async function whyHere(c: AppContext) {
  const token = readSessionCookie(c)
  const end = token && (await explainEnd(c.var.db, token))
  if (end) return end.reason
  return (await hasOwner(c.var.db)) ? undefined : 'not-set-up'
}

async function blockedMeanwhile(c: AppContext): Promise<SignInProblem> {
  const { contact } = await readSettings(c.var.db)
  return { kind: 'blocked', message: `Contact ${contact}.` }
}
