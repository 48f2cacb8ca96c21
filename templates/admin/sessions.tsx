import type { Page as ListPage } from '../../src/db/page.js'
import { countryName } from '../../src/devices/words.js'
import type { Facet, Facets, Session, SessionFilter } from '../../src/sessions/types.js'
import { Button, ButtonLink } from '../components/Button.js'
import { BrowserMark, Flag, Icon, OsMark } from '../components/Icon.js'
import { Pager } from '../components/Pager.js'
import { hx, type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { type TileProps, Tiles } from '../components/Tile.js'
import {
  ActiveChip,
  Chip,
  Chips,
  Count,
  type FilterGroup,
  FilterMenu,
  SearchBox,
  Toolbar,
} from '../components/Toolbar.js'
import { Layout } from '../layout.js'
import { countText, deviceTypeText, methodText, numberText } from '../words.js'
import { SessionRow } from './sessionRow.js'

export interface SessionsProps {
  page: Page
  /** As read from the address: what the filters are set to. */
  filter: SessionsQuery
  list: ListPage<Session>
  /** Of the filter's matches; `about` when it is an estimate. */
  count: { n: number; about?: boolean }
  facets: Facets
  /** At most four. Left out where a person has narrowed the list by search. */
  tiles: TileProps[]
  /** Ended within the last seconds: struck through among the live ones, then gone. Only on a live list. */
  justEnded?: Session[]
}

/** The list's query string, every part as it stands in the address. */
export type SessionsQuery = Pick<SessionFilter, 'q' | 'country' | 'browser' | 'os' | 'device' | 'method' | 'state'> & {
  app?: string | undefined
  account?: string | undefined
  ip?: string | undefined
  since?: string | undefined
  sort?: string | undefined
  after?: string | undefined
  before?: string | undefined
}

export function SessionsPage({ page, filter, list, count, facets, tiles, justEnded = [] }: SessionsProps) {
  const state = filter.state ?? 'live'
  const here = sessionsPath(filter)
  const rows = state === 'live' ? withEnded(list.items, justEnded) : list.items
  return (
    <Layout
      page={page}
      nav="sessions"
      title={TITLES[state]}
      state={state === 'live' ? `(${numberText(count.n)})` : undefined}
      subtitle={<Subtitle state={state} count={count.n} tiles={tiles} />}
      refresh={here}
      actions={page.can.revoke && rows.length > 0 && <SelectToggle />}
    >
      {tiles.length > 0 && <Tiles tiles={tiles} />}
      <Toolbar>
        <SearchBox
          action="/admin/sessions"
          placeholder="Search person, IP, network, id"
          value={filter.q}
          keep={{ ...filter, q: undefined, after: undefined, before: undefined }}
        />
        <Filters filter={filter} facets={facets} />
        <FilterMenu groups={groups(filter, facets)} />
        <Count n={count.n} one="session" {...(count.about ? { about: true } : {})} />
      </Toolbar>
      {rows.length > 0 ? (
        <Table rows={rows} here={here} state={state} sort={filter.sort} filter={filter} />
      ) : (
        <Nothing filter={filter} />
      )}
      {/* What a row's buttons post belongs to a form of its own: the list's is for the selection. */}
      <form id="row-act" method="post">
        <input type="hidden" name="return_to" value={here} />
      </form>
      <Pager
        newer={list.previous && sessionsPath({ ...filter, before: list.previous, after: undefined })}
        older={list.next && sessionsPath({ ...filter, after: list.next, before: undefined })}
      >
        {filter.sort === 'oldest' ? 'Oldest sign-ins first' : 'Newest sign-ins first'}
      </Pager>
    </Layout>
  )
}

const TITLES = { live: 'Live sessions', ended: 'Ended sessions', all: 'All sessions' }
const SUBTITLES = {
  live: 'Who is signed in right now, everywhere.',
  ended: 'Who was signed in, and how it ended.',
  all: 'Live and ended, newest sign-in first.',
}

/** On a phone the tiles are left out: their numbers stand here. */
function Subtitle({ state, count, tiles }: { state: keyof typeof SUBTITLES; count: number; tiles: TileProps[] }) {
  const online = tiles.find((tile) => tile.label === 'People online')
  if (state !== 'live' || !online) return <>{SUBTITLES[state]}</>
  return (
    <>
      <span class="desktop-only">{SUBTITLES[state]}</span>
      <span class="phone-only">
        {countText(count, 'session')}, {numberText(online.value)} people online
      </span>
    </>
  )
}

/** The list's address with these filters; what is not set is left out. */
export function sessionsPath(filter: SessionsQuery): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter))
    if (value && !(name === 'state' && value === 'live')) query.set(name, value)
  return query.size ? `/admin/sessions?${query}` : '/admin/sessions'
}

