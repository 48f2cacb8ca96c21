import { type BlockSearch, readBlockSearch } from '../../src/accounts/blocks/blockSearch.js'
import type { Block } from '../../src/accounts/types.js'
import type { Page as ListPage } from '../../src/db/page.js'
import type { Nonsense } from '../../src/http/parse.js'
import { ButtonLink, PostButton } from '../components/Button.js'
import { Notice } from '../components/Card.js'
import { ExportMenu } from '../components/ExportMenu.js'
import { NonsenseChips, NonsenseNotes, Widen } from '../components/Nonsense.js'
import { Pager } from '../components/Pager.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Chip, Chips, Count, SearchBox, Toolbar } from '../components/Toolbar.js'
import { Layout } from '../layout.js'
import { relativeText } from '../words.js'
import { BlocksTable } from './blocksTable.js'

export interface BlocksQuery {
  q?: string | undefined
  state?: 'active' | 'lifted' | 'all' | undefined
  kind?: Block['kind'] | undefined
  after?: string | undefined
  before?: string | undefined
}

interface BlocksProps {
  page: Page
  query: BlocksQuery
  list: ListPage<Block>
  count: number
  /** What in the address could not be read. */
  nonsense: Nonsense[]
  /** What the viewer's role gives, beyond `can.block`. */
  mayLift: (block: Block) => boolean
}

export function BlocksPage({ page, query, list, count, nonsense, mayLift }: BlocksProps) {
  const toConfirm = list.items.filter((block) => block.confirmBy && !block.lifted && block.confirmBy > page.now)
  return (
    <Layout
      page={page}
      nav="blocks"
      title="Blocks"
      help="blocks"
      subtitle="Accounts and networks that are refused."
      refresh={nonsense.length > 0 ? page.path : blocksPath(query)}
      actions={
        <>
          <ExportMenu list="/admin/blocks" query={query} />
          {page.can.block && <BlockNetworkButtons />}
        </>
      }
    >
      {toConfirm.map((block) => (
        <Confirm block={block} />
      ))}
      <Toolbar>
        <SearchBox
          action="/admin/blocks"
          placeholder="Search person, address, network"
          value={query.q}
          keep={{ state: query.state, kind: query.kind }}
        />
        <Filters query={query} />
        <NonsenseChips nonsense={nonsense} />
        <Count n={count} one="block" />
      </Toolbar>
      <NonsenseNotes nonsense={nonsense} />
      {list.items.length > 0 ? <BlocksTable blocks={list.items} mayLift={mayLift} /> : <Nothing query={query} />}
      <Pager
        newer={list.previous && blocksPath({ ...query, before: list.previous, after: undefined })}
        older={list.next && blocksPath({ ...query, after: list.next, before: undefined })}
      />
    </Layout>
  )
}

function BlockNetworkButtons() {
  return (
    <>
      <ButtonLink href="/admin/blocks/import">Import list…</ButtonLink>
      <ButtonLink variant="danger" icon="network" {...inDialog('/admin/blocks/new')}>
        Block network…
      </ButtonLink>
    </>
  )
}

/** A block that covers its author undoes itself: whoever locked themselves out is back in five minutes. */
function Confirm({ block }: { block: Block }) {
  const { now, can } = usePage()
  return (
    <Notice
      tone="amber"
      icon="clock"
      title={`The block on ${block.network} undoes itself ${block.confirmBy ? relativeText(block.confirmBy, now) : ''}`}
    >
      <p>
        It covers the address of {block.createdBy}, who set it. Confirm it from inside the network to keep it: from then
        on it refuses its author too.
      </p>
      {can.block && (
        <div class="row notice-actions">
          <PostButton action={`/admin/blocks/${block.id}/confirm`} variant="danger-solid" icon="check">
            Keep the block
          </PostButton>
        </div>
      )}
    </Notice>
  )
}

function blocksPath(query: BlocksQuery): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value && value !== 'active') search.set(name, value)
  return search.size > 0 ? `/admin/blocks?${search}` : '/admin/blocks'
}

const STATES = [
  ['active', 'In force'],
  ['lifted', 'Lifted or expired'],
  ['all', 'All'],
] as const
const KINDS = [
  [undefined, 'Both'],
  ['account', 'Accounts'],
  ['network', 'Networks'],
] as const

function Filters({ query: { q, kind, state = 'active' } }: { query: BlocksQuery }) {
  return (
    <Chips label="Filters">
      {STATES.map(([value, label]) => (
        <Chip href={blocksPath({ q, state: value, kind })} on={state === value}>
          {label}
        </Chip>
      ))}
      <span class="divider" />
      {KINDS.map(([value, label]) => (
        <Chip href={blocksPath({ q, state, kind: value })} on={kind === value}>
          {label}
        </Chip>
      ))}
    </Chips>
  )
}

function Nothing({ query }: { query: BlocksQuery }) {
  const search = readBlockSearch(query.q)
  return (
    <div class="card">{search ? <NothingFound query={query} search={search} /> : <NothingHere query={query} />}</div>
  )
}

const NOT_FOUND: Record<BlockSearch['kind'], (text: string) => string> = {
  address: (address) => `No block covers ${address}`,
  network: (network) => `No block covers ${network} or lies in it`,
  id: (id) => `No block or account ${id}`,
  words: (words) => `Nobody with “${words}” in name or e-mail`,
}

function NothingFound({ query, search }: { query: BlocksQuery; search: BlockSearch }) {
  const { can } = usePage()
  const { q, state = 'active', kind } = query
  const isNetwork = search.kind === 'address' || search.kind === 'network'
  const ways = [
    ...(kind ? [{ href: blocksPath({ q, state }), text: 'Accounts and networks' }] : []),
    ...(state === 'all' ? [] : [{ href: blocksPath({ q, state: 'all', kind }), text: 'Lifted and expired too' }]),
    { href: blocksPath({ state, kind }), text: 'Clear search' },
  ]
  return (
    <EmptyState
      icon="search"
      title={NOT_FOUND[search.kind](search.text)}
      actions={
        <>
          <Widen ways={ways} />
          {can.block && isNetwork && (
            <ButtonLink
              size="small"
              variant="danger"
              {...inDialog(`/admin/blocks/new?network=${encodeURIComponent(search.text)}`)}
            >
              Block {search.text}…
            </ButtonLink>
          )}
        </>
      }
    >
      {isNetwork && kind !== 'account' && state === 'active'
        ? 'No network block refuses what comes from there. Accounts are blocked wherever they are.'
        : STATE_SEARCHED[state]}
    </EmptyState>
  )
}

const STATE_SEARCHED = {
  active: 'Among the blocks that are in force.',
  lifted: 'Among the blocks that were lifted or have expired.',
  all: 'Among all blocks, lifted and expired ones too.',
} as const

function NothingHere({ query }: { query: BlocksQuery }) {
  const { can } = usePage()
  const narrowed = query.kind || (query.state && query.state !== 'active')
  return narrowed ? (
    <EmptyState
      icon="search"
      title="No such block"
      actions={<ButtonLink href="/admin/blocks">Show those in force</ButtonLink>}
    >
      Lifted and expired blocks stay listed here, with who set and who lifted them.
    </EmptyState>
  ) : (
    <EmptyState
      icon="ban"
      title="Nobody is blocked"
      actions={can.block && <ButtonLink href="/admin/accounts">Find an account</ButtonLink>}
    >
      An account is blocked on its own page, or from a session. A network is blocked here.
    </EmptyState>
  )
}
