import { Hono } from 'hono'
import { z } from 'zod'
import { type KillErrors, KillSwitchPage, killedToast } from '../../templates/admin/killSwitch.js'
import { waitText } from '../../templates/site/words.js'
import { proveIdentity } from '../accounts/passwords/ownPassword.js'
import { type AppId, BUILT_IN_APP, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import { clearSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm, readQuery } from '../http/parse.js'
import { type KillPreview, type KillTarget, killSwitch, previewKillSwitch } from '../sessions/killSwitch.js'
import { findSession } from '../sessions/read.js'
import { notAllowed } from './accountsOf.js'
import { goOn } from './goOn.js'
import { isTyped } from './typed.js'

/** Ends everything of everyone, or of one app: a page of its own, for owners who prove once more who they are. */
export const killSwitchRoutes = new Hono<AppEnv>()

const Target = z.strictObject({ app: uuid<AppId>().optional() })
const KillForm = z.strictObject({
  app: uuid<AppId>().optional(),
  reason: z.string().trim().max(500, 'at most 500 characters'),
  confirm: z.string().max(200),
  /** For the browser's password manager. */
  email: z.string().optional(),
  password: z.string(),
  also_me: z.literal('on').optional(),
})
export type KillValues = Partial<Pick<z.infer<typeof KillForm>, 'reason' | 'confirm' | 'also_me'>>

killSwitchRoutes.get('/', allow('owner'), async (c) => {
  const { app } = readQuery(c, Target)
  return killPage(c, await previewOf(c, targetOf(app)), {}, {})
})

killSwitchRoutes.post('/', allow('owner'), async (c) => {
  const form = await readForm(c, KillForm)
  const target = targetOf(form.app)
  const preview = await previewOf(c, target)
  const errors = missing(form, preview)
  if (Object.keys(errors).length > 0) return killPage(c, preview, form, errors, 422)
  const act = { action: 'killswitch.used', target: preview.target, reason: form.reason } as const
  const proof = await proveIdentity(c.var.db, c.var.actor, form.password, act, c.var)
  if (proof.status === 'wrong')
    return killPage(c, preview, form, { password: 'This is not your password. Nothing was changed.' }, 422)
  if (proof.status === 'later') {
    c.header('Retry-After', String(Math.ceil(proof.retryAfterMs / 1000)))
    const password = `Too many attempts. Nothing was changed. Try again in ${waitText(proof.retryAfterMs)}.`
    return killPage(c, preview, form, { password }, 429)
  }
  const alsoMe = form.also_me === 'on'
  const confirm = preview.target.name
  const killed = await killSwitch(c.var.db, target, form.reason, c.var.actor, { confirm, alsoMe })
  if (killed.status === 'no-app') throw notFound('app')
  if (killed.status === 'refused') throw notAllowed('Only owners use the kill switch.')
  if (alsoMe && hitsPanel(preview)) {
    clearSessionCookie(c)
    return goOn(c, '/sign-in')
  }
  return goOn(c, `/admin/jobs/${killed.ending}`, killedToast(preview, killed.ended))
})

/** Where the owner's own session is. */
const hitsPanel = ({ target }: KillPreview) => target.kind === 'everything' || target.id === BUILT_IN_APP

const targetOf = (app: AppId | undefined): KillTarget => (app ? { app } : 'everyone')

async function previewOf(c: AppContext, target: KillTarget): Promise<KillPreview> {
  const preview = await previewKillSwitch(c.var.db, target, c.var.current.session.id)
  if (!preview) throw notFound('app')
  return preview
}

function missing(form: z.infer<typeof KillForm>, { target }: KillPreview): KillErrors {
  return {
    ...(form.reason === '' ? { reason: 'Say why: the audit log keeps it.' } : {}),
    ...(isTyped(form.confirm, target.name) ? {} : { confirm: `Type ${target.name} as it is written here.` }),
    ...(form.password === '' ? { password: 'Enter your password.' } : {}),
  }
}

async function killPage(
  c: AppContext,
  preview: KillPreview,
  values: KillValues,
  errors: KillErrors,
  status: 200 | 422 | 429 = 200,
) {
  const own = hitsPanel(preview) ? await findSession(c.var.db, c.var.current.session.id) : undefined
  const props = { preview, own, values, errors, boundMs: c.var.node.leaseMs }
  return c.html(<KillSwitchPage page={await pageOf(c)} {...props} />, status)
}
