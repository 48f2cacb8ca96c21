import type { AuditEvent } from '../../src/audit/types.js'
import { networkText, placeText } from '../../src/devices/words.js'
import type { Session, SessionDetail } from '../../src/sessions/types.js'
import { AuditSentence } from '../components/AuditSentence.js'
import { Avatar } from '../components/Avatar.js'
import { Badge } from '../components/Badge.js'
import { ButtonLink, PostButton } from '../components/Button.js'
import { PlaceMap } from '../components/charts.js'
import { CopyLine, Facts } from '../components/Facts.js'
import { BrowserMark, Flag, Icon, OsMark } from '../components/Icon.js'
import { Menu, MenuButton, MenuLink } from '../components/Menu.js'
import { PlaceName } from '../components/Place.js'
import { hx, inDialog, type Page, reach, usePage } from '../components/page.js'
import { browserText, systemText } from '../components/SessionCells.js'
import { Clock, Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { absoluteText, countText, dayText, endText, methodText, momentText, numberText } from '../words.js'

export interface SessionProps {
  page: Page
  session: SessionDetail
  /** The audit events about this session, newest first. */
  events: AuditEvent[]
}

/** A session on a page of its own. The list shows its `#session` in the drawer. */
export function SessionPage({ page, session, events }: SessionProps) {
  return (
    <Layout
      page={page}
      nav="sessions"
      title={`Session of ${session.account.name}`}
      heading={
        <>
          <nav class="crumbs" aria-label="Where you are">
            <a href="/admin/sessions">Sessions</a>
            <Icon name="chevron-right" />
            <span aria-current="page" class="clip">
              {session.account.name}
            </span>
          </nav>
          <p class="page-title">Session</p>
        </>
      }
    >
      <div class="session-page">
        <SessionSheet session={session} events={events} />
      </div>
    </Layout>
  )
}

function SessionSheet({ session, events }: Omit<SessionProps, 'page'>) {
  const { viewer } = usePage()
  const yours = viewer?.sessionId === session.id
  return (
    <article
      class="session-sheet"
      id="session"
      data-session={session.id}
      aria-labelledby="session-title"
      {...hx({
        get: `/admin/sessions/${session.id}`,
        trigger: 'rollcall:sessions from:body, rollcall:tick from:body',
        select: '#session',
        swap: 'outerMorph',
        headers: '{"Rollcall-Background":"1"}',
        'status:4xx': 'swap:none',
        'status:5xx': 'swap:none',
      })}
    >
      <header>
        <SheetHead session={session} yours={yours} />
        {session.end && <EndNotice end={session.end} />}
        {!session.end && !yours && <SheetActions session={session} />}
      </header>
      <div class="sheet-sections">
        <DeviceSection session={session} />
        <NetworkSection session={session} />
      </div>
      <div class="sheet-sections">
        <TimelineSection session={session} events={events} />
        <OthersSection session={session} yours={yours} />
        <RawSection session={session} />
      </div>
    </article>
  )
}

function SheetHead({ session: { account, others, state }, yours }: { session: SessionDetail; yours: boolean }) {
  const live = others.length + (state === 'live' ? 1 : 0)
  return (
    <div class="sheet-head">
      <Avatar name={account.name} size={40} you={yours} />
      <div class="grow clip">
        <h1 class="sheet-title" id="session-title" tabindex={-1}>
          <a class="clip" href={`/admin/accounts/${account.id}`}>
            {account.name}
          </a>
          {state === 'live' ? (
            <Badge tone="green">
              <span class="dot" data-tone="green" />
              Live
            </Badge>
          ) : (
            <Badge>Ended</Badge>
          )}
          {yours && <Badge tone="indigo">This is you</Badge>}
          {account.blocked && <Badge tone="red">Blocked</Badge>}
        </h1>
        <p class="muted clip">
          {account.email ?? 'No e-mail'} · {countText(live, 'live session')}
        </p>
      </div>
      <div class="sheet-nav js-only">
        <button
          type="button"
          class="btn"
          data-variant="ghost"
          data-icon-only
          data-drawer-step="-1"
          title="Session above"
        >
          <Icon name="chevron-up" />
          <span class="visually-hidden">Session above</span>
        </button>
        <button
          type="button"
          class="btn"
          data-variant="ghost"
          data-icon-only
          data-drawer-step="1"
          title="Session below"
        >
          <Icon name="chevron-down" />
          <span class="visually-hidden">Session below</span>
        </button>
        <button type="button" class="btn" data-variant="ghost" data-icon-only data-drawer-close title="Close">
          <Icon name="x" />
          <span class="visually-hidden">Close</span>
        </button>
      </div>
    </div>
  )
}

function SheetActions({ session: { id, account, others } }: { session: SessionDetail }) {
  const may = reach(usePage(), account)
  return (
    <div class="sheet-actions">
      {may.revoke && (
        <PostButton
          variant="primary"
          size="large"
          icon="log-out"
          action={`/admin/sessions/${id}/revoke`}
          form={signsOutHere(id)}
        >
          Sign out
        </PostButton>
      )}
      {may.block && !account.blocked && (
        <ButtonLink variant="danger" size="large" icon="ban" {...inDialog(`/admin/accounts/${account.id}/block`)}>
          Block account…
        </ButtonLink>
      )}
      <Menu
        id="sheet-more"
        summary={{ class: 'btn', 'data-variant': 'outline', 'data-size': 'large' }}
        trigger={
          <>
            More
            <Icon name="chevron-down" />
          </>
        }
      >
        {may.revoke && others.length > 0 && (
          <MenuLink icon="log-out" {...inDialog(`/admin/accounts/${account.id}/revoke-sessions`)}>
            Sign out all {numberText(others.length + 1)} sessions…
          </MenuLink>
        )}
        <MenuLink icon="user" href={`/admin/accounts/${account.id}`}>
          Open account
        </MenuLink>
        <span class="js-only">
          <MenuButton icon="copy" data-copy={id}>
            Copy session id
          </MenuButton>
        </span>
      </Menu>
    </div>
  )
}

/** From the sheet: the answer's row and toast find their places; the sheet itself is brought anew by the stream. */
const signsOutHere = (id: string) =>
  hx({
    post: `/admin/sessions/${id}/revoke`,
    target: `#s-${id}`,
    swap: 'outerMorph',
    'status:4xx': 'swap:none',
    'status:5xx': 'swap:none',
  })

function EndNotice({ end }: { end: NonNullable<Session['end']> }) {
  const { viewer } = usePage()
  return (
    <div class="notice">
      <Icon name={end.reason === 'blocked' || end.reason === 'network-blocked' ? 'ban' : 'log-out'} />
      <div class="grow wrap">
        <p class="spread">
          <strong>{endText(end, viewer?.accountId)}</strong>
          <span class="secondary">
            <Time at={end.at} />
          </span>
        </p>
        {end.note && <p class="muted">Reason: {end.note}</p>}
      </div>
    </div>
  )
}

function DeviceSection({ session }: { session: SessionDetail }) {
  const { now } = usePage()
  const { device } = session
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Device</h2>
      </div>
      <Facts
        columns={2}
        facts={[
          [
            'Browser',
            <>
              <BrowserMark browser={device.browser} />
              <span class="clip">{[device.browser ?? 'Unknown', device.browserVersion].filter(Boolean).join(' ')}</span>
            </>,
          ],
          ['Method', methodText(session.method)],
          [
            'System',
            <>
              <OsMark os={device.os} />
              <span class="clip">
                {[[device.os ?? 'Unknown', device.osVersion].filter(Boolean).join(' '), device.model]
                  .filter(Boolean)
                  .join(', ')}
              </span>
            </>,
          ],
          ['App', <span class="clip">{session.app.name}</span>],
          [
            'Signed in',
            <span title={absoluteText(session.createdAt)}>{capital(momentText(session.createdAt, now))}</span>,
          ],
          [
            'Ends by',
            <span title={absoluteText(session.expiresAt)}>{capital(momentText(session.expiresAt, now))}</span>,
          ],
        ]}
      />
    </section>
  )
}

