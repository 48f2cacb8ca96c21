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
  /** How many match, where a filter is set that all of them may be signed out by. */
  all: { n: Count; href: string } | undefined
}) {
  const { can } = usePage()
  const oldest = sort === 'oldest'
  const selectable = can.revoke && state !== 'ended'
  return (
    <form class="bulk" method="get" action="/admin/sessions/revoke" id="bulk">
      <input type="hidden" name="return_to" value={here} />
      <div class="table-card">
        {selectable && <BulkBar all={state === 'live' ? all : undefined} />}
        <table class="table sessions-table" data-rows="links" data-cards data-list={state}>
          <caption class="visually-hidden">{title}</caption>
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
        <span data-selected-act>Sign out selected</span>
      </Button>
    </div>
  )
}
