import type { OptionalColumn } from '../../src/http/look.js'
import type { Receipt } from '../../src/sessions/receipts/summary.js'
import type { Session } from '../../src/sessions/types.js'
import { Badge } from '../components/Badge.js'
import { Button } from '../components/Button.js'
import { RowIcon } from '../components/Icon.js'
import { Person } from '../components/Person.js'
import { Where } from '../components/Place.js'
import { hx, reach, usePage } from '../components/page.js'
import { RowReceipt } from '../components/Receipt.js'
import { DeviceCell } from '../components/SessionCells.js'
import { Time } from '../components/Time.js'
import { endText, methodText } from '../words.js'

export interface SessionRowProps {
  session: Session
  /** It ended while it was looked at: it stays for some seconds. */
  leaving?: boolean
  /** Of the act that ended it. */
  receipt?: Receipt | undefined
}

/** One session of the list. */
export function SessionRow({ session, leaving, receipt }: SessionRowProps) {
  const page = usePage()
  const { viewer, look } = page
  const shown = (column: OptionalColumn) => !look.hiddenColumns.includes(column)
  const { id, account, end } = session
  const yours = viewer?.sessionId === id
  const times = Number(shown('signed-in')) + Number(shown('seen'))
  const selectable = reach(page, account).revoke && !end
  return (
    <tr id={`s-${id}`} data-row data-state={session.state} data-leaving={leaving ? '' : undefined}>
      <td class="s-select">
        {selectable && (
          <label class="select-box">
            <input
              class="input row-select"
              type="checkbox"
              name="session"
              value={id}
              aria-label={`Select the session of ${account.name}`}
            />
          </label>
        )}
      </td>
      <th scope="row" class="s-person">
        <Person
          name={account.name}
          email={account.email}
          you={yours}
          link={{ href: `/admin/sessions/${id}`, 'data-row-link': '' }}
          after={
            yours ? (
              <Badge tone="indigo" inline>
                This is you
              </Badge>
            ) : (
              account.blocked && (
                <Badge tone="red" inline>
                  Blocked
                </Badge>
              )
            )
          }
        />
      </th>
      {shown('device') && (
        <td class="s-device">
          <DeviceCell device={session.device} />
        </td>
      )}
      {shown('where') && (
        <td class="s-where">
          <Where ip={session.lastIp ?? session.ip} place={session.lastIp ? session.lastPlace : session.place} />
        </td>
      )}
      {shown('app') && (
        <td class="s-app-cell">
          <div class="cell-two s-app">
            <span class="with-mark">
              <RowIcon name={session.app.icon} size={14} />
              <span class="clip" dir="auto">
                {session.app.name}
              </span>
            </span>
            <span class="clip s-method">{methodText(session.method)}</span>
          </div>
        </td>
      )}
      {end && leaving && times > 0 ? (
        <td class="s-signed-in" colspan={times}>
          <LeavingNote end={end} app={session.app} receipt={receipt} />
        </td>
      ) : (
        <>
          {shown('signed-in') && (
            <td class="s-signed-in">
              <Time at={session.createdAt} />
            </td>
          )}
          {shown('seen') && (
            <td class="s-seen">{end ? <Ended end={end} app={session.app} /> : <Time at={session.lastSeenAt} />}</td>
          )}
        </>
      )}
      <td class="s-menu">
        {selectable && !yours && <QuickSignOut session={session} />}
        <RowMenu session={session} yours={yours} />
      </td>
    </tr>
  )
}

/** Rows get these attributes, and the next, from `RowWires`; without script the link leads to a page of its own. */
export const opensDrawer = (id: string): Record<string, string> =>
  hx({
    get: `/admin/sessions/${id}`,
    target: '#drawer',
    select: '#session',
    swap: 'innerHTML',
    'push-url': 'true',
  })

/**
 * A post that answers with the row as it now is, and a toast, which find their places themselves. htmx drops the answer
 * of what has a target that is gone: the row stays while what was pressed in it goes.
 */
export const signsOut = (id: string, target = `#s-${id}`): Record<string, string> =>
  hx({ post: `/admin/sessions/${id}/revoke`, target, swap: 'none' })

function QuickSignOut({ session }: { session: Session }) {
  return (
    <span class="quick">
      <Button
        size="small"
        form="row-act"
        formaction={`/admin/sessions/${session.id}/revoke`}
        aria-label={`Sign out ${session.account.name}`}
      >
        Sign out
      </Button>
    </span>
  )
}

/** Empty until it is opened: `static/js/rowMenu.js` fills it from `RowMenuItems`. Without script the session's page has all of it. */
function RowMenu({ session, yours }: { session: Session; yours: boolean }) {
  const { id, account, end } = session
  const may = reach(usePage(), account)
  const offered = [
    may.revoke && !end && !yours && 'revoke',
    may.block && !account.blocked && 'block',
    (session.lastIp ?? session.ip) && 'address',
  ]
  return (
    <details
      class="menu row-menu js-only"
      // A row that is leaving has a cell less: by this the menu is known when the row is brought anew.
      id={`m-${id}`}
      name="row-menu"
      data-account={account.id}
      data-address={session.lastIp ?? session.ip}
      data-offers={offered.filter(Boolean).join(' ')}
    >
      <summary
        class="btn"
        data-variant="ghost"
        data-size="small"
        data-icon-only
        title={`More about the session of ${account.name}`}
      >
        <RowIcon name="ellipsis" />
      </summary>
    </details>
  )
}

interface EndOf {
  end: NonNullable<Session['end']>
  app: Session['app']
}

function LeavingNote({ end, app, receipt }: EndOf & { receipt: Receipt | undefined }) {
  const { viewer } = usePage()
  return (
    <div class="cell-two leaving-note">
      <span class="clip">{endText(end, app, viewer?.accountId)}</span>
      {end.position && <RowReceipt receipt={receipt} />}
    </div>
  )
}

/** When over "Signed out by you", which may be cut: whole, and with the note, on hover. */
function Ended({ end, app }: EndOf) {
  const { viewer } = usePage()
  const text = endText(end, app, viewer?.accountId)
  return (
    <div class="cell-two" title={end.note ? `${text}: ${end.note}` : text}>
      <span class="clip">
        <Time at={end.at} />
      </span>
      <span class="clip">{text}</span>
    </div>
  )
}
