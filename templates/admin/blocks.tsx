import type { Block } from '../../src/accounts/types.js'
import type { Page as ListPage } from '../../src/db/page.js'
import { ButtonLink, PostButton } from '../components/Button.js'
import { Notice } from '../components/Card.js'
import { IconTile } from '../components/Icon.js'
import { Pager } from '../components/Pager.js'
import { Person } from '../components/Person.js'
import { inDialog, type Page, usePage } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import { Chip, Chips, Count, Toolbar } from '../components/Toolbar.js'
import { Layout } from '../layout.js'
import { momentText, numberText, relativeText } from '../words.js'
import { TitleWithHelp } from './help.js'

export interface BlocksQuery {
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
  /** What the viewer's role gives, beyond `can.block`. */
  mayLift: (block: Block) => boolean
}

export function BlocksPage({ page, query, list, count, mayLift }: BlocksProps) {
  const toConfirm = list.items.filter((block) => block.confirmBy && !block.lifted && block.confirmBy > page.now)
  return (
    <Layout
      page={page}
      nav="blocks"
      title="Blocks"
      heading={<Title />}
      subtitle="Accounts and networks that are refused, now and at the next sign-in."
      refresh={blocksPath(query)}
      actions={page.can.block && <BlockNetworkButton />}
    >
      {toConfirm.map((block) => (
        <Confirm block={block} />
      ))}
      <Toolbar>
        <Filters query={query} />
        <Count n={count} one="block" />
      </Toolbar>
      {list.items.length > 0 ? <Table blocks={list.items} mayLift={mayLift} /> : <Nothing query={query} />}
      <Pager
        newer={list.previous && blocksPath({ ...query, before: list.previous, after: undefined })}
        older={list.next && blocksPath({ ...query, after: list.next, before: undefined })}
      />
    </Layout>
  )
}

function Title() {
  return (
    <TitleWithHelp title="Blocks">
      <p>A block ends the sessions that it covers at the same moment, and refuses every new sign-in while it holds.</p>
      <p>Lifting it, or its end, gives no session back: people sign in again.</p>
      <p>Nobody can block themselves or the last owner. The way back in is the command npm run owner on the server.</p>
    </TitleWithHelp>
  )
}

function BlockNetworkButton() {
  return (
    <ButtonLink variant="danger" icon="network" {...inDialog('/admin/blocks/new')}>
      Block network…
    </ButtonLink>
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
          <PostButton action={`/admin/blocks/${block.id}/confirm`} variant="danger" icon="check">
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

function Filters({ query }: { query: BlocksQuery }) {
  const state = query.state ?? 'active'
  return (
    <Chips label="Filters">
      {STATES.map(([value, label]) => (
        <Chip href={blocksPath({ state: value, kind: query.kind })} on={state === value}>
          {label}
        </Chip>
      ))}
      <span class="divider" />
      {KINDS.map(([value, label]) => (
        <Chip href={blocksPath({ state, kind: value })} on={query.kind === value}>
          {label}
        </Chip>
      ))}
    </Chips>
  )
}

function Table({ blocks, mayLift }: { blocks: Block[]; mayLift: (block: Block) => boolean }) {
  const { can } = usePage()
  return (
    <div class="table-card">
      <table class="table blocks-table" data-cards>
        <caption class="visually-hidden">Blocks</caption>
        <thead>
          <tr>
            <th scope="col">Whom</th>
            <th scope="col">Why</th>
            <th scope="col">Since</th>
            <th scope="col">Until</th>
            <th scope="col">Ended</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {blocks.map((block) => (
            <tr id={`b-${block.id}`}>
              <td class="b-whom">
                <Whom block={block} />
              </td>
              <td data-label="Why">
                <span class="wrap b-reason">{block.reason}</span>
              </td>
              <td data-label="Since">
                <div class="cell-two">
                  <Time at={block.createdAt} />
                  <span class="clip">{block.createdBy}</span>
                </div>
              </td>
              <td data-label="Until">
                <Until block={block} />
              </td>
              <td data-label="Ended">{numberText(block.ended)}</td>
              <td class="end">
                {can.block && isInForce(block) && mayLift(block) && (
                  <ButtonLink size="small" {...inDialog(`/admin/blocks/${block.id}/lift`)}>
                    Lift<span class="visually-hidden"> the block on {block.account?.name ?? block.network}</span>
                  </ButtonLink>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Whom({ block }: { block: Block }) {
  if (block.account) {
    const { id, name, email } = block.account
    return <Person name={name} email={email} link={{ href: `/admin/accounts/${id}` }} />
  }
  return (
    <div class="person">
      <IconTile name="network" tone="red" />
      <div class="person-text">
        <a class="mono clip" href={`/admin/sessions?ip=${encodeURIComponent(block.network ?? '')}&state=all`}>
          {block.network}
        </a>
        <span class="person-email">Network</span>
      </div>
    </div>
  )
}

function isInForce(block: Block): boolean {
  const { now } = usePage()
  return !block.lifted && (block.until === null || block.until > now)
}

function Until({ block }: { block: Block }) {
  const { now } = usePage()
  if (block.lifted) {
    return (
      <div class="cell-two">
        <span>
          Lifted <Time at={block.lifted.at} />
        </span>
        <span class="clip" title={block.lifted.reason ?? undefined}>
          {[block.lifted.by, block.lifted.reason].filter(Boolean).join(': ')}
        </span>
      </div>
    )
  }
  if (!block.until) return <span>Until lifted</span>
  if (block.until <= now) return <span class="muted">Expired</span>
  return (
    <div class="cell-two">
      <Time at={block.until} />
      <span>{momentText(block.until, now)} UTC</span>
    </div>
  )
}

function Nothing({ query }: { query: BlocksQuery }) {
  const { can } = usePage()
  const narrowed = query.kind || (query.state && query.state !== 'active')
  return (
    <div class="card">
      {narrowed ? (
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
      )}
    </div>
  )
}
