import { sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { SettingsAboutPage } from '../../templates/admin/settingsAbout.js'
import { rowsOf } from '../db/connect.js'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { pageOf } from '../http/page.js'
import { readFollowers } from '../sessions/log/followers.js'
import { VERSION } from '../version.js'

/** What runs here, and who follows the revocation log. */
export const aboutRoutes = new Hono<AppEnv>()

aboutRoutes.get('/', allow('viewer'), async (c) => {
  const { db, databaseKind, places, config, node } = c.var
  const [row] = rowsOf<{ version: string }>(await db.execute(sql`select current_setting('server_version') as version`))
  return c.html(
    <SettingsAboutPage
      page={await pageOf(c)}
      about={{
        version: VERSION,
        node: process.version,
        database: { kind: databaseKind, version: row?.version ?? 'unknown' },
        places: { credit: places.credit, url: places.creditUrl },
        publicUrl: config.publicUrl?.origin ?? null,
        trustedProxies: config.trustedProxies,
        leaseMs: node.leaseMs,
      }}
      followers={await readFollowers(db)}
      here={node.id}
    />,
  )
})
