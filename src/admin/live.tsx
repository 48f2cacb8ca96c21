import { Hono } from 'hono'
import { z } from 'zod'
import { RowsAnswer } from '../../templates/admin/rowsAnswer.js'
import { absoluteText, paperText, relativeText } from '../../templates/words.js'
import { type SessionId, uuid } from '../db/ids.js'
import { allow, isBackground } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { readLook } from '../http/look.js'
import { pageWithoutDatabase } from '../http/page.js'
import { readListQuery, readQuery } from '../http/parse.js'
import { countNewer, newSessions } from '../sessions/feed/lookAgain.js'
import { ListQuery } from './sessions.js'

/** Above it the page says "99+". */
const MOST_COUNTED = 100
const MOST_ROWS = 100
const MOST_NEW = 20

const Ids = z
  .string()
  .max(MOST_ROWS * 37)
  .transform((text) => text.split(','))
  .pipe(z.array(uuid<SessionId>()))

/** The list's own filters, and where its screen stands. */
const Shown = ListQuery.omit({ sort: true, after: true, before: true }).extend({
  rows: Ids.default([]),
  /** The newest row that the page knows of. */
  from: uuid<SessionId>().optional(),
  /** At the list's head. */
  known: Ids.default([]),
})

/** What an open list asks for between two whole refreshes: little, and no activity of the person. */
export const liveRoutes = new Hono<AppEnv>()

/** The times of the rows on the screen, which of them have ended, and how many newer ones match. */
liveRoutes.get('/seen', allow('viewer'), async (c) => {
  const { rows, from, filter } = shown(c)
  const { db, screens } = c.var
  const seen = await screens.lookAgain(rows)
  const now = new Date()
  const { zone } = readLook(c)
  return c.json({
    rows: [...seen].map(([id, { createdAt, lastSeenAt: at }]) => {
      const lastSeen = [relativeText(at, now, zone), at.toISOString(), absoluteText(at, zone), paperText(at, now, zone)]
      return [id, relativeText(createdAt, now, zone), lastSeen]
    }),
    ended: rows.filter((id) => !seen.get(id)?.live),
    newer: from ? await countNewer(db, filter, from, MOST_COUNTED) : null,
  })
})

/** Rows that have ended, as they now are, and those that have come at the list's head. */
liveRoutes.get('/rows', allow('viewer'), async (c) => {
  const { rows, from, known, filter } = shown(c)
  const { db, screens } = c.var
  const ended = [...(await screens.findSessions(rows)).values()].filter(({ end }) => end)
  const fresh = from ? await newSessions(db, filter, { from, known }, MOST_NEW) : []
  if (!fresh) c.header('HX-Trigger', 'rollcall:many')
  return c.html(
    <RowsAnswer
      page={pageWithoutDatabase(c)}
      ended={ended}
      fresh={fresh ?? []}
      receipts={await screens.readReceipts(ended.flatMap(({ end }) => end?.position ?? []))}
    />,
  )
})

/** The open page asks with its own address: what can't be read of that is left out here as it is there, where it is named. */
function shown(c: AppContext) {
  const { rows, from, known, since, ...rest } = isBackground(c) ? readListQuery(c, Shown).query : readQuery(c, Shown)
  return { rows, from, known, filter: { ...rest, ...(since ? { since: new Date(since) } : {}) } }
}
