import { Hono } from 'hono'
import { z } from 'zod'
import { AuditPage } from '../../templates/admin/audit.js'
import { AuditEventPage } from '../../templates/admin/auditEvent.js'
import { listAccounts } from '../accounts/list.js'
import { listViews } from '../accounts/savedViews.js'
import { chainState } from '../audit/checkChain.js'
import { AUDIT_FORMATS, auditFormat } from '../audit/export.js'
import { AUDIT_GROUPS, type AuditGroup } from '../audit/groups.js'
import { type AuditFilter, countAudit, findAuditEvent, listAudit } from '../audit/list.js'
import { sealsOf } from '../audit/seal.js'
import type { AuditAction, AuditEvent } from '../audit/types.js'
import { type AccountId, type AuditEventId, uuid } from '../db/ids.js'
import { allow } from '../http/authorise.js'
import type { AppEnv } from '../http/env.js'
import { badInput, notFound } from '../http/errors.js'
import { readLook } from '../http/look.js'
import { orderOfPeople } from '../http/masking.js'
import { pageOf } from '../http/page.js'
import { type Nonsense, readListQuery, readQuery } from '../http/parse.js'
import { instant } from '../http/times.js'
import { startOfDay } from '../http/zones.js'
import { auditChainRoutes } from './auditChain.js'
import { EXPORTED_AT_ONCE, exportList } from './exports.js'
import { pageAt, statusOf } from './listPage.js'
import { receiptOf } from './receipts.js'

/** Acts that end nothing by themselves. */
const GIVES_BACK: AuditAction[] = [
  'account.block-lifted',
  'network.block-lifted',
  'settings.changed',
  'app.changed',
  'app.enabled',
  'account.updated',
  'account.unlocked',
]
const ADMINS_NAMED = 50
/** In days; today is one of them. */
const RANGES = { today: 1, '7d': 7, '30d': 30, '90d': 90 } as const
export type AuditRange = keyof typeof RANGES

const AuditQuery = z.strictObject({
  q: z.string().trim().max(200).optional(),
  group: z.enum(Object.keys(AUDIT_GROUPS) as [AuditGroup, ...AuditGroup[]], 'is none of the groups').optional(),
  actor: z
    .union([uuid<AccountId>(), z.enum(['system', 'terminal', 'key', 'stranger'])], 'must be the id of an account')
    .optional(),
  account: uuid<AccountId>().optional(),
  range: z.enum(['today', '7d', '30d', '90d'], 'must be today, 7d, 30d or 90d').optional(),
  since: instant.optional(),
  until: instant.optional(),
  after: z.string().max(300).optional(),
  before: z.string().max(300).optional(),
})
export type AuditQuery = z.infer<typeof AuditQuery>

export const auditRoutes = new Hono<AppEnv>()

auditRoutes.get('/', allow('viewer'), async (c) => {
  const { query, nonsense } = readListQuery(c, AuditQuery)
  const filter = filterOf(inOrder(query, nonsense), new Date(), readLook(c).zone)
  const { db } = c.var
  const list = await pageAt(query, nonsense, (at) => listAudit(db, filter, at))
  const count = await countAudit(db, filter)
  const admins = await listAccounts(db, { admins: true, order: orderOfPeople(c) }, { limit: ADMINS_NAMED })
  const views = await listViews(db, 'audit', c.var.current.account.id)
  const page = await pageOf(c)
  const chain = await chainState(db)
  const seals = await sealsOf(db, idsOf(list.items))
  return c.html(
    <AuditPage {...{ page, query, list, count, admins: admins.items, views, nonsense, chain, seals }} />,
    statusOf(c, nonsense),
  )
})

const idsOf = (events: AuditEvent[]) => events.map(({ id }) => id)

/** A range that ends before it begins has no end. */
function inOrder(query: AuditQuery, nonsense: Nonsense[]): AuditQuery {
  const { since, until } = query
  if (since && until && Date.parse(since) >= Date.parse(until)) {
    nonsense.push({ field: 'until', value: until, message: 'must be later than since' })
    delete query.until
  }
  return query
}

/** Ranges begin with a day of the viewer's zone, so that the links to further pages stay good while one reads. */
function filterOf({ q, group, actor, account, range, since, until }: AuditQuery, now: Date, zone: string): AuditFilter {
  const from = range ? startOfDay(now, zone, RANGES[range] - 1) : since && new Date(since)
  return { q, action: group, actor, account, since: from || undefined, until: until ? new Date(until) : undefined }
}

const ExportQuery = AuditQuery.omit({ after: true, before: true }).extend({
  format: z.enum(AUDIT_FORMATS, 'must be csv, jsonl or ocsf'),
})

auditRoutes.get('/export', allow('viewer'), async (c) => {
  const { format, ...query } = readQuery(c, ExportQuery)
  const nonsense: Nonsense[] = []
  const filter = filterOf(inOrder({ ...query }, nonsense), new Date(), readLook(c).zone)
  if (nonsense.length > 0) throw badInput(nonsense.map(({ field, message }) => ({ path: field, message })))
  return exportList(c, {
    list: 'Audit log',
    as: format,
    format: auditFormat(format),
    filter: query,
    read: (after) => listAudit(c.var.db, filter, { after, limit: EXPORTED_AT_ONCE }),
  })
})

auditRoutes.route('/chain', auditChainRoutes)

auditRoutes.get('/:id', allow('viewer'), async (c) => {
  const id = uuid<AuditEventId>().safeParse(c.req.param('id'))
  const event = id.success ? await findAuditEvent(c.var.db, id.data) : undefined
  if (!event) throw notFound('event')
  const receipt = await receiptOf(c, event.position, GIVES_BACK.includes(event.action) ? 'in-force' : 'refused')
  const seals = await sealsOf(c.var.db, [event.id])
  return c.html(<AuditEventPage page={await pageOf(c)} event={event} receipt={receipt} seals={seals} />)
})