function NetworkSection({ session }: { session: SessionDetail }) {
  const { now } = usePage()
  const place = session.lastIp ? session.lastPlace : session.place
  const shared = session.sharedAddressAccounts
  const pins = session.addresses
    .filter(({ place }) => place.latitude !== null && place.longitude !== null)
    .map(({ place, firstSeenAt }) => ({
      latitude: place.latitude ?? 0,
      longitude: place.longitude ?? 0,
      label: `${placeText(place)}, ${momentText(firstSeenAt, now)}`,
    }))
  const here =
    place.latitude !== null && place.longitude !== null
      ? {
          latitude: place.latitude,
          longitude: place.longitude,
          label: `${placeText(place)}, ${session.end ? 'last' : 'now'}`,
        }
      : pins.at(-1)
  const before = here
    ? pins
        .filter((pin) => Math.abs(pin.latitude - here.latitude) + Math.abs(pin.longitude - here.longitude) > 2)
        .slice(-3)
        .reverse()
    : []
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Network</h2>
      </div>
      <Facts
        columns={2}
        facts={[
          ['Address', <span class="mono clip">{session.lastIp ?? session.ip ?? 'No address'}</span>],
          ['Place', <PlaceName place={place} />],
          ['Owner', <span class="clip">{networkText(place) ?? 'Unknown'}</span>],
          [
            'Also used by',
            shared ? (
              <a class="link" href={`/admin/sessions?ip=${encodeURIComponent(session.lastIp ?? session.ip ?? '')}`}>
                {countText(shared, 'other account')}
              </a>
            ) : (
              'No other account'
            ),
          ],
        ]}
      />
      {here && (
        <div class="sheet-map">
          <PlaceMap now={here} before={before} />
        </div>
      )}
    </section>
  )
}

