import type { PropsWithChildren } from 'hono/jsx'
import type { SessionId } from '../../src/db/ids.js'
import type { OptionalColumn } from '../../src/http/look.js'
import type { Receipt } from '../../src/sessions/receipts/summary.js'
import type { Count, Session, SessionSort } from '../../src/sessions/types.js'
import { Button } from '../components/Button.js'
import { Icon } from '../components/Icon.js'
import { hx, inDialog, usePage } from '../components/page.js'
import { amountText } from '../words.js'
import { SessionRow } from './sessionRow.js'
import { type SessionsQuery, sessionsPath } from './sessionsQuery.js'

export function SessionTable({
  title,
  rows,
  here,
  state,
  filter,
  receipts,
  newerThan,
  all,
}: {
  /** For screen readers. */
  title: string
  rows: Session[]
  here: string
  state: 'live' | 'ended' | 'all'
  filter: SessionsQuery
  /** Of rows that are leaving, by the position of the act that ended them. */
  receipts: ReadonlyMap<string, Receipt>
  newerThan: SessionId | undefined
  /** How many match, where a filter is set that all of them may be signed out by. */
  all: { n: Count; href: string } | undefined
}) {
  const { can, look } = usePage()
  const shown = (column: OptionalColumn) => !look.hiddenColumns.includes(column)
  const selectable = can.revoke && state !== 'ended'
  return (
    <form class="bulk" method="get" action="/admin/sessions/revoke" id="bulk">
      <input type="hidden" name="return_to" value={here} />
      <NewRows />
      <div class="table-card">
        {selectable && <BulkBar all={state === 'live' ? all : undefined} />}
        <table
          class="table sessions-table"
          data-rows="links"
          data-cards
          data-list={state}
          data-from={newerThan}
          data-density={look.density}
          data-fewer={look.hiddenColumns.length > 0 ? '' : undefined}
        >
          <caption class="visually-hidden">{title}</caption>
          <colgroup>
            <col class="c-select" />
            <col class="c-person" />
            {shown('device') && <col class="c-device" />}
            {shown('where') && <col class="c-where" />}
            {shown('app') && <col class="c-app" />}
            {shown('signed-in') && <col class="c-signed-in" />}
            {shown('seen') && <col class="c-seen" />}
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
              {shown('device') && (
                <th scope="col" class="s-device-head">
                  Device
                </th>
              )}
              {shown('where') && <th scope="col">Where</th>}
              {shown('app') && (
                <th scope="col" class="s-app-head">
                  App
                </th>
              )}
              {shown('signed-in') && (
                <SortedBy {...{ filter }} down="newest" up="oldest">
                  Signed in
                </SortedBy>
              )}
              {shown('seen') &&
                (state === 'live' ? (
                  <SortedBy {...{ filter }} down="seen" up="unseen">
                    Last seen
                  </SortedBy>
                ) : (
                  <th scope="col">{state === 'ended' ? 'Ended' : 'Last seen or ended'}</th>
                ))}
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((session) => (
              <SessionRow
                session={session}
                leaving={state === 'live' && session.state === 'ended'}
                receipt={session.end?.position ? receipts.get(session.end.position) : undefined}
              />
            ))}
          </tbody>
        </table>
      </div>
    </form>
  )
}

/** A column's head: a press sorts by it, another turns the order round. */
function SortedBy({
  filter,
  down,
  up,
  children,
}: PropsWithChildren<{ filter: SessionsQuery; down: SessionSort; up: SessionSort }>) {
  const { sort = 'newest' } = filter
  const next = sort === down ? up : down
  const href = sessionsPath({
    ...filter,
    sort: next === 'newest' ? undefined : next,
    after: undefined,
    before: undefined,
  })
  return (
    <th scope="col" aria-sort={sort === down ? 'descending' : sort === up ? 'ascending' : undefined}>
      <a href={href}>
        {children} {(sort === down || sort === up) && <Icon name={sort === up ? 'chevron-up' : 'arrow-down'} />}
      </a>
    </th>
  )
}

/** What came while somebody worked in the list, or faster than rows can be read, waits until it is asked for. */
function NewRows() {
  return (
    <div class="new-rows" data-new hidden>
      <button type="button" class="btn" data-variant="primary" data-show-new>
        <Icon name="chevron-up" />
        <span data-text></span>
      </button>
    </div>
  )
}

/** What is done to those that are ticked. Without script the buttons lead to the same pages. */
function BulkBar({ all }: { all: { n: Count; href: string } | undefined }) {
  const { can } = usePage()
  const asks = (path: string) => ({
    formaction: path,
    ...hx({ get: path, include: '#bulk', target: '#dialog', select: '#dialog-content', swap: 'innerHTML' }),
  })
  return (
    <div class="bulk-bar">
      <strong data-selected>Selected</strong>
      {all && (
        <a class="link" {...inDialog(all.href)}>
          Select all {amountText(all.n)} that match
        </a>
      )}
      <span class="grow" />
      <button type="reset" class="btn" data-variant="outline" data-clear-selection>
        Clear
      </button>
      {can.block && (
        <Button icon="ban" {...asks('/admin/accounts/block')}>
          <span>
            <span data-selected-act="Block" data-of="account">
              Block accounts
            </span>
            …
          </span>
        </Button>
      )}
      <Button variant="danger" icon="log-out" {...asks('/admin/sessions/revoke')}>
        <span data-selected-act="Sign out" data-of="session">
          Sign out selected
        </span>
      </Button>
    </div>
  )
}
