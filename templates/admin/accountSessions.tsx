import { deviceText } from '../../src/devices/words.js'
import type { Session } from '../../src/sessions/types.js'
import { AuditSentence } from '../components/AuditSentence.js'
import { Badge } from '../components/Badge.js'
import { Card } from '../components/Card.js'
import { deviceIcon, Icon } from '../components/Icon.js'
import { Where } from '../components/Place.js'
import { usePage } from '../components/page.js'
import { browserText, systemText } from '../components/SessionCells.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import { endText, methodText, momentText } from '../words.js'
import type { AccountProps } from './account.js'
import { AccountNotes } from './accountNotes.js'
import { HeatGrid } from './heatGrid.js'

/** What is open, by device; what has ended; beside it how the person signs in and what happened lately. */
export function AccountSessionsTab({ account, powers, live, ended, activity, notes, events }: AccountProps) {
  const path = `/admin/accounts/${account.id}`
  return (
    <div class="columns">
      <div class="band">
        {live.length === 0 && (
          <div class="card">
            <EmptyState icon="monitor-smartphone" title="Not signed in anywhere" small>
              {account.status === 'blocked'
                ? 'The account is blocked: nobody can sign in with it.'
                : 'Their sessions appear here the moment they sign in.'}
            </EmptyState>
          </div>
        )}
        {byDevice(live).map((sessions) => (
          <DeviceCard sessions={sessions} />
        ))}
        {ended.items.length > 0 && (
          <section class="card">
            <div class="card-head" data-line>
              <Icon name="history" />
              <h2>Ended</h2>
              {ended.next && (
                <a class="link" href={`/admin/sessions?account=${account.id}&state=ended`}>
                  All of them
                </a>
              )}
            </div>
            <ul class="session-lines">
              {ended.items.map((session) => (
                <SessionLine session={session} />
              ))}
            </ul>
          </section>
        )}
      </div>
      <div class="band">
        <HeatGrid title="Sign-in history" hours={activity.hours} of="sign-ins" account={account.id} />
        <Card
          title="Audit"
          line
          flush
          aside={
            events.next && (
              <a class="link" href={`${path}?tab=audit`}>
                All events
              </a>
            )
          }
        >
          {events.items.length === 0 ? (
            <EmptyState icon="scroll-text" title="Nothing yet" small />
          ) : (
            <ul class="lines event-lines">
              {events.items.map((event) => (
                <li>
                  <AuditSentence event={event} brief />
                  <a class="event-when" href={`/admin/audit/${event.id}`}>
                    <Time at={event.at} />
                  </a>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <AccountNotes account={account} notes={notes} may={powers.note} />
      </div>
    </div>
  )
}

function DeviceCard({ sessions }: { sessions: Session[] }) {
  const [first] = sessions
  if (!first) return null
  return (
    <section class="card">
      <div class="card-head" data-line>
        <Icon name={deviceIcon(first.device.type)} />
        <h2>{deviceName(first)}</h2>
      </div>
      <ul class="session-lines">
        {sessions.map((session) => (
          <SessionLine session={session} />
        ))}
      </ul>
    </section>
  )
}

function SessionLine({ session }: { session: Session }) {
  const { viewer, now, look } = usePage()
  const { id, device, app, end } = session
  // A list of links has the same browser many times over.
  const when = end
    ? `ended ${momentText(end.at, now, look.zone)}`
    : `signed in ${momentText(session.createdAt, now, look.zone)}`
  return (
    <li class="session-line" data-state={session.state}>
      <div class="cell-two">
        <span class="with-mark">
          <a
            class="clip stretched"
            href={`/admin/sessions/${id}`}
            aria-label={`${browserText(device)}, ${app.name}, ${when}`}
          >
            {browserText(device)}
          </a>
          {viewer?.sessionId === id && (
            <Badge tone="indigo" inline>
              This is you
            </Badge>
          )}
        </span>
        <span class="clip">{end ? `${systemText(device)}, ${app.name}` : app.name}</span>
      </div>
      <Where ip={session.lastIp} place={session.lastPlace} />
      <div class="session-when">
        {end ? (
          <>
            <span>{endText(end, app, viewer?.accountId)}</span>
            <span>
              {end.note && (
                <>
                  <bdi>{end.note}</bdi> ·{' '}
                </>
              )}
              <Time at={end.at} />
            </span>
          </>
        ) : (
          <>
            <span>
              Seen <Time at={session.lastSeenAt} />
            </span>
            <span>
              {methodText(session.method)} · <Time at={session.createdAt} />
            </span>
          </>
        )}
      </div>
    </li>
  )
}

/** "Chrome on Windows": without the version, which changes while the device stays. */
const deviceName = ({ device }: Session) =>
  device.model && device.type !== 'desktop'
    ? `${device.model}, ${device.browser ?? 'unknown browser'}`
    : deviceText({ ...device, browserVersion: null })

/** In the order of their newest session. */
function byDevice(sessions: Session[]): Session[][] {
  const groups = new Map<string, Session[]>()
  for (const session of sessions) {
    const name = deviceName(session)
    groups.set(name, [...(groups.get(name) ?? []), session])
  }
  return [...groups.values()]
}
