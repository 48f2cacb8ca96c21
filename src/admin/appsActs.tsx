import { Hono } from 'hono'
import { z } from 'zod'
import { DeleteAppPage, DisableAppPage, EnableAppPage } from '../../templates/admin/appActs.js'
import { AppDetailsPage } from '../../templates/admin/appDetails.js'
import { AppPolicyPage } from '../../templates/admin/appPolicy.js'
import type { App } from '../accounts/apps/apps.js'
import { type AppChanged, changeApp, disableApp, enableApp } from '../accounts/apps/changeApp.js'
import { deleteApp } from '../accounts/apps/deleteApp.js'
import { listKeys } from '../accounts/apps/keys.js'
import { listHosts } from '../accounts/apps/protectedHosts.js'
import { readSettings } from '../accounts/settings.js'
import { APP_ICONS } from '../accounts/types.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { previewKillSwitch } from '../sessions/killSwitch.js'
import { readArrivals } from '../sessions/lists/arrivals.js'
import { endedText } from './accountsOf.js'
import { otherAppOf } from './appOf.js'
import {
  type AppPolicyErrors,
  AppPolicyForm,
  type AppPolicyValues,
  type AppRisk,
  policyValues,
  readAppPolicy,
} from './appPolicyForm.js'
import { goOn } from './goOn.js'
import { ownersOnly } from './ownersOnly.js'
import { touched } from './settingsForm.js'
import { countProblem, isTyped, MANY } from './typed.js'

/** What owners do to an app. */
export const appsActs = new Hono<AppEnv>()

const pathOf = (app: App) => `/admin/apps/${app.id}`
const reason = z.string().trim().max(500, 'at most 500 characters')

appsActs.get('/:id/details', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  return c.html(<AppDetailsPage page={await pageOf(c)} app={app} values={app} errors={{}} />)
})

const DetailsForm = z.strictObject({
  name: z.string().trim().max(100, 'at most 100 characters'),
  icon: z.enum(APP_ICONS, 'must be one of those'),
})

appsActs.post('/:id/details', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  const values = await readForm(c, DetailsForm)
  const changed = values.name
    ? changeOf(await changeApp(c.var.db, app.id, values, c.var.actor))
    : { problem: { path: 'name', text: 'Write what people call it.' } }
  if ('problem' in changed)
    return c.html(
      <AppDetailsPage page={await pageOf(c)} {...{ app, values }} errors={{ name: changed.problem.text }} />,
      422,
    )
  return goOn(c, pathOf(app), { tone: 'green', title: `${values.name} is saved` })
})

appsActs.get('/:id/policy', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  return policyPage(c, app, policyValues(app), {}, [])
})

appsActs.post('/:id/policy', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  const values = await readForm(c, AppPolicyForm)
  const read = readAppPolicy(touched(values), app)
  if ('errors' in read) return policyPage(c, app, values, read.errors, read.risks, 422)
  const changed = changeOf(await changeApp(c.var.db, app.id, read.terms, c.var.actor))
  if ('problem' in changed) return policyPage(c, app, values, { [changed.problem.path]: changed.problem.text }, [], 422)
  const { status, ended } = changed
  return goOn(
    c,
    pathOf(app),
    status === 'unchanged'
      ? { tone: 'amber', title: 'Nothing was changed', text: 'Everything is as it was.' }
      : {
          tone: 'green',
          title: `The policy of ${app.name.slice(0, 120)} is changed`,
          text: ended > 0 ? endedText(ended) : 'It holds for open sessions too.',
        },
    'in-force',
  )
})

async function policyPage(
  c: AppContext,
  app: App,
  values: AppPolicyValues,
  errors: AppPolicyErrors,
  risks: AppRisk[],
  status: 200 | 422 = 200,
) {
  const settings = await readSettings(c.var.db)
  return c.html(<AppPolicyPage page={await pageOf(c)} {...{ app, settings, values, errors, risks }} />, status)
}

/** What came of a change; what can't be is said beside its field. */
function changeOf(changed: AppChanged | undefined) {
  if (!changed) throw notFound('app')
  switch (changed.status) {
    case 'refused':
      throw ownersOnly()
    case 'exists':
      return { problem: { path: 'name', text: 'There is an app of this name.' } }
    case 'invalid':
      return { problem: { path: changed.path, text: `Must be ${changed.problem}.` } }
    default:
      return changed
  }
}

