import { type App, findApp } from '../accounts/apps/apps.js'
import { type AppId, BUILT_IN_APP, uuid } from '../db/ids.js'
import type { AppContext } from '../http/env.js'
import { notFound } from '../http/errors.js'

/** The app that the path names. */
export async function appOf(c: AppContext): Promise<App> {
  const id = uuid<AppId>().safeParse(c.req.param('id'))
  const app = id.success ? await findApp(c.var.db, id.data) : undefined
  if (!app) throw notFound('app')
  return app
}

/** The same for what can't be done to Rollcall itself: there is no such page. */
export async function otherAppOf(c: AppContext): Promise<App> {
  const app = await appOf(c)
  if (app.id === BUILT_IN_APP) throw notFound('app')
  return app
}
