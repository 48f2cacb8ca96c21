import type { AuditEvent } from '../../src/audit/types.js'
import { placeText } from '../../src/devices/words.js'
import type { SessionDetail } from '../../src/sessions/types.js'
import { AuditSentence } from '../components/AuditSentence.js'
import { usePage } from '../components/page.js'
import { Clock } from '../components/Time.js'
import { countText, dayText, endText } from '../words.js'
import { SessionLife } from './sessionLife.js'
import { sessionsPath } from './sessionsQuery.js'

export function TimelineSection({ session, events }: { session: SessionDetail; events: AuditEvent[] }) {
  const { now, look } = usePage()
  const entries = timeline(session, events)
  return (
    <section>
      <div class="sheet-section-head">
        <h2>Timeline</h2>
      </div>
      <SessionLife session={session} />
      <ol class="timeline">
        {entries.map((entry, i) => {
          const day = dayText(entry.at, now, look.zone)
          const before = entries[i - 1]
          return (
            <>
              {(!before || dayText(before.at, now, look.zone) !== day) && <li class="day">{day}</li>}
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

/** To every session that was seen from there. */
function AddressLink({ ip }: { ip: string }) {
  return (
    <a class="mono" href={sessionsPath({ ip, state: 'all' })}>
      {ip}
    </a>
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
          <AddressLink ip={move.ip} /> · {placeText(move.place)}
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
          {session.ip ? <AddressLink ip={session.ip} /> : 'No address'} · {placeText(session.place)}
        </>
      ),
    },
    ...moves,
    ...more,
    { at: session.lastSeenAt, what: 'Last seen', aside: countText(session.requests, 'request') },
  ]
  if (session.end)
    entries.push({
      at: session.end.at,
      tone: 'red',
      what: endText(session.end, session.app, undefined),
      aside: session.end.note,
    })
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime())
}