/** In the order of sign-in, as the list is: ids are UUIDv7. */
function withEnded(live: Session[], ended: Session[]): Session[] {
  const ids = new Set(live.map((session) => session.id))
  return [...live, ...ended.filter((session) => !ids.has(session.id))].sort((a, b) => (a.id < b.id ? 1 : -1))
}

function Filters({ filter, facets }: { filter: SessionsQuery; facets: Facets }) {
  const first = { ...filter, after: undefined, before: undefined }
  const state = filter.state ?? 'live'
  const active = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => filter[name])
  const label = (name: keyof typeof NAMES) => {
    const value = filter[name] ?? ''
    const facet = name in facets ? facets[name as keyof Facets].find((one) => one.value === value) : undefined
    return facet ? facetText(name, facet) : value
  }
  return (
    <Chips label="Filters">
      {(['live', 'ended', 'all'] as const).map((one) => (
        <Chip href={sessionsPath({ ...first, state: one })} on={state === one}>
          {one === 'live' ? 'Live' : one === 'ended' ? 'Ended' : 'All'}
        </Chip>
      ))}
      {active.map((name) => (
        <ActiveChip href={sessionsPath({ ...first, [name]: undefined })} name={NAMES[name]} value={label(name)} />
      ))}
      {!active.length && state === 'live' && quickChips(first, facets)}
    </Chips>
  )
}

const NAMES = {
  account: 'Account',
  app: 'App',
  country: 'Country',
  browser: 'Browser',
  os: 'System',
  device: 'Device',
  method: 'Method',
  ip: 'Address',
  since: 'Since',
} as const

/** The two values that most people filter by, where they narrow anything. */
function quickChips(filter: SessionsQuery, { country, device }: Facets) {
  const phones = device.find((one) => one.value === 'mobile')
  const places = country.length > 1 ? country.slice(0, 2) : []
  return (
    <>
      {places.map((one) => (
        <Chip href={sessionsPath({ ...filter, country: one.value })} count={one.count}>
          {countryName(one.value)}
        </Chip>
      ))}
      {phones && device.length > 1 && (
        <Chip href={sessionsPath({ ...filter, device: 'mobile' })} count={phones.count}>
          Phones
        </Chip>
      )}
    </>
  )
}

function groups(query: SessionsQuery, facets: Facets): FilterGroup[] {
  const filter = { ...query, after: undefined, before: undefined }
  const group = (title: string, name: keyof Facets, before?: (value: string) => unknown): FilterGroup => ({
    title,
    options: facets[name].slice(0, 8).map((facet) => ({
      href: sessionsPath({ ...filter, [name]: filter[name] === facet.value ? undefined : facet.value }),
      label: (
        <>
          {before?.(facet.value)}
          <span class="clip">{facetText(name, facet)}</span>
        </>
      ),
      count: facet.count,
      on: filter[name] === facet.value,
    })),
  })
  return [
    group('Country', 'country', (value) => <Flag country={value} silent />),
    group('Browser', 'browser', (value) => <BrowserMark browser={value} />),
    group('System', 'os', (value) => <OsMark os={value} />),
    group('Device', 'device'),
    group('App', 'app'),
    group('Signed in with', 'method'),
  ]
}

/** What a value of a filter is called. */
export function facetText(name: string, { value, label }: Facet): string {
  if (value === 'unknown') return 'Unknown'
  if (name === 'country') return countryName(value)
  if (name === 'method') return methodText(value)
  if (name === 'device') return deviceTypeText(value)
  return label
}

