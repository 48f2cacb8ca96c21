import { Hono } from 'hono'
import { z } from 'zod'
import { ConnectPage } from '../../templates/admin/appConnect.js'
import { FirstSessionPart } from '../../templates/admin/appFirstSession.js'
import { NewAppPage } from '../../templates/admin/appNew.js'
import { type App, createApp } from '../accounts/apps/apps.js'
import { createKey } from '../accounts/apps/keys.js'
import { listHosts, saveHost } from '../accounts/apps/protectedHosts.js'
import { APP_ICONS, INTEGRATIONS, type Integration, type Scope } from '../accounts/types.js'
import type { Database } from '../db/connect.js'
import { allow } from '../http/authorise.js'
import { isSecure } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { ownOrigin } from '../http/origin.js'
import { pageOf, pageWithoutDatabase } from '../http/page.js'
import { readForm, readQuery } from '../http/parse.js'
import { readArrivals } from '../sessions/lists/arrivals.js'
import { otherAppOf } from './appOf.js'
import { ownersOnly } from './ownersOnly.js'
import { snippetsFor } from './snippets.js'

/** An app in three steps: its name, a key with the lines to copy, and the wait for its first session. */
export const appsNew = new Hono<AppEnv>()

const NewAppForm = z.strictObject({
  name: z.string().trim().max(100, 'at most 100 characters'),
  icon: z.enum(APP_ICONS, 'must be one of those').optional(),
  integration: z.enum(INTEGRATIONS, 'must be one of those'),
  /** Of an app behind a proxy. */
  host: z.string().max(300, 'at most 300 characters').optional(),
})
export type NewAppValues = Partial<z.infer<typeof NewAppForm>>
export type NewAppErrors = Partial<Record<keyof NewAppValues, string>>

/** What apps of each kind do, and no more. A proxy asks without a key. */
const SCOPES: Record<Integration, Scope[]> = {
  express: ['sessions:verify', 'sessions:write'],
  'express-session': ['sessions:verify', 'sessions:write'],
  hono: ['sessions:verify', 'sessions:write'],
  node: ['sessions:verify', 'sessions:write'],
  proxy: [],
  http: ['sessions:verify', 'sessions:write'],
}

appsNew.get('/new', allow('owner'), (c) => newAppPage(c, { integration: 'express', icon: 'app-window' }, {}))

appsNew.post('/', allow('owner'), async (c) => {
  const values = await readForm(c, NewAppForm)
  const errors = missing(values)
  if (Object.keys(errors).length > 0) return newAppPage(c, values, errors, 422)
  const made = await makeAll(c, values)
  if ('errors' in made) return newAppPage(c, values, made.errors, 422)
  return connectPage(c, made.app, values.integration, made.secret)
})

function missing({ name, integration, host = '' }: NewAppValues): NewAppErrors {
  return {
    ...(name ? {} : { name: 'Write what people call it.' }),
    ...(integration === 'proxy' && host.trim() === '' ? { host: 'Write the host, such as wiki.example.com.' } : {}),
  }
}

/** The app with its key, or with its host: all of it, or nothing. */
async function makeAll(
  c: AppContext,
  values: z.infer<typeof NewAppForm>,
): Promise<{ app: App; secret: string | undefined } | { errors: NewAppErrors }> {
  class Undone extends Error {
    constructor(readonly errors: NewAppErrors) {
      super('nothing is made')
    }
  }
  try {
    return await c.var.db.transaction(async (tx) => {
      const { name, icon, integration } = values
      const made = await createApp(tx, name, c.var.actor, { icon, integration })
      if (made.status === 'refused') throw ownersOnly()
      if (made.status === 'exists') throw new Undone({ name: 'There is an app of this name.' })
      if (integration !== 'proxy') return { app: made.app, secret: await firstKey(tx, c, made.app, integration) }
      const problem = await protect(tx, c, made.app, values.host ?? '')
      if (problem) throw new Undone({ host: problem })
      return { app: made.app, secret: undefined }
    })
  } catch (error) {
    if (error instanceof Undone) return { errors: error.errors }
    throw error
  }
}

async function firstKey(tx: Database, c: AppContext, app: App, integration: Integration): Promise<string> {
  const wanted = { appId: app.id, name: app.name, scopes: SCOPES[integration] }
  const key = await createKey(tx, wanted, c.var.actor)
  if (key.status === 'refused') throw ownersOnly()
  return key.secret
}

async function protect(tx: Database, c: AppContext, app: App, host: string): Promise<string | undefined> {
  const where = { secure: isSecure(c), own: c.var.config.publicUrl?.host }
  const saved = await saveHost(tx, { host, role: 'person', rules: [], appId: app.id }, c.var.actor, where)
  switch (saved?.status) {
    case 'saved':
      return undefined
    case 'invalid':
      return `It ${saved.problem}.`
    case 'exists':
      return 'This host is protected already, for another app.'
    default:
      throw ownersOnly()
  }
}

async function newAppPage(c: AppContext, values: NewAppValues, errors: NewAppErrors, status: 200 | 422 = 200) {
  return c.html(<NewAppPage page={await pageOf(c)} values={values} errors={errors} />, status)
}

const ConnectQuery = z.strictObject({ with: z.enum(INTEGRATIONS, 'must be one of those').optional() })

appsNew.get('/:id/connect', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  return connectPage(c, app, readQuery(c, ConnectQuery).with ?? app.integration ?? 'express', undefined)
})

async function connectPage(c: AppContext, app: App, integration: Integration, secret: string | undefined) {
  const { db, config } = c.var
  const hosts = integration === 'proxy' ? (await listHosts(db)).filter((host) => host.app.id === app.id) : []
  const url = ownOrigin(c)
  const snippets = snippetsFor(integration, {
    url,
    rollcall: new URL(url).hostname,
    host: hosts[0]?.host.replace(/:\d+$/, '') ?? 'wiki.example.com',
    rollcallAt: `127.0.0.1:${config.port}`,
    appAt: '127.0.0.1:8080',
    certificate: 'example.com',
  })
  const arrivals = await readArrivals(db, app.id)
  const trusted = config.trustedProxies.length > 0
  return c.html(
    <ConnectPage page={await pageOf(c)} {...{ app, integration, secret, snippets, hosts, arrivals, trusted }} />,
  )
}

/** What the wait asks for when something happened. */
appsNew.get('/:id/first-session', allow('owner'), async (c) => {
  const app = await otherAppOf(c)
  const arrivals = await readArrivals(c.var.db, app.id)
  return c.html(<FirstSessionPart page={pageWithoutDatabase(c)} app={app} arrivals={arrivals} />)
})
