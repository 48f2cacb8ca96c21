import type { Child } from 'hono/jsx'
import type { SavedView } from '../../src/accounts/savedViews.js'
import type { Account } from '../../src/accounts/types.js'
import type { AuditQuery, AuditRange } from '../../src/admin/audit.js'
import type { ChainState } from '../../src/audit/checkChain.js'
import type { AuditGroup } from '../../src/audit/groups.js'
import type { Seal } from '../../src/audit/seal.js'
import type { AuditEvent } from '../../src/audit/types.js'
import type { Page as ListPage } from '../../src/db/page.js'
import type { Nonsense } from '../../src/http/parse.js'
import { ButtonLink } from '../components/Button.js'
import { ChainBadge } from '../components/ChainBadge.js'
import { ExportMenu } from '../components/ExportMenu.js'
import { Icon } from '../components/Icon.js'
import { Menu, MenuLine, MenuLink } from '../components/Menu.js'
import { NonsenseChips, NonsenseNotes, Widen } from '../components/Nonsense.js'
import { Pager } from '../components/Pager.js'
import { type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { ActiveChip, Chip, Chips, Count, SearchBox, Toolbar } from '../components/Toolbar.js'
import { ViewsMenu } from '../components/ViewsMenu.js'
import { Layout } from '../layout.js'
import { momentText } from '../words.js'
import { AuditDays } from './auditDays.js'

interface AuditProps {
  page: Page
  query: AuditQuery
  list: ListPage<AuditEvent>
  count: number
  /** Whose acts one looks for most. */
  admins: Account[]
  chain: ChainState
  /** Of the events that are sealed. */
  seals: ReadonlyMap<string, Seal>
  /** Filters that somebody gave a name. */
  views: SavedView[]
  /** What in the address could not be read. */
  nonsense: Nonsense[]
}

const COUNTED = 10_000

export function AuditPage({ page, query, list, count, admins, views, nonsense, chain, seals }: AuditProps) {
  const { q, after: _, before: __, ...keep } = query
  return (
    <Layout
      page={page}
      nav="audit"
      title="Audit log"
      help="audit"
      subtitle="Who did what, to whom, from where and why."
      refresh={nonsense.length > 0 ? page.path : auditPath(query)}
      refreshOn="audit"
      actions={
        <>
          <ChainBadge chain={chain} />
          <ExportMenu list="/admin/audit" query={query} ocsf />
        </>
      }
    >
      <Toolbar>
        <SearchBox action="/admin/audit" placeholder="Search who, whom, address" value={q} keep={keep} />
        <Filters query={query} admins={admins} />
        <NonsenseChips nonsense={nonsense} />
        <Count n={Math.min(count, COUNTED)} one="event" how={count > COUNTED ? 'over' : 'exact'} />
        <ViewsMenu list="audit" here={auditPath({ ...query, after: undefined, before: undefined })} views={views} />
      </Toolbar>
      <NonsenseNotes nonsense={nonsense} />
      {list.items.length > 0 ? <AuditDays events={list.items} seals={seals} /> : <Nothing query={query} />}
      <Pager
        newer={list.previous && auditPath({ ...query, before: list.previous, after: undefined })}
        older={list.next && auditPath({ ...query, after: list.next, before: undefined })}
      />
    </Layout>
  )
}

function auditPath(query: AuditQuery): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  return search.size > 0 ? `/admin/audit?${search}` : '/admin/audit'
}

const GROUPS: [AuditGroup | undefined, string][] = [
  [undefined, 'All events'],
  ['sign-outs', 'Sign-outs'],
  ['blocks', 'Blocks'],
  ['detections', 'Detections'],
  ['sign-ins', 'Sign-ins'],
  ['failures', 'Failures'],
  ['accounts', 'Accounts'],
  ['settings', 'Settings'],
]

/** Groups that numbers of other pages lead to. */
const BEHIND_NUMBERS: Partial<Record<AuditGroup, string>> = {
  'sign-in-history': 'Sign-ins and failed ones',
  'failed-sign-ins': 'Failed sign-ins',
  'admin-acts': 'What admins did',
}

const RANGES: Record<AuditRange, string> = {
  today: 'Today',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
}

const KINDS: Record<string, string> = {
  system: 'Rollcall itself',
  terminal: 'Server terminal',
  key: 'API keys',
  stranger: 'Not signed in',
}