function Table({
  rows,
  here,
  state,
  sort,
  filter,
}: {
  rows: Session[]
  here: string
  state: 'live' | 'ended' | 'all'
  sort: string | undefined
  filter: SessionsQuery
}) {
  const { can } = usePage()
  const oldest = sort === 'oldest'
  const selectable = can.revoke && state !== 'ended'
  return (
    <form class="bulk" method="get" action="/admin/sessions/revoke" id="bulk">
      <input type="hidden" name="return_to" value={here} />
      <div class="table-card">
        {selectable && <BulkBar />}
        <table class="table sessions-table" data-rows="links" data-cards data-list={state}>
          <caption class="visually-hidden">{TITLES[state]}</caption>
          <colgroup>
            <col class="c-select" />
            <col class="c-person" />
            <col class="c-device" />
            <col class="c-where" />
            <col class="c-app" />
            <col class="c-signed-in" />
            <col class="c-seen" />
            <col class="c-menu" />
          </colgroup>
          <thead>
            <tr>
              <th scope="col" class="s-select">
                {selectable ? (
                  <label class="select-box js-only">
                    <input class="input select-all" type="checkbox" aria-label="Select all on this page" />
                  </label>
                ) : (
                  <span class="visually-hidden">Selected</span>
                )}
              </th>
              <th scope="col">Person</th>
              <th scope="col">Device</th>
              <th scope="col">Where</th>
              <th scope="col" class="s-app-head">
                App
              </th>
              <th scope="col" aria-sort={oldest ? 'ascending' : 'descending'}>
                <a
                  href={sessionsPath({
                    ...filter,
                    sort: oldest ? undefined : 'oldest',
                    after: undefined,
                    before: undefined,
                  })}
                >
                  Signed in <Icon name={oldest ? 'chevron-up' : 'arrow-down'} />
                </a>
              </th>
              <th scope="col">{state === 'live' ? 'Last seen' : state === 'ended' ? 'Ended' : 'Last seen or ended'}</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((session) => (
              <SessionRow session={session} leaving={state === 'live' && session.state === 'ended'} />
            ))}
          </tbody>
        </table>
      </div>
    </form>
  )
}

function BulkBar() {
  return (
    <div class="bulk-bar">
      <strong data-selected aria-live="polite">
        Selected
      </strong>
      <span class="grow" />
      <button type="reset" class="btn" data-variant="outline" data-clear-selection>
        Clear
      </button>
      <Button
        variant="danger"
        icon="log-out"
        {...hx({
          get: '/admin/sessions/revoke',
          include: '#bulk',
          target: '#dialog',
          select: '#dialog-content',
          swap: 'innerHTML',
        })}
      >
        <span data-selected-act>Sign out selected</span>
      </Button>
    </div>
  )
}

/** On a phone the boxes show after this. */
function SelectToggle() {
  return (
    <label class="btn select-toggle" data-variant="outline">
      <Icon name="list-checks" />
      <input type="checkbox" class="visually-hidden" />
      Select
    </label>
  )
}

function Nothing({ filter }: { filter: SessionsQuery }) {
  const { q, state = 'live', ...others } = filter
  const narrowed = q || Object.values(others).some(Boolean)
  return (
    <div class="card">
      {narrowed ? (
        <EmptyState
          icon="search"
          title="No session matches"
          actions={<ButtonLink href={sessionsPath({ state })}>Clear search and filters</ButtonLink>}
        >
          {q ? `Nobody with “${q}” in name, e-mail, address or session id.` : 'No session has all of these.'}{' '}
          {state === 'live' && 'Ended sessions are under Ended.'}
        </EmptyState>
      ) : (
        <EmptyState icon="radio" title={state === 'live' ? 'Nobody is signed in' : 'Nothing here yet'}>
          {state === 'live'
            ? 'Sessions appear here the moment somebody signs in.'
            : 'Sessions that end appear here, with who ended them, when and why.'}
        </EmptyState>
      )}
    </div>
  )
}
