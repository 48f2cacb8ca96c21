import { Hono } from 'hono'
import { z } from 'zod'
import { RevokeSessionsPage, revokedToast } from '../../templates/admin/revokeSessions.js'
import { SessionPage } from '../../templates/admin/session.js'
import { SessionsPage } from '../../templates/admin/sessions.js'
import { SignedOutAnswer } from '../../templates/admin/signedOutAnswer.js'
import { listViews } from '../accounts/savedViews.js'
import { listAudit } from '../audit/list.js'
import { type AccountId, type AppId, type SessionId, uuid } from '../db/ids.js'
import { isWhole } from '../db/page.js'
import { canonicalNetwork } from '../devices/address.js'
import { DEVICE_TYPES } from '../devices/types.js'
import { allow } from '../http/authorise.js'
import { clearSessionCookie } from '../http/cookies.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { badInput, notFound } from '../http/errors.js'
import { withReceipt } from '../http/flash.js'
import { pageOf } from '../http/page.js'
import { readForm, readListQuery, readQuery } from '../http/parse.js'
import { safeReturnTo } from '../http/returnTo.js'
import { dayCountText, instant } from '../http/times.js'
import { sessionDetail } from '../sessions/detail.js'
import { newestOf } from '../sessions/feed/lookAgain.js'
import { blockOver } from '../sessions/lists/blockedNetwork.js'
import { SESSION_COLUMNS } from '../sessions/lists/export.js'
import { justEnded, listSessions } from '../sessions/lists/list.js'
import { sortedBy } from '../sessions/lists/listBySeen.js'
import { summarise } from '../sessions/lists/summary.js'
import { tooManyPeople, withPeople } from '../sessions/lists/tooManyPeople.js'
import { findSessions } from '../sessions/lists/walk.js'
import { openJobs } from '../sessions/many/jobs.js'
import { revokeSession, revokeSessions } from '../sessions/revoke.js'
import { SESSION_SORTS, UNKNOWN_VALUE } from '../sessions/types.js'
import { EXPORTED_AT_ONCE, exportFormat, exportList, inColumns } from './exports.js'
import { goOn } from './goOn.js'
import { pageAt, statusOf } from './listPage.js'
import { receiptOf } from './receipts.js'
import { sessionTiles } from './tiles.js'

const LEAVING_SECONDS = 6
const EVENTS_SHOWN = 50
const MOST_SELECTED = 200

const text = z.string().trim().min(1).max(200)

export const ListQuery = z.strictObject({
  /** Nothing but spaces is none. */
  q: z
    .string()
    .trim()
    .max(200)
    .transform((typed) => typed || undefined)
    .optional(),
  account: uuid<AccountId>().optional(),
  app: uuid<AppId>().optional(),
  ip: z
    .string()
    .max(64)
    .transform((typed, context) => {
      const network = canonicalNetwork(typed)
      if ('network' in network) return network.network
      context.addIssue({ code: 'custom', message: network.error })
      return z.NEVER
    })
    .optional(),
  country: z
    .string()
    .regex(/^([a-z]{2}|unknown)$/i, 'must be the two letters of a country such as DE, or unknown')
    .transform((code) => (code.length === 2 ? code.toUpperCase() : UNKNOWN_VALUE))
    .optional(),
  browser: text.optional(),
  version: text.optional(),
  os: text.optional(),
  device: z.enum(DEVICE_TYPES).optional(),
  method: text.optional(),
  since: instant.optional(),
  unseenDays: dayCountText.optional(),
  state: z.enum(['live', 'ended', 'all'], 'must be live, ended or all').optional(),
  sort: z.enum(SESSION_SORTS, 'must be newest, oldest, seen or unseen').optional(),
  after: z.string().max(300).optional(),
  before: z.string().max(300).optional(),
})

const Ids = z
  .union([uuid<SessionId>(), z.array(uuid<SessionId>())])
  .transform((ids) => [ids].flat())
  .refine((ids) => ids.length <= MOST_SELECTED, `at most ${MOST_SELECTED} sessions at once`)

const reason = z.string().trim().max(500).optional()
const RevokeForm = z.strictObject({ return_to: z.string().optional(), reason })
const RevokeManyForm = z.strictObject({
  session: Ids,
  reason,
  also_me: z.literal('on').optional(),
  return_to: z.string().optional(),
})

export const sessionsRoutes = new Hono<AppEnv>()

