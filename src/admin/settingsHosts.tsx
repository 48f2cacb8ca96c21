import { Hono } from 'hono'
import { z } from 'zod'
import { HostPage } from '../../templates/admin/host.js'
import { HostsPage } from '../../templates/admin/hosts.js'
import { RemoveHostPage } from '../../templates/admin/removeHost.js'
import { createApp, listApps } from '../accounts/apps/apps.js'
import { type HostRule, NEEDS } from '../accounts/apps/hostRules.js'
import {
  changeHost,
  findHost,
  type HostSaved,
  type HostWanted,
  listHosts,
  type ProtectedHost,
  removeHost,
  saveHost,
} from '../accounts/apps/protectedHosts.js'
import { type AppId, BUILT_IN_APP, type HostId, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import { isSecure } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { notFound } from '../http/errors.js'
import { pageOf } from '../http/page.js'
import { readForm } from '../http/parse.js'
import { goOn } from './goOn.js'
import { ownersOnly } from './ownersOnly.js'
import { shownAs, touched } from './settingsForm.js'

const HERE = '/admin/settings/hosts'

/** Hosts that reverse proxies protect, and who is let in where. Owners only, looking too: the rules say what is open. */
export const settingsHosts = new Hono<AppEnv>()

settingsHosts.get('/', allow('owner'), async (c) => {
  const trusted = c.var.config.trustedProxies.length > 0
  return c.html(<HostsPage page={await pageOf(c)} hosts={await listHosts(c.var.db)} trusted={trusted} />)
})

const HostForm = z.strictObject({
  host: z.string().max(300, 'at most 300 characters'),
  /** An app's id, or `new`. */
  app: z.union([uuid<AppId>(), z.literal('new')], 'must be one of the apps'),
  app_name: z.string().trim().max(100, 'at most 100 characters').optional(),
  role: z.enum(NEEDS, 'must be one of those'),
  rules: z.string().max(20_000, 'is too long').optional(),
  /** What the form showed, so that what a colleague changed meanwhile is not put back. */
  shown: z.string().max(80_000).optional(),
})
export type HostValues = Partial<z.infer<typeof HostForm>>
export type HostErrors = Partial<Record<keyof HostValues, string>>

settingsHosts.get('/new', allow('owner'), (c) => formPage(c, undefined, { app: 'new', role: 'person' }, {}))
settingsHosts.post('/', allow('owner'), (c) => save(c, undefined))

settingsHosts.get('/:id', allow('owner'), async (c) => {
  const host = await hostOf(c)
  const values = { host: host.host, app: host.app.id, role: host.role, rules: written(host.rules) }
  return formPage(c, host, { ...values, shown: shownAs(values) }, {})
})
settingsHosts.post('/:id', allow('owner'), async (c) => save(c, await hostOf(c)))

async function save(c: AppContext, before: ProtectedHost | undefined) {
  const values = await readForm(c, HostForm)
  const rules = readRules(values.rules ?? '')
  if (typeof rules === 'string') return formPage(c, before, values, { rules }, 422)
  if (!values.host.trim())
    return formPage(c, before, values, { host: 'Write the host, such as wiki.example.com.' }, 422)
  if (values.app === 'new' && !values.app_name)
    return formPage(c, before, values, { app_name: 'Write the name of the new app.' }, 422)
  const saved = await inOne(c, values, rules, before?.id)
  if (saved?.status !== 'saved') return formPage(c, before, values, errorsFor(saved), 422)
  const title = before ? `${saved.host.host} is changed` : `${saved.host.host} is protected`
  return goOn(c, HERE, { tone: 'green', title, text: 'In force for open sessions too.' }, 'in-force')
}

/** A new app is made for a host that can be, and for no other. */
async function inOne(c: AppContext, values: z.infer<typeof HostForm>, rules: HostRule[], id: HostId | undefined) {
  const where = { secure: isSecure(c), own: c.var.config.publicUrl?.host }
  class Undone extends Error {}
  let answer: HostSaved | { status: 'app-exists' } | undefined
  try {
    await c.var.db.transaction(async (tx) => {
      const appId = values.app === 'new' ? await newApp(c, tx, values.app_name ?? '') : values.app
      const wanted = appId && { host: values.host, role: values.role, rules, appId }
      if (!wanted) answer = { status: 'app-exists' }
      else if (id) answer = await changeHost(tx, id, onlyTouched(wanted, values), c.var.actor, where)
      else answer = await saveHost(tx, wanted, c.var.actor, where)
      if (answer?.status !== 'saved' && values.app === 'new') throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
  return answer
}

function onlyTouched({ appId, host, role, rules }: HostWanted, values: z.infer<typeof HostForm>) {
  const theirs = touched(values)
  return {
    ...('host' in theirs ? { host } : {}),
    ...('app' in theirs ? { appId } : {}),
    ...('role' in theirs ? { role } : {}),
    ...('rules' in theirs ? { rules } : {}),
  }
}

async function newApp(c: AppContext, tx: AppContext['var']['db'], name: string): Promise<AppId | undefined> {
  const made = await createApp(tx, name, c.var.actor)
  return made.status === 'created' ? made.app.id : undefined
}

function errorsFor(saved: Exclude<HostSaved, { status: 'saved' }> | { status: 'app-exists' } | undefined): HostErrors {
  switch (saved?.status) {
    case undefined:
      throw notFound('protected host')
    case 'exists':
      return { host: 'This host is protected already. Change it in the list.' }
    case 'no-app':
      return { app: 'There is no such app any more.' }
    case 'app-exists':
      return { app_name: 'There is an app of this name. Choose it above.' }
    case 'invalid':
      return { [saved.path]: `It ${saved.problem}.` }
    case 'refused':
      if (saved.why === 'not-allowed') throw ownersOnly()
      return { app: 'Rollcall’s own sessions are for Rollcall alone. Choose another app.' }
  }
}

/** One a line: the path, then who is let in. @returns what is wrong, in words, where something is */
function readRules(text: string): HostRule[] | string {
  const rules: HostRule[] = []
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (!line) continue
    const [, path = '', role = ''] = /^(\S+)\s+(\S+)$/.exec(line) ?? []
    const needed = NEEDS.find((one) => one === role.toLowerCase())
    if (!needed) return `“${line.slice(0, 60)}” must be a path and one of ${NEEDS.join(', ')}.`
    rules.push({ path, role: needed })
  }
  return rules
}

const written = (rules: HostRule[]) => rules.map(({ path, role }) => `${path} ${role}`).join('\n')

async function formPage(
  c: AppContext,
  before: ProtectedHost | undefined,
  values: HostValues,
  errors: HostErrors,
  status: 200 | 422 = 200,
) {
  const apps = (await listApps(c.var.db)).filter(({ id }) => id !== BUILT_IN_APP)
  return c.html(<HostPage page={await pageOf(c)} before={before} apps={apps} values={values} errors={errors} />, status)
}

settingsHosts.get('/:id/remove', allow('owner'), async (c) =>
  c.html(<RemoveHostPage page={await pageOf(c)} host={await hostOf(c)} />),
)

settingsHosts.post('/:id/remove', allow('owner'), async (c) => {
  const { id, host } = await hostOf(c)
  await readForm(c, z.strictObject({}))
  const removed = await removeHost(c.var.db, id, c.var.actor)
  if (removed?.status === 'refused') throw ownersOnly()
  return goOn(c, HERE, { tone: 'green', title: `${host} is removed`, text: 'Nobody is let in there any more.' })
})

async function hostOf(c: AppContext): Promise<ProtectedHost> {
  const id = uuid<HostId>().safeParse(c.req.param('id'))
  const host = id.success ? await findHost(c.var.db, id.data) : undefined
  if (!host) throw notFound('protected host')
  return host
}