const DisableForm = z.strictObject({
  reason,
  /** How many sessions the page said would end. */
  previewed: z.coerce.number().int().min(0),
  typed: z.string().max(40).optional(),
})
export type DisableValues = Partial<Pick<z.infer<typeof DisableForm>, 'reason' | 'typed'>>
export type DisableErrors = Partial<Record<'reason' | 'typed', string>>

appsActs.get('/:id/disable', allow('owner'), async (c) => disablePage(c, await otherAppOf(c), {}, {}))

appsActs.post('/:id/disable', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  const { previewed, ...values } = await readForm(c, DisableForm)
  const typed = countProblem(previewed, values.typed, 'sessions that it ends')
  const errors = {
    ...(values.reason === '' ? { reason: 'Say why: the audit log keeps it.' } : {}),
    ...(typed ? { typed } : {}),
  }
  if (Object.keys(errors).length > 0) return disablePage(c, app, values, errors, 422)
  const grown = await outgrows(c, app, previewed)
  if (grown) return disablePage(c, app, { reason: values.reason }, { typed: grown }, 422)
  const changed = changeOf(await disableApp(c.var.db, app.id, values.reason, c.var.actor))
  const ended = 'ended' in changed ? changed.ended : 0
  return goOn(c, pathOf(app), {
    tone: 'green',
    title: `${app.name.slice(0, 120)} is disabled`,
    text: `${endedText(ended)} Nobody signs in to it until it is enabled again.`,
  })
})

/** What was confirmed as a few must not turn out to be many. */
async function outgrows(c: AppContext, app: App, previewed: number): Promise<string | undefined> {
  const { sessions } = await previewOf(c, app)
  return previewed <= MANY && sessions > MANY
    ? `It would end ${sessions} sessions now. Nothing was changed: type that number.`
    : undefined
}

async function previewOf(c: AppContext, app: App) {
  const preview = await previewKillSwitch(c.var.db, { app: app.id }, c.var.current.session.id)
  if (!preview) throw notFound('app')
  return preview
}

async function disablePage(
  c: AppContext,
  app: App,
  values: DisableValues,
  errors: DisableErrors,
  status: 200 | 422 = 200,
) {
  const preview = await previewOf(c, app)
  const props = { app, preview, values, errors, typedAbove: MANY, boundMs: c.var.node.leaseMs }
  return c.html(<DisableAppPage page={await pageOf(c)} {...props} />, status)
}

appsActs.get('/:id/enable', allow('owner'), async (c) =>
  c.html(<EnableAppPage page={await pageOf(c)} app={await otherAppOf(c)} />),
)

appsActs.post('/:id/enable', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  const form = await readForm(c, z.strictObject({ reason: reason.optional() }))
  changeOf(await enableApp(c.var.db, app.id, form.reason || null, c.var.actor))
  const title = `${app.name.slice(0, 120)} is enabled`
  return goOn(
    c,
    pathOf(app),
    { tone: 'green', title, text: 'What ended stays ended: people sign in again.' },
    'in-force',
  )
})

appsActs.get('/:id/delete', allow('owner'), async (c) => deletePage(c, await otherAppOf(c), 200))

appsActs.post('/:id/delete', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  const { confirm } = await readForm(c, z.strictObject({ confirm: z.string().max(200) }))
  if (!isTyped(confirm, app.name)) return deletePage(c, app, 422, confirm, `Type ${app.name} as it is written here.`)
  const deleted = await deleteApp(c.var.db, app.id, c.var.actor)
  if (!deleted) throw notFound('app')
  if (deleted.status === 'refused') throw ownersOnly()
  if (deleted.status === 'not-disabled') return deletePage(c, app, 422)
  const text = 'Its keys are revoked. Its ended sessions and its lines in the audit log stay.'
  return goOn(c, '/admin/apps', { tone: 'green', title: `${app.name.slice(0, 120)} is deleted`, text })
})

async function deletePage(c: AppContext, app: App, status: 200 | 422, typed?: string, problem?: string) {
  const { db } = c.var
  const keys = (await listKeys(db, { appId: app.id })).filter(({ revokedAt }) => !revokedAt).length
  const hosts = (await listHosts(db)).filter((host) => host.app.id === app.id).map(({ host }) => host)
  const { ended } = await readArrivals(db, app.id)
  const { sessionDays } = await readSettings(db)
  const props = { app, keys, hosts, ended, sessionDays, typed, problem }
  return c.html(<DeleteAppPage page={await pageOf(c)} {...props} />, status)
}