function TimelineSection({ session, events }: { session: SessionDetail; events: AuditEvent[] }) {
  const { now } = usePage()
  const entries = timeline(session, events)
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Timeline</h2>
      </div>
      <ol class="timeline">
        {entries.map((entry, i) => {
          const day = dayText(entry.at, now)
          const before = entries[i - 1]
          return (
            <>
              {(!before || dayText(before.at, now) !== day) && <li class="day">{day}</li>}
              <li data-tone={entry.tone}>
                <Clock at={entry.at} />
                <span class="what wrap">{entry.what}</span>
                <span class="aside">{entry.aside}</span>
              </li>
            </>
          )
        })}
      </ol>
    </section>
  )
}

interface Entry {
  at: Date
  what: unknown
  aside?: unknown
  tone?: 'red' | 'green' | undefined
}

function timeline(session: SessionDetail, events: AuditEvent[]): Entry[] {
  const moves = session.addresses.slice(1).map(
    (move): Entry => ({
      at: move.firstSeenAt,
      what: 'Address changed',
      aside: (
        <>
          <span class="mono">{move.ip}</span> · {placeText(move.place)}
        </>
      ),
    }),
  )
  // The sign-in and the end are told by the session itself, whoever did them.
  const more = events
    .filter((event) => !event.action.startsWith('session.'))
    .map((event): Entry => ({ at: event.at, what: <AuditSentence event={event} brief /> }))
  const entries: Entry[] = [
    {
      at: session.createdAt,
      tone: 'green',
      what: `Signed in to ${session.app.name}`,
      aside: (
        <>
          <span class="mono">{session.ip ?? 'no address'}</span> · {placeText(session.place)}
        </>
      ),
    },
    ...moves,
    ...more,
    { at: session.lastSeenAt, what: 'Last seen', aside: countText(session.requests, 'request') },
  ]
  if (session.end)
    entries.push({ at: session.end.at, tone: 'red', what: endText(session.end, undefined), aside: session.end.note })
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime())
}

function OthersSection({
  session: { account, others, state, end },
  yours,
}: {
  session: SessionDetail
  yours: boolean
}) {
  const may = reach(usePage(), account)
  if (!others.length) return null
  return (
    <section>
      <div class="sheet-section-head">
        <h2 class="clip">Other sessions of {account.name.split(' ')[0]}</h2>
        {may.revoke && !yours && (
          <a class="link" {...inDialog(`/admin/accounts/${account.id}/revoke-sessions`)}>
            Sign out all {numberText(others.length + (state === 'live' && !end ? 1 : 0))}
          </a>
        )}
      </div>
      {others.map((other) => (
        <OtherSession session={other} />
      ))}
    </section>
  )
}

function OtherSession({ session }: { session: Session }) {
  const page = usePage()
  const place = session.lastIp ? session.lastPlace : session.place
  const opens = hx({
    get: `/admin/sessions/${session.id}`,
    target: '#drawer',
    select: '#session',
    swap: 'innerHTML',
    'push-url': 'true',
  })
  return (
    <div class="other" id={`o-${session.id}`}>
      <BrowserMark browser={session.device.browser} />
      <a class="clip" href={`/admin/sessions/${session.id}`} {...opens}>
        {browserText(session.device)} on {systemText(session.device)}
      </a>
      <span class="where">
        <Flag country={place.country} silent />
        <span class="clip">
          {placeText(place)} · {session.app.name}
        </span>
      </span>
      <span class="secondary">
        <Time at={session.lastSeenAt} />
      </span>
      {reach(page, session.account).revoke && page.viewer?.sessionId !== session.id ? (
        <PostButton
          size="small"
          action={`/admin/sessions/${session.id}/revoke`}
          form={hx({ post: `/admin/sessions/${session.id}/revoke`, target: `#s-${session.id}`, swap: 'outerMorph' })}
          aria-label={`Sign out ${browserText(session.device)}`}
        >
          Sign out
        </PostButton>
      ) : (
        <span />
      )}
    </div>
  )
}

function RawSection({ session }: { session: SessionDetail }) {
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Raw values</h2>
      </div>
      <Facts
        facts={[
          ['Session', <CopyLine text={session.id} what="session id" />],
          ['Account', <CopyLine text={session.account.id} what="account id" />],
          ['User agent', session.userAgent ? <CopyLine text={session.userAgent} what="user agent" /> : 'None was sent'],
        ]}
      />
    </section>
  )
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
