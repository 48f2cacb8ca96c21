import { Hono } from 'hono'
import { AppPage } from '../../templates/admin/app.js'
import { AppsPage } from '../../templates/admin/apps.js'
import { listApps } from '../accounts/apps/apps.js'
import { listKeys } from '../accounts/apps/keys.js'
import { listHosts } from '../accounts/apps/protectedHosts.js'
import { readSettings } from '../accounts/settings.js'
import { BUILT_IN_APP } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { pageOf } from '../http/page.js'
import { readArrivals } from '../sessions/lists/arrivals.js'
import { readTallies } from '../sessions/lists/tallies.js'
import { readFollowers } from '../sessions/log/followers.js'
import { appOf } from './appOf.js'
import { appsActs } from './appsActs.js'
import { appsNew } from './appsNew.js'

/** The applications that ask Rollcall. What a key is, owners alone see: names and uses of keys help an attacker. */
export const appsRoutes = new Hono<AppEnv>()

appsRoutes.get('/', allow('viewer'), async (c) => {
  const { db } = c.var
  const [apps, tallies, followers] = await Promise.all([listApps(db), readTallies(db), readFollowers(db)])
  const rows = apps.map((app) => ({
    app,
    builtIn: app.id === BUILT_IN_APP,
    live: tallies.of('app', app.id),
    processes: followers.apps.filter((one) => one.app.id === app.id),
  }))
  return c.html(<AppsPage page={await pageOf(c)} rows={rows} />)
})

// Before an id is looked for in the path.
appsRoutes.route('/', appsNew)

appsRoutes.get('/:id', allow('viewer'), async (c) => {
  const app = await appOf(c)
  const { db } = c.var
  const page = await pageOf(c)
  const [settings, arrivals, followers] = await Promise.all([
    readSettings(db),
    readArrivals(db, app.id),
    readFollowers(db),
  ])
  const processes = followers.apps.filter((one) => one.app.id === app.id)
  const owned = page.can.own
    ? {
        keys: await listKeys(db, { appId: app.id }),
        hosts: (await listHosts(db)).filter((host) => host.app.id === app.id),
      }
    : undefined
  const builtIn = app.id === BUILT_IN_APP
  return c.html(<AppPage {...{ page, app, builtIn, settings, arrivals, processes, owned }} />)
})

appsRoutes.route('/', appsActs)
