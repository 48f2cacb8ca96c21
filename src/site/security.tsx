import { Hono } from 'hono'
import { z } from 'zod'
import type { Page } from '../../templates/components/page.js'
import type { ToastProps } from '../../templates/components/Toast.js'
import { SecurityPage, type SecurityProblem } from '../../templates/site/security.js'
import { changePassword } from '../accounts/passwords/changePassword.js'
import { listAudit } from '../audit/list.js'
import { signedIn } from '../http/authorise.js'
import { readDeviceCookie, setSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { setToast } from '../http/flash.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { clientOf } from './enter.js'
import { passwordChanged } from './toasts.js'

/** The person's password (S-27). */
export const security = new Hono<AppEnv>()

security.get('/account/security', signedIn(), async (c) => {
  const page = await pageOf(c)
  // What was wrong enough to lead here stays in sight.
  if (page.toast?.tone === 'amber') return show(c, { page: { ...page, toast: undefined }, warning: page.toast })
  return show(c, { page })
})

const PasswordForm = z.strictObject({
  /** For the browser's password manager. */
  email: z.string().optional(),
  present: z.string(),
  next: z.string(),
  sign_out_others: z.literal('on').optional(),
})

security.post('/account/security', signedIn(), async (c) => {
  const { present, next, sign_out_others } = await readForm(c, PasswordForm)
  const signOutOthers = sign_out_others === 'on'
  const refuse = async (status: 422 | 429, problem: SecurityProblem) =>
    show(c, { page: await pageOf(c), signOutOthers, problem }, status)
  if (!present) return refuse(422, { path: 'present', message: 'Enter your present password.' })
  if (!next) return refuse(422, { path: 'next', message: 'Enter a new password.' })

  const { db, actor, current } = c.var
  if (actor.kind !== 'account') throw new Error('only a person has a password')
  const change = { present, next, signOutOthers, client: await clientOf(c), deviceToken: readDeviceCookie(c) }
  const answer = await changePassword(db, current.account.id, change, actor, c.var)
  switch (answer.status) {
    case 'changed':
      setSessionCookie(c, answer.token, answer.session.expiresAt)
      setToast(c, passwordChanged(answer.ended))
      return c.redirect('/account/security', 303)
    case 'wrong':
      return refuse(422, { path: 'present', message: 'This is not your present password. Nothing was changed.' })
    case 'weak':
      return refuse(422, { path: 'next', message: answer.problem })
    case 'later':
      c.header('Retry-After', String(Math.ceil(answer.retryAfterMs / 1000)))
      return refuse(429, { path: 'present', retryAfterMs: answer.retryAfterMs })
  }
})

interface Shown {
  page: Page
  warning?: ToastProps
  signOutOthers?: boolean
  problem?: SecurityProblem
}

async function show(c: AppContext, { signOutOthers = true, ...shown }: Shown, status: 200 | 422 | 429 = 200) {
  const ofPassword = { account: c.var.current.account.id, action: 'account.password-changed' }
  const { items } = await listAudit(c.var.db, ofPassword, { limit: 5 })
  return c.html(<SecurityPage {...shown} signOutOthers={signOutOthers} changes={items} />, status)
}
