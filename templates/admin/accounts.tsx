import type { SavedView } from '../../src/accounts/savedViews.js'
import type { Account, AccountSummary, Role } from '../../src/accounts/types.js'
import type { Page as ListPage } from '../../src/db/page.js'
import type { Nonsense } from '../../src/http/parse.js'
import type { Count } from '../../src/sessions/types.js'
import { Badge } from '../components/Badge.js'
import { Button, ButtonLink } from '../components/Button.js'
import { ExportMenu } from '../components/ExportMenu.js'
import { LookMenu } from '../components/LookMenu.js'
import { NonsenseChips, NonsenseNotes, Widen } from '../components/Nonsense.js'
import { Pager } from '../components/Pager.js'
import { Person } from '../components/Person.js'
import { hx, inDialog, type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import {
  Chip,
  Chips,
  type FilterGroup,
  FilterMenu,
  Count as MatchCount,
  SearchBox,
  Toolbar,
} from '../components/Toolbar.js'
import { ViewsMenu } from '../components/ViewsMenu.js'
import { Layout } from '../layout.js'
import { amountText, momentText, numberText, roleText } from '../words.js'

export interface AccountsQuery {
  q?: string | undefined
  role?: Role | 'admins' | undefined
  status?: Account['status'] | undefined
  after?: string | undefined
  before?: string | undefined
}

interface AccountsProps {
  page: Page
  query: AccountsQuery
  list: ListPage<AccountSummary>
  count: Count
  /** Filters that somebody gave a name. */
  views: SavedView[]
  /** What in the address could not be read. */
  nonsense: Nonsense[]
}

export function AccountsPage({ page, query, list, count, views, nonsense }: AccountsProps) {
  const isCutOff = Boolean(query.q) && !query.role && !query.status && count.how === 'over'
  return (
    <Layout
      page={page}
      nav="accounts"
      title="Accounts"
      help="accounts"
      subtitle="Everyone who can sign in, and what they may do."
      refresh={nonsense.length > 0 ? page.path : accountsPath(query)}
      actions={
        <>
          <ExportMenu list="/admin/accounts" query={query} />
          {page.can.block && <InviteButton />}
        </>
      }
    >
      <Toolbar>
        <SearchBox
          action="/admin/accounts"
          placeholder="Search name, e-mail, id"
          value={query.q}
          keep={{ role: query.role, status: query.status }}
        />
        <Filters query={query} />
        <NonsenseChips nonsense={nonsense} />
        <MatchCount {...count} one="account" />
        <ViewsMenu
          list="accounts"
          here={accountsPath({ ...query, after: undefined, before: undefined })}
          views={views}
        />
        <LookMenu />
      </Toolbar>
      <NonsenseNotes nonsense={nonsense} />
      {list.items.length > 0 ? <Table accounts={list.items} here={accountsPath(query)} /> : <Nothing query={query} />}
      <Pager
        newer={list.previous && accountsPath({ ...query, before: list.previous, after: undefined })}
        older={list.next && accountsPath({ ...query, after: list.next, before: undefined })}
        words={{ newer: 'Previous', older: 'Next' }}
      >
        {isCutOff
          ? `${amountText(count)} match: say more of the name`
          : page.viewer?.masked
            ? 'Newest first'
            : 'In the order of their names'}
      </Pager>
    </Layout>
  )
}

/** Drawn within the layout, where the page is known. */
function InviteButton() {
  return (
    <ButtonLink variant="primary" icon="user-plus" {...inDialog('/admin/accounts/invite')}>
      Invite person
    </ButtonLink>
  )
}

function accountsPath(query: AccountsQuery): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  return search.size > 0 ? `/admin/accounts?${search}` : '/admin/accounts'
}

const FILTERS: { label: string; set: Pick<AccountsQuery, 'role' | 'status'> }[] = [
  { label: 'Everyone', set: {} },
  { label: 'Admins', set: { role: 'admins' } },
  { label: 'Blocked', set: { status: 'blocked' } },
  { label: 'Invited', set: { status: 'invited' } },
]

function Filters({ query }: { query: AccountsQuery }) {
  const on = (set: AccountsQuery) => query.role === set.role && query.status === set.status
  return (
    <Chips label="Filters">
      {FILTERS.map(({ label, set }) => (
        <Chip href={accountsPath({ q: query.q, ...set })} on={on(set)}>
          {label}
        </Chip>
      ))}
      <FilterMenu groups={groups(query)} />
    </Chips>
  )
}

const ROLE_FILTERS = ['owner', 'responder', 'viewer', 'person'] as const
const STATUS_FILTERS = { active: 'Active', invited: 'Invited', blocked: 'Blocked' } as const

function groups({ q, role, status }: AccountsQuery): FilterGroup[] {
  return [
    {
      title: 'Role',
      options: ROLE_FILTERS.map((one) => ({
        href: accountsPath({ q, status, role: role === one ? undefined : one }),
        label: roleText(one),
        on: role === one,
      })),
    },
    {
      title: 'Status',
      options: (['active', 'invited', 'blocked'] as const).map((one) => ({
        href: accountsPath({ q, role, status: status === one ? undefined : one }),
        label: STATUS_FILTERS[one],
        on: status === one,
      })),
    },
  ]
}

