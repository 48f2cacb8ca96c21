import { Hono } from 'hono'
import { z } from 'zod'
import { AccountPage, type AccountTab } from '../../templates/admin/account.js'
import { AccountsPage } from '../../templates/admin/accounts.js'
import { InvitePage } from '../../templates/admin/invite.js'
import { InvitedPage } from '../../templates/admin/invited.js'
import { accountActivity } from '../accounts/activity.js'
import { ACCOUNT_COLUMNS } from '../accounts/export.js'
import { type AccountFilter, countAccounts, listAccounts, withMeant } from '../accounts/list.js'
import { listNotes } from '../accounts/notes.js'
import { inviteAccount } from '../accounts/passwords/invitations.js'
import { listViews } from '../accounts/savedViews.js'
import { ROLES, type Role } from '../accounts/types.js'
import { listAudit } from '../audit/list.js'
import { allow } from '../http/authorise.js'
import type { AppContext, AppEnv } from '../http/env.js'
import { readLook } from '../http/look.js'
import { orderOfPeople } from '../http/masking.js'
import { ownOrigin } from '../http/origin.js'
import { pageOf } from '../http/page.js'
import { readForm, readListQuery, readQuery } from '../http/parse.js'
import { startOfDay } from '../http/zones.js'
import { listSessions } from '../sessions/lists/list.js'
import { accountActs } from './accountsActs.js'
import { accountBlocks } from './accountsBlock.js'
import { manyAccounts } from './accountsMany.js'
import { powersOver } from './accountsMay.js'
import { accountNotes } from './accountsNotes.js'
import { accountOf } from './accountsOf.js'
import { EXPORTED_AT_ONCE, exportFormat, exportList, inColumns } from './exports.js'
import { pageAt, statusOf } from './listPage.js'

const SESSIONS_SHOWN = 200
const ENDED_SHOWN = 12
const EVENTS_BESIDE = 6
/** Nobody reads more names than this: what was typed is said more exactly then. */
const MOST_MEANT = 1_000

const cursor = z.string().max(300).optional()
const ListQuery = z.strictObject({
  q: z.string().trim().max(200).optional(),
  role: z.enum([...ROLES, 'admins'], 'must be person, viewer, responder, owner or admins').optional(),
  status: z.enum(['active', 'invited', 'blocked'], 'must be active, invited or blocked').optional(),
  after: cursor,
  before: cursor,
})

export const accountsRoutes = new Hono<AppEnv>()

accountsRoutes.get('/', allow('viewer'), async (c) => {
  const { query, nonsense } = readListQuery(c, ListQuery)
  const filter = await withMeant(c.var.db, { ...filterOf(query), order: orderOfPeople(c) }, MOST_MEANT)
  const [page, list, count, views] = await Promise.all([
    pageOf(c),
    pageAt(query, nonsense, (at) => listAccounts(c.var.db, filter, at)),
    countAccounts(c.var.db, filter),
    listViews(c.var.db, 'accounts', c.var.current.account.id),
  ])
  return c.html(<AccountsPage {...{ page, query, list, count, views, nonsense }} />, statusOf(c, nonsense))
})

const filterOf = ({ q, status, role }: Pick<z.infer<typeof ListQuery>, 'q' | 'status' | 'role'>): AccountFilter => ({
  q,
  status,
  ...(role === 'admins' ? { admins: true } : { role }),
})

const ExportQuery = ListQuery.omit({ after: true, before: true }).extend({ format: exportFormat })

accountsRoutes.get('/export', allow('viewer'), async (c) => {
  const { format, ...query } = readQuery(c, ExportQuery)
  const filter = { ...filterOf(query), order: orderOfPeople(c) }
  return exportList(c, {
    list: 'Accounts',
    as: format,
    format: inColumns(ACCOUNT_COLUMNS, format),
    filter: query,
    read: (after) => listAccounts(c.var.db, filter, { after, limit: EXPORTED_AT_ONCE }),
  })
})

accountsRoutes.get('/invite', allow('responder'), async (c) =>
  c.html(<InvitePage page={await pageOf(c)} values={{}} errors={{}} roles={rolesToGive(c)} />),
)

const InviteForm = z.strictObject({
  email: z.string().max(400),
  name: z.string().max(400),
  role: z.enum(ROLES, 'must be person, viewer, responder or owner').default('person'),
})

accountsRoutes.post('/invite', allow('responder'), async (c) => {
  const values = await readForm(c, InviteForm)
  const answer = await inviteAccount(c.var.db, values, c.var.actor)
  if (answer.status === 'invited') {
    const link = `${ownOrigin(c)}/invitation?token=${answer.token}`
    return c.html(<InvitedPage page={await pageOf(c)} invited={answer} link={link} />)
  }
  const errors =
    answer.status === 'invalid'
      ? { [answer.path]: answer.problem }
      : answer.status === 'exists'
        ? { email: 'There is an account with this address already. A new link for it is made on its page.' }
        : { role: 'Only owners give roles in the panel. Invite them as a person, or ask an owner.' }
  const exists = answer.status === 'exists' ? answer.account : undefined
  return c.html(
    <InvitePage page={await pageOf(c)} values={values} errors={errors} roles={rolesToGive(c)} exists={exists} />,
    422,
  )
})

const rolesToGive = (c: AppContext): readonly Role[] =>
  c.var.current.account.role === 'owner' ? ROLES : (['person'] as const)

accountsRoutes.route('/', manyAccounts).route('/', accountBlocks).route('/', accountActs).route('/', accountNotes)

const AccountQuery = z.strictObject({
  tab: z.enum(['sessions', 'sign-ins', 'audit'], 'must be sessions, sign-ins or audit').optional(),
  after: cursor,
  before: cursor,
})

accountsRoutes.get('/:id', allow('viewer'), async (c) => {
  const account = await accountOf(c)
  const { tab = 'sessions' as AccountTab, ...request } = readQuery(c, AccountQuery)
  const { db } = c.var
  const of = { account: account.id }
  const live = await listSessions(db, { ...of, state: 'live' }, { limit: SESSIONS_SHOWN })
  const ended = await listSessions(db, { ...of, state: 'ended' }, { limit: ENDED_SHOWN })
  const notes = tab === 'sessions' ? await listNotes(db, account.id) : []
  const activity = await accountActivity(db, account.id, startOfDay(new Date(), readLook(c).zone))
  const events =
    tab === 'sessions'
      ? await listAudit(db, of, { limit: EVENTS_BESIDE })
      : await listAudit(db, tab === 'audit' ? of : { ...of, action: 'sign-in-history' }, request)
  return c.html(
    <AccountPage
      page={await pageOf(c)}
      account={account}
      powers={powersOver(account, c.var.current)}
      tab={tab}
      live={live.items}
      ended={ended}
      activity={activity}
      notes={notes}
      events={events}
    />,
  )
})