function Filters({ query, admins }: { query: AuditQuery; admins: Account[] }) {
  const { now, look } = usePage()
  const first = { ...query, after: undefined, before: undefined }
  const behind = query.group && BEHIND_NUMBERS[query.group]
  const moment = (at: string) => momentText(new Date(at), now, look.zone)
  const actor =
    query.actor && (admins.find((admin) => admin.id === query.actor)?.name ?? KINDS[query.actor] ?? 'One account')
  return (
    <Chips label="Filters">
      {GROUPS.map(([group, label]) => (
        <Chip href={auditPath({ ...first, group })} on={query.group === group}>
          {label}
        </Chip>
      ))}
      <span class="divider" />
      <ChipMenu icon="user" id="audit-actor" name="By" label={actor || 'Anyone'} on={Boolean(actor)}>
        <MenuLink href={auditPath({ ...first, actor: undefined })} aria-current={actor ? undefined : 'true'}>
          Anyone
        </MenuLink>
        <MenuLine />
        {admins.map((admin) => (
          <MenuLink
            href={auditPath({ ...first, actor: admin.id })}
            aria-current={query.actor === admin.id ? 'true' : undefined}
          >
            <span class="clip" dir="auto">
              {admin.name}
            </span>
          </MenuLink>
        ))}
        <MenuLine />
        {(['key', 'system', 'terminal', 'stranger'] as const).map((kind) => (
          <MenuLink
            href={auditPath({ ...first, actor: kind })}
            aria-current={query.actor === kind ? 'true' : undefined}
          >
            {KINDS[kind]}
          </MenuLink>
        ))}
      </ChipMenu>
      <ChipMenu
        icon="calendar"
        id="audit-range"
        name="When"
        label={query.range ? RANGES[query.range] : 'Any time'}
        on={Boolean(query.range)}
      >
        <MenuLink href={auditPath({ ...first, range: undefined })} aria-current={query.range ? undefined : 'true'}>
          Any time
        </MenuLink>
        {Object.entries(RANGES).map(([range, label]) => (
          <MenuLink
            href={auditPath({ ...first, since: undefined, until: undefined, range: range as AuditRange })}
            aria-current={query.range === range ? 'true' : undefined}
          >
            {label}
          </MenuLink>
        ))}
      </ChipMenu>
      {behind && <ActiveChip name="Events" value={behind} href={auditPath({ ...first, group: undefined })} />}
      {query.account && (
        <ActiveChip name="About" value="one account" href={auditPath({ ...first, account: undefined })} />
      )}
      {query.since && (
        <ActiveChip name="Since" value={moment(query.since)} href={auditPath({ ...first, since: undefined })} />
      )}
      {query.until && (
        <ActiveChip name="Until" value={moment(query.until)} href={auditPath({ ...first, until: undefined })} />
      )}
    </Chips>
  )
}

interface ChipMenuProps {
  icon: 'user' | 'calendar'
  id: string
  /** What it narrows, for who does not see the icon. */
  name: string
  label: string
  on: boolean
  children?: Child
}

function ChipMenu({ icon, id, name, label, on, children }: ChipMenuProps) {
  return (
    <Menu
      id={id}
      name="audit-filter"
      align="start"
      summary={{ class: 'chip', 'data-on': on ? '' : undefined }}
      trigger={
        <>
          <Icon name={icon} />
          <span class="visually-hidden">{name}: </span>
          <span class="clip chip-value">{label}</span>
          <Icon name="chevron-down" />
        </>
      }
    >
      {children}
    </Menu>
  )
}

function waysToWiden({ after: _, before: __, ...query }: AuditQuery): { href: string; text: string }[] {
  const way = (name: keyof AuditQuery, text: string) =>
    query[name as keyof typeof query] ? [{ href: auditPath({ ...query, [name]: undefined }), text }] : []
  return [
    ...way('q', `Without “${query.q}”`),
    ...way('group', 'All events'),
    ...way('actor', 'By anyone'),
    ...way('account', 'About anyone'),
    ...way('range', 'At any time'),
    ...way('since', 'From the beginning'),
    ...way('until', 'Up to now'),
  ]
}

function Nothing({ query }: { query: AuditQuery }) {
  const narrowed = Object.values(query).some(Boolean)
  return (
    <div class="card">
      {narrowed ? (
        <EmptyState
          icon="search"
          title="No event matches"
          actions={
            <>
              <Widen ways={waysToWiden(query)} />
              <ButtonLink size="small" href="/admin/audit">
                Clear search and filters
              </ButtonLink>
            </>
          }
        >
          {query.q ? `Nothing with “${query.q}” in who, whom, why or address.` : 'Nothing of this kind was recorded.'}
        </EmptyState>
      ) : (
        <EmptyState icon="scroll-text" title="Nothing yet">
          Every sign-in, sign-out, block and change appears here, also what was refused.
        </EmptyState>
      )}
    </div>
  )
}