function Table({ accounts, here }: { accounts: AccountSummary[]; here: string }) {
  const { can, look } = usePage()
  return (
    <form class="bulk" method="get" action="/admin/accounts/block" id="bulk" data-of="accounts">
      <input type="hidden" name="return_to" value={here} />
      <div class="table-card">
        {can.block && <BulkBar />}
        <table
          class="table accounts-table"
          data-rows="links"
          data-cards
          data-selectable={can.block ? '' : undefined}
          data-density={look.density}
        >
          <caption class="visually-hidden">Accounts</caption>
          <colgroup>
            {can.block && <col class="c-select" />}
            <col class="c-person" />
            <col class="c-role" />
            <col class="c-status" />
            <col class="c-live" />
            <col />
          </colgroup>
          <thead>
            <tr>
              {can.block && (
                <th scope="col" class="s-select">
                  <label class="select-box js-only">
                    <input class="input select-all" type="checkbox" aria-label="Select all on this page" />
                  </label>
                </th>
              )}
              <th scope="col">Person</th>
              <th scope="col">Role</th>
              <th scope="col">Status</th>
              <th scope="col">Live sessions</th>
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {accounts.map((account) => (
              <Row account={account} />
            ))}
          </tbody>
        </table>
      </div>
    </form>
  )
}

/** What is done to those that are ticked. Without script the buttons lead to the same pages. */
function BulkBar() {
  const act = (path: string) => ({
    formaction: `/admin/accounts/${path}`,
    ...hx({
      get: `/admin/accounts/${path}`,
      include: '#bulk',
      target: '#dialog',
      select: '#dialog-content',
      swap: 'innerHTML',
    }),
  })
  return (
    <div class="bulk-bar">
      <strong data-selected>Selected</strong>
      <span class="grow" />
      <button type="reset" class="btn" data-variant="outline" data-clear-selection>
        Clear
      </button>
      <Button {...act('lift-block')}>Unblock</Button>
      <Button {...act('revoke-sessions')}>Sign out</Button>
      <Button variant="danger" icon="ban" {...act('block')}>
        <span data-selected-act="Block" data-of="account">
          Block selected
        </span>
      </Button>
    </div>
  )
}

function Row({ account }: { account: AccountSummary }) {
  const { viewer, can } = usePage()
  const { id, name, email, role, liveSessions, lastSeenAt } = account
  const you = viewer?.accountId === id
  return (
    <tr id={`a-${id}`} data-row>
      {can.block && (
        <td class="s-select">
          <label class="select-box">
            <input class="input row-select" type="checkbox" name="account" value={id} aria-label={`Select ${name}`} />
          </label>
        </td>
      )}
      <th scope="row" class="a-person">
        <Person
          name={name}
          email={email}
          you={you}
          link={{ href: `/admin/accounts/${id}`, 'data-row-link': '' }}
          after={
            you && (
              <Badge tone="indigo" inline>
                This is you
              </Badge>
            )
          }
        />
      </th>
      <td data-label="Role">
        {role === 'person' ? <span class="muted">Person</span> : <Badge tone="outline">{roleText(role)}</Badge>}
      </td>
      <td data-label="Status">
        <StatusBadge account={account} />
      </td>
      <td data-label="Live sessions" class={liveSessions === 0 ? 'muted' : undefined}>
        {numberText(liveSessions)}
      </td>
      <td data-label="Last seen">{lastSeenAt ? <Time at={lastSeenAt} /> : <span class="muted">Never</span>}</td>
    </tr>
  )
}

/** What keeps somebody from signing in; nothing much for those who can. */
export function StatusBadge({ account: { status, block, hasPassword } }: { account: Account }) {
  const { now, look } = usePage()
  if (status === 'blocked') {
    return (
      <Badge tone="red" icon="ban">
        {block?.until ? `Blocked until ${momentText(block.until, now, look.zone)}` : 'Blocked until lifted'}
      </Badge>
    )
  }
  if (status === 'invited') {
    return (
      <Badge tone="amber" icon="mail">
        Invited
      </Badge>
    )
  }
  return <span class="muted">{hasPassword ? 'Active' : 'Through apps'}</span>
}

function waysToWiden({ q, role, status }: AccountsQuery): { href: string; text: string }[] {
  return [
    ...(q ? [{ href: accountsPath({ role, status }), text: `Without “${q}”` }] : []),
    ...(role ? [{ href: accountsPath({ q, status }), text: 'In any role' }] : []),
    ...(status ? [{ href: accountsPath({ q, role }), text: 'With any status' }] : []),
  ]
}

function Nothing({ query }: { query: AccountsQuery }) {
  const { can } = usePage()
  if (query.q || query.role || query.status) {
    return (
      <div class="card">
        <EmptyState
          icon="search"
          title="No account matches"
          actions={
            <>
              <Widen ways={waysToWiden(query)} />
              <ButtonLink size="small" href="/admin/accounts">
                Clear search and filters
              </ButtonLink>
            </>
          }
        >
          {query.q ? `Nobody with “${query.q}” in name or e-mail address.` : 'Nobody has this role or status.'}
        </EmptyState>
      </div>
    )
  }
  return (
    <div class="card">
      <EmptyState icon="users" title="No accounts yet" actions={can.block && <InviteButton />}>
        People appear here once they are invited, or once an app signs them in.
      </EmptyState>
    </div>
  )
}
