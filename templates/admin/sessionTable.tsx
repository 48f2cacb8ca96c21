import type { SessionId } from '../../src/db/ids.js'
import type { OptionalColumn } from '../../src/http/look.js'
import type { Receipt } from '../../src/sessions/receiptsSummary.js'
import type { Count, Session } from '../../src/sessions/types.js'
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
  sort,
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
  sort: string | undefined
  filter: SessionsQuery
  /** Of rows that are leaving, by the position of the act that ended them. */
  receipts: ReadonlyMap<string, Receipt>
  newerThan: SessionId | undefined
  /** How many match, where a filter is set that all of them may be signed out by. */
  all: { n: Count; href: string } | undefined
}) {
  const { can, look } = usePage()
  const shown = (column: OptionalColumn) => !look.hiddenColumns.includes(column)
  const oldest = sort === 'oldest'
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
              {shown('device') && <th scope="col">Device</th>}
              {shown('where') && <th scope="col">Where</th>}
              {shown('app') && (
                <th scope="col" class="s-app-head">
                  App
                </th>
              )}
              {shown('signed-in') && (
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
              )}
              {shown('seen') && (
                <th scope="col">
                  {state === 'live' ? 'Last seen' : state === 'ended' ? 'Ended' : 'Last seen or ended'}
                </th>
              )}
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

/** What came while somebody worked in the list, or faster than rows can be read, waits until it is asked for. */
function NewRows() {
  return (
    <div class="new-rows" role="status" data-new hidden>
      <button type="button" class="btn" data-variant="primary" data-show-new>
        <Icon name="chevron-up" />
        <span data-text></span>
      </button>
    </div>
  )
}

function BulkBar({ all }: { all: { n: Count; href: string } | undefined }) {
  return (
    <div class="bulk-bar">
      <strong data-selected aria-live="polite">
        Selected
      </strong>
      {all && (
        <a class="link" {...inDialog(all.href)}>
          Select all {amountText(all.n)} that match
        </a>
      )}
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
        <span data-selected-act="Sign out" data-of="session">
          Sign out selected
        </span>
      </Button>
    </div>
  )
}
