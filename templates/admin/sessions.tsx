import type { SavedView } from '../../src/accounts/savedViews.js'
import type { SessionId } from '../../src/db/ids.js'
import type { Page as ListPage } from '../../src/db/page.js'
import { networkText, placeText } from '../../src/devices/words.js'
import type { Nonsense } from '../../src/http/parse.js'
import { type SeenBy, SORTED_EXACTLY } from '../../src/sessions/lists/listBySeen.js'
import type { Job } from '../../src/sessions/many/jobs.js'
import type { Receipt } from '../../src/sessions/receipts/summary.js'
import type { Count, Facets, Session, SessionSort } from '../../src/sessions/types.js'
import { ButtonLink } from '../components/Button.js'
import { NotWhole } from '../components/Card.js'
import { ExportMenu } from '../components/ExportMenu.js'
import { fontFile, fontsOf } from '../components/fonts.js'
import { Icon } from '../components/Icon.js'
import { LookMenu } from '../components/LookMenu.js'
import { NonsenseChips, NonsenseNotes, Widen } from '../components/Nonsense.js'
import { Pager } from '../components/Pager.js'
import { inDialog, type Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { type TileProps, Tiles } from '../components/Tile.js'
import { FilterMenu, Count as MatchCount, SearchBox, Toolbar } from '../components/Toolbar.js'
import { ViewsMenu } from '../components/ViewsMenu.js'
import { Layout } from '../layout.js'
import { amountText, numberText } from '../words.js'
import { OpenJobs } from './job.js'
import { KillSwitchLink } from './killSwitch.js'
import { RowMenuItems, RowWires } from './rowMenu.js'
import { Filters, filterGroups, waysToWiden } from './sessionFilters.js'
import { revokeMatchingPath, type SessionsQuery, sessionsPath } from './sessionsQuery.js'
import { SessionTable } from './sessionTable.js'

export interface SessionsProps {
  page: Page
  /** As read from the address: what the filters are set to. */
  filter: SessionsQuery
  list: ListPage<Session>
  /** Of the filter's matches. */
  count: Count
  facets: Facets
  /** No value of a filter has a number while many that ended together are being marked. */
  isMarking?: true | undefined
  /** The one that is searched for: it can be blocked from here. */
  network?: string | undefined
  /** The network of the block that is in force over all of that. */
  blocked?: string | undefined
  /** What to know of a list that is not whole. */
  notice?: string | undefined
  /** At most four. Left out where a person has narrowed the list by search. */
  tiles: TileProps[]
  /** Ended within the last seconds: struck through among the live ones, then gone. Only on a live list. */
  justEnded?: Session[]
  /** New ones are those after it. Only where they come at the list's head. */
  newerThan?: SessionId | undefined
  /** Of what has just ended, by the position of the act. */
  receipts?: ReadonlyMap<string, Receipt>
  /** Filters that somebody gave a name. */
  views?: SavedView[]
  /** Of a list by last use: how exactly it is sorted. */
  seenBy?: SeenBy | undefined
  /** What in the address could not be read. */
  nonsense?: Nonsense[]
  /** Sign-outs by a filter whose rows are still being marked. */
  jobs?: Job[]
}

export function SessionsPage(props: SessionsProps) {
  const {
    page,
    filter,
    list,
    count,
    facets,
    network,
    blocked,
    notice,
    tiles,
    justEnded = [],
    receipts = new Map(),
    newerThan,
    views = [],
    nonsense = [],
    jobs = [],
    seenBy,
    isMarking,
  } = props
  const state = filter.state ?? 'live'
  const here = sessionsPath(filter)
  const isBySignIn = (filter.sort ?? 'newest') === 'newest' || filter.sort === 'oldest'
  const rows = state === 'live' && isBySignIn ? withEnded(list, justEnded, filter.sort === 'oldest') : list.items
  return (
    <Layout
      page={page}
      nav="sessions"
      title={TITLES[state]}
      help="sessions"
      state={state === 'live' ? `(${amountText(count)})` : undefined}
      subtitle={<Subtitle state={state} count={count} tiles={tiles} />}
      refresh={nonsense.length > 0 ? page.path : here}
      rowMenu={
        <>
          <RowMenuItems />
          <RowWires />
        </>
      }
      fonts={[
        ...(rows.length > 0 && !page.look.hiddenColumns.includes('where') ? [fontFile('jetbrains-mono-address')] : []),
        ...fontsOf(rows.flatMap(namesIn)),
      ]}
      actions={
        <>
          <ExportMenu list="/admin/sessions" query={filter} />
          {page.can.own && state === 'live' && <KillSwitchLink app={appOf(filter, facets)} />}
          {page.can.revoke && rows.length > 0 && <SelectToggle />}
        </>
      }
    >
      <OpenJobs jobs={jobs} />
      {tiles.length > 0 && <Tiles tiles={tiles} />}
      <Toolbar>
        <SearchBox
          action="/admin/sessions"
          placeholder="Search person, IP, network, id"
          value={filter.q}
          keep={{ ...filter, q: undefined, after: undefined, before: undefined }}
        />
        <Filters filter={filter} facets={facets} account={list.items[0]?.account.name} />
        <NonsenseChips nonsense={nonsense} />
        <FilterMenu
          groups={filterGroups(filter, facets, page.now)}
          note={isMarking ? 'Numbers are back once the rows of a mass sign-out are marked.' : undefined}
        />
        {blocked && <BlockedLink network={blocked} />}
        {network && !blocked && page.can.block && <BlockNetworkLink network={network} here={here} />}
        <MatchCount {...count} one="session" />
        <ViewsMenu
          list="sessions"
          here={sessionsPath({ ...filter, after: undefined, before: undefined })}
          views={views}
        />
        <LookMenu columns />
      </Toolbar>
      <NonsenseNotes nonsense={nonsense} />
      {notice && <NotWhole>{notice}</NotWhole>}
      {rows.length > 0 ? (
        <SessionTable
          title={TITLES[state]}
          rows={rows}
          here={here}
          state={state}
          filter={filter}
          receipts={receipts}
          newerThan={newerThan}
          all={narrows(filter) ? { n: count, href: revokeMatchingPath(filter) } : undefined}
        />
      ) : (
        <Nothing filter={filter} network={network} blocked={blocked} />
      )}
      {/* What a row's buttons post belongs to a form of its own: the list's is for the selection. */}
      <form id="row-act" method="post">
        <input type="hidden" name="return_to" value={here} />
      </form>
      <Pager
        newer={list.previous && sessionsPath({ ...filter, before: list.previous, after: undefined })}
        older={list.next && sessionsPath({ ...filter, after: list.next, before: undefined })}
      >
        {orderText(filter.sort, seenBy)}
      </Pager>
    </Layout>
  )
}

/** People, and where they were last. */
const namesIn = ({ account, lastIp, lastPlace, place }: Session) => {
  const shown = lastIp ? lastPlace : place
  return [account.name, placeText(shown), networkText(shown)]
}

const appOf = ({ app }: SessionsQuery, facets: Facets) =>
  app ? { id: app, name: facets.app.find(({ value }) => value === app)?.label ?? 'this app' } : undefined

/** Without one of these it is everyone, or everyone in an app: an act of its own. */
const narrows = ({ state, sort, after, before, app, version, ...filter }: SessionsQuery) =>
  Object.values(filter).some(Boolean)

function orderText(sort: SessionsQuery['sort'], seenBy: SeenBy | undefined): string {
  const text = ORDERS[sort ?? 'newest']
  return seenBy === 'day' ? `${text}, by the day: more than ${numberText(SORTED_EXACTLY)} match` : text
}

const ORDERS: Record<SessionSort, string> = {
  newest: 'Newest sign-ins first',
  oldest: 'Oldest sign-ins first',
  seen: 'Last seen first',
  unseen: 'Longest not seen first',
}

const TITLES = { live: 'Live sessions', ended: 'Ended sessions', all: 'All sessions' }
const SUBTITLES = {
  live: 'Who is signed in right now, everywhere.',
  ended: 'Who was signed in, and how it ended.',
  all: 'Live and ended, newest sign-in first.',
}

/** On a phone the tiles are left out: their numbers stand here. */
function Subtitle({ state, count, tiles }: { state: keyof typeof SUBTITLES; count: Count; tiles: TileProps[] }) {
  const online = tiles.find((tile) => tile.label === 'People online')
  if (state !== 'live' || !online) return <>{SUBTITLES[state]}</>
  return (
    <>
      <span class="desktop-only">{SUBTITLES[state]}</span>
      <span class="phone-only">
        {amountText(count)} {count.n === 1 ? 'session' : 'sessions'}, {numberText(online.value)}{' '}
        {online.value === 1 ? 'person' : 'people'} online
      </span>
    </>
  )
}

/** Among the live ones in the list's order, which is that of the ids; none beyond the end of the page. */
function withEnded({ items, next }: ListPage<Session>, ended: Session[], oldestFirst: boolean): Session[] {
  const order = (a: Session, b: Session) => (a.id < b.id === oldestFirst ? -1 : 1)
  const last = items.at(-1)
  const ids = new Set(items.map((session) => session.id))
  const shown = ended.filter((one) => !ids.has(one.id) && !(next && last && order(one, last) > 0))
  return [...items, ...shown].sort(order)
}

/** Somebody on it attacks: from the list of who is there to the block of the whole network. */
function BlockNetworkLink({ network, here }: { network: string; here: string }) {
  const form = new URLSearchParams({ network, return_to: here })
  return (
    <ButtonLink variant="danger" icon="ban" {...inDialog(`/admin/blocks/new?${form}`)}>
      Block <span class="mono">{network}…</span>
    </ButtonLink>
  )
}

/** Leads to the block: who set it, until when, and how to lift it. */
function BlockedLink({ network }: { network: string }) {
  return (
    <ButtonLink icon="ban" href={`/admin/blocks?${new URLSearchParams({ q: network })}`}>
      <span class="mono">{network}</span> is blocked
    </ButtonLink>
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

type NothingProps = Pick<SessionsProps, 'filter' | 'network' | 'blocked'>

function whyNothing({ filter, network, blocked }: NothingProps): string {
  const { q, ip, state = 'live', sort: _, ...others } = filter
  if (blocked && state === 'live') return `${blocked} is blocked: nobody gets in from there.`
  const isAlone = !(q && ip) && !Object.values(others).some(Boolean)
  if (network && state === 'live' && isAlone) return `Nobody is signed in from ${network}.`
  return q ? `Nobody with “${q}” in name, e-mail, address or session id.` : 'No session has all of these.'
}

function Nothing(props: NothingProps) {
  const { filter } = props
  const { q, state = 'live', ...others } = filter
  const narrowed = q || Object.values(others).some(Boolean)
  return (
    <div class="card">
      {narrowed ? (
        <EmptyState
          icon="search"
          title="No session matches"
          actions={
            <>
              <Widen ways={waysToWiden(filter)} />
              <ButtonLink size="small" href={sessionsPath({ state })}>
                Clear search and filters
              </ButtonLink>
            </>
          }
        >
          {whyNothing(props)} {state === 'live' && 'Ended sessions are under Ended.'}
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
