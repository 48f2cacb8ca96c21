import { Hono } from 'hono'
import { z } from 'zod'
import { type ExpiringBlock, OverviewPage } from '../../templates/admin/overview.js'
import { listApps } from '../accounts/apps/apps.js'
import { expiringBlocks } from '../accounts/blocks/listBlocks.js'
import type { Block } from '../accounts/types.js'
import { listAudit } from '../audit/list.js'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { ownOrigin } from '../http/origin.js'
import { pageOf, pageWithoutDatabase } from '../http/page.js'
import { readQuery } from '../http/parse.js'
import { calendarOf } from '../http/zones.js'
import { ACTIVITY_RANGES, hourlyCounts, readActivity } from '../sessions/lists/activity.js'
import { sessionPlaces } from '../sessions/lists/places.js'
import { summarise } from '../sessions/lists/summary.js'
import { overviewTiles } from './tiles.js'

const EVENTS_SHOWN = 5

const OverviewQuery = z.strictObject({
  range: z.enum(ACTIVITY_RANGES, 'must be 24h, 7d or 30d').optional(),
})

/** What needs an admin, and the state of things at a glance. */
export const overviewRoutes = new Hono<AppEnv>()

overviewRoutes.get('/', allow('viewer'), async (c) => {
  const { range = '24h' } = readQuery(c, OverviewQuery)
  const { db } = c.var
  const known = pageWithoutDatabase(c)
  const { now } = known
  const { dayStart } = calendarOf(now, known.look.zone)
  const reading = pageOf(c, known)
  const [page, { facets }, tiles, expiring, events, activity, week, places, apps] = await Promise.all([
    reading,
    summarise(db, {}),
    reading.then(({ liveSessions }) => overviewTiles(db, liveSessions)),
    expiringBlocks(db, 24),
    // Apps end sessions all day long, for people who sign out of them: those are no admins.
    listAudit(db, { action: 'admin-acts', actor: 'account', limit: EVENTS_SHOWN }),
    readActivity(db, range, now, dayStart),
    hourlyCounts(db, now, dayStart),
    sessionPlaces(db),
    listApps(db),
  ])
  return c.html(
    <OverviewPage
      page={page}
      expiring={expiring.map(toExpiring)}
      tiles={tiles}
      activity={activity}
      week={week}
      places={places}
      facets={facets}
      countries={facets.country.filter((country) => country.value !== 'unknown').length}
      events={events.items}
      newAt={apps.length === 1 ? ownOrigin(c) : undefined}
    />,
  )
})

function toExpiring(block: Block & { until: Date }): ExpiringBlock {
  return {
    id: block.id,
    kind: block.kind,
    name: block.account?.name ?? block.network ?? '',
    accountId: block.account?.id ?? null,
    reason: block.reason,
    by: block.createdBy,
    createdAt: block.createdAt,
    until: block.until,
  }
}