sessionsRoutes.get('/', allow('viewer'), async (c) => {
  const { query, nonsense } = readListQuery(c, ListQuery)
  if ((query.sort === 'seen' || query.sort === 'unseen') && (query.state ?? 'live') !== 'live') {
    nonsense.push({ field: 'sort', value: query.sort, message: 'sorts live sessions alone' })
    delete query.sort
  }
  const { sort, after, before, since, ...rest } = query
  const { db } = c.var
  const filter = await withPeople(db, { ...rest, ...(since ? { since: new Date(since) } : {}) })
  const reading = pageOf(c)
  const network = networkOf(query)
  const listed = pageAt({ after, before }, nonsense, (at) => listSessions(db, filter, { sort, ...at }))
  const [page, list, summary, ended, tiles, jobs, views, seenBy, notice, block] = await Promise.all([
    reading,
    listed,
    summarise(db, filter, listed),
    (filter.state ?? 'live') === 'live' && !after && !before ? justEnded(db, filter, LEAVING_SECONDS) : [],
    filter.q ? [] : reading.then(({ liveSessions }) => sessionTiles(db, liveSessions)),
    openJobs(db),
    listViews(db, 'sessions', c.var.current.account.id),
    sort === 'seen' || sort === 'unseen' ? sortedBy(db, filter) : undefined,
    tooManyPeople(db, filter),
    network === undefined ? undefined : blockOver(db, network),
  ])
  return c.html(
    <SessionsPage
      page={page}
      filter={query}
      list={list}
      count={isWhole(list) ? { n: list.items.length, how: 'exact' } : summary.count}
      facets={summary.facets}
      isMarking={summary.isMarking}
      notice={notice}
      network={network}
      blocked={block?.network}
      tiles={tiles}
      justEnded={ended}
      newerThan={after || before || (sort ?? 'newest') !== 'newest' ? undefined : newestOf(list.items, page.now)}
      jobs={jobs}
      receipts={await c.var.receipts.readMany(ended.flatMap(({ end }) => end?.position ?? []))}
      views={views}
      nonsense={nonsense}
      seenBy={seenBy}
    />,
    statusOf(c, nonsense),
  )
})

const ExportQuery = ListQuery.omit({ after: true, before: true }).extend({ format: exportFormat })

sessionsRoutes.get('/export', allow('viewer'), async (c) => {
  const { format, ...query } = readQuery(c, ExportQuery)
  const { sort, since, ...rest } = query
  const filter = { ...rest, ...(since ? { since: new Date(since) } : {}) }
  const tooMany = await tooManyPeople(c.var.db, filter)
  // A file can't say that it is a part.
  if (tooMany) throw badInput([{ path: 'q', message: tooMany }])
  return exportList(c, {
    list: 'Sessions',
    as: format,
    format: inColumns(SESSION_COLUMNS, format),
    filter: query,
    read: (after) => listSessions(c.var.db, filter, { sort, after, limit: EXPORTED_AT_ONCE }),
  })
})

/** What was searched for, where that is an address or a network. */
function networkOf({ ip, q = '' }: z.output<typeof ListQuery>): string | undefined {
  const read = canonicalNetwork(ip ?? q)
  return 'network' in read ? read.network : undefined
}

sessionsRoutes.get('/revoke', allow('responder'), async (c) => {
  const ids = Ids.safeParse(c.req.queries('session') ?? [])
  const returnTo = safeReturnTo(c.req.query('return_to')) ?? '/admin/sessions'
  const sessions = ids.success ? await findSessions(c.var.db, ids.data) : []
  return c.html(<RevokeSessionsPage page={await pageOf(c)} sessions={sessions} returnTo={returnTo} />)
})

sessionsRoutes.post('/revoke', allow('responder'), async (c) => {
  const form = await readForm(c, RevokeManyForm)
  const except = form.also_me ? undefined : c.var.current.session.id
  const result = await revokeSessions(c.var.db, form.session, c.var.actor, form.reason || null, { except })
  return goOn(c, safeReturnTo(form.return_to) ?? '/admin/sessions', revokedToast(result))
})

sessionsRoutes.get('/:id', allow('viewer'), async (c) => {
  const session = await sessionDetail(c.var.db, sessionId(c), c.var.places.findNow)
  if (!session) throw notFound('session')
  const events = await listAudit(c.var.db, { session: session.id, limit: EVENTS_SHOWN })
  const receipt = await receiptOf(c, session.end?.position)
  return c.html(<SessionPage page={await pageOf(c)} session={session} events={events.items} receipt={receipt} />)
})

sessionsRoutes.post('/:id/revoke', allow('responder'), async (c) => {
  const form = await readForm(c, RevokeForm)
  const session = await revokeSession(c.var.db, sessionId(c), c.var.actor, form.reason || null)
  if (!session) throw notFound('session')
  const toast = revokedToast({ ended: [session.id], gone: [], refused: [] }, session)
  if (session.id === c.var.current.session.id) {
    clearSessionCookie(c)
    return goOn(c, '/sign-in')
  }
  if (c.req.header('hx-request')) {
    const { position, node } = c.var
    // So that this node is the first of which is said that it refuses.
    if (position) await node.engine.follower.nudge()
    const said = await withReceipt(c, { ...toast, act: position && { position, word: 'refused' } })
    const page = await pageOf(c)
    return c.html(<SignedOutAnswer page={page} session={session} toast={said} receipt={said.receipt?.receipt} />)
  }
  return goOn(c, safeReturnTo(form.return_to) ?? `/admin/sessions/${session.id}`, toast)
})

function sessionId(c: AppContext): SessionId {
  const id = uuid<SessionId>().safeParse(c.req.param('id'))
  if (!id.success) throw notFound('session')
  return id.data
}
