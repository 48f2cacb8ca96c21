import type { Child } from 'hono/jsx'
import type { Seal } from '../../src/audit/seal.js'
import { detectedSeverity, resultText } from '../../src/audit/sentence.js'
import type { AuditEvent } from '../../src/audit/types.js'
import { fieldText, valueText } from '../../src/audit/words.js'
import { wallClock } from '../../src/http/zones.js'
import { AuditSentence, auditIcon } from '../components/AuditSentence.js'
import { Badge } from '../components/Badge.js'
import { CopyLine, Facts } from '../components/Facts.js'
import { Flag, Icon, IconTile } from '../components/Icon.js'
import { usePage } from '../components/page.js'
import { Clock } from '../components/Time.js'
import { besideText, dayText, numberText } from '../words.js'

interface AuditDaysProps {
  events: AuditEvent[]
  open?: boolean
  /** Where a line tells of its seal: of those that have one. */
  seals?: ReadonlyMap<string, Seal>
}

/** Events by day, one line each; the rest of it opens below, without script too. */
export function AuditDays({ events, open, seals }: AuditDaysProps) {
  const { now, look } = usePage()
  return (
    <div class="table-card audit-log">
      {byDay(events, look.zone).map(({ at, events }, i) => (
        <section aria-label={dayText(at, now, look.zone)}>
          <h2 class="audit-day">
            <span>{dayText(at, now, look.zone)}</span>
            {i === 0 && (
              <span class="audit-result-head" aria-hidden="true">
                Result
              </span>
            )}
          </h2>
          {events.map((event) => (
            <AuditLine event={event} open={open} seals={seals} />
          ))}
        </section>
      ))}
    </div>
  )
}

type LineProps = { event: AuditEvent; open?: boolean | undefined; seals: AuditDaysProps['seals'] | undefined }

function AuditLine({ event, open, seals }: LineProps) {
  return (
    <details class="audit-event" id={`e-${event.id}`} open={open}>
      <summary>
        <Clock at={event.at} />
        <IconTile {...auditIcon(event)} size={22} />
        <AuditSentence event={event} />
        <span class="audit-result" data-result={event.result} data-severity={detectedSeverity(event)}>
          {resultText(event)}
        </span>
        <Icon name="chevron-down" size={14} />
      </summary>
      <AuditMore event={event} seals={seals} />
    </details>
  )
}

/** Before and after; by whom, from where, with what. */
function AuditMore({ event, seals }: LineProps) {
  return (
    <div class="audit-more">
      <Changes event={event} />
      <Facts
        facts={[
          ['By', <span class="wrap">{byText(event)}</span>],
          ['From', <From event={event} />],
          ['With', WITH[event.actor.kind]],
          ['When', <span class="mono">{event.at.toISOString()}</span>],
          ['Event', <CopyLine text={event.id} what="event id" />],
          ...(seals ? [['Seal', <SealText seal={seals.get(event.id)} />] satisfies [string, Child]] : []),
          [
            'Link',
            <a class="link" href={`/admin/audit/${event.id}`}>
              This event
            </a>,
          ],
        ]}
      />
    </div>
  )
}

function SealText({ seal }: { seal: Seal | undefined }) {
  if (!seal) return <span class="muted">Waits for its seal</span>
  const short = (hash: string) => `${hash.slice(0, 4)}…${hash.slice(-4)}`
  return (
    <span class="wrap">
      {numberText(seal.position)}, <span class="mono">{short(seal.hash)}</span> after{' '}
      <span class="mono">{short(seal.previous)}</span>{' '}
      <Badge tone="green" icon="link" inline>
        Chained
      </Badge>
    </span>
  )
}

const WITH = {
  account: 'Panel or own pages',
  key: 'API key',
  system: 'Rollcall itself',
  terminal: 'Server terminal',
  stranger: 'Sign-in page or one-time link',
}

function byText({ actor }: AuditEvent) {
  if (actor.kind === 'account' && actor.id) {
    return (
      <a class="link" href={`/admin/accounts/${actor.id}`}>
        {actor.name}
      </a>
    )
  }
  return actor.name
}

function From({ event: { ip, country, city } }: { event: AuditEvent }) {
  if (!ip) return <span class="muted">No address</span>
  const place = [city, country].filter(Boolean).join(', ')
  return (
    <span class="audit-from">
      {country && <Flag country={country} />}
      <CopyLine text={ip} what="address" />
      {place && <span class="wrap">{place}</span>}
    </span>
  )
}

/** What changed, field by field; else what else is known. */
function Changes({ event }: { event: AuditEvent }) {
  const { zone } = usePage().look
  const { before, after, ...more } = event.details
  const changed = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  const known = Object.entries(more).filter(([, value]) => value !== null && value !== undefined && value !== '')
  if (changed.length === 0 && known.length === 0) return <p class="muted">Nothing more is known of it.</p>
  return (
    <table class="changes">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">{changed.length > 0 ? 'Before' : 'Value'}</th>
          {changed.length > 0 && <th scope="col">After</th>}
        </tr>
      </thead>
      <tbody>
        {changed.map((field) => (
          <tr>
            <th scope="row">{fieldText(field)}</th>
            <td>
              <Value field={field} of={before} at={event.at} as="del" />
            </td>
            <td>
              <Value field={field} of={after} at={event.at} as="ins" />
            </td>
          </tr>
        ))}
        {known.map(([field, value]) => (
          <tr>
            <th scope="row">{Object.hasOwn(MORE, field) ? MORE[field] : fieldText(field)}</th>
            <td colspan={changed.length > 0 ? 2 : 1}>{inZone(field, value, event.at, zone)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface ValueProps {
  field: string
  of: Record<string, unknown> | undefined
  /** Of the event. */
  at: Date
  as: 'del' | 'ins'
}

function Value({ field, of, at, as: Mark }: ValueProps) {
  const { zone } = usePage().look
  const text = of && field in of ? inZone(field, of[field], at, zone) : 'none'
  return text === 'none' ? <span class="muted">none</span> : <Mark>{text}</Mark>
}

/** Times in the reader's zone, as everywhere else on the page. */
function inZone(field: string, value: unknown, beside: Date, zone: string): string {
  const at = /^(until|expiresAt)$/.test(field) && typeof value === 'string' ? new Date(value) : undefined
  return at && !Number.isNaN(at.getTime()) ? besideText(at, beside, zone) : valueText(field, value)
}

const MORE: Record<string, string> = {
  ended: 'sessions ended',
  has: 'has',
  needed: 'needs',
  why: 'why not',
  rows: 'lines',
  until: 'up to',
  hash: 'hash of its last seal',
  ip: 'address',
  noteId: 'note',
  serverIp: 'address of the app’s server',
}

function byDay(events: AuditEvent[], zone: string): { at: Date; events: AuditEvent[] }[] {
  const days: { at: Date; events: AuditEvent[] }[] = []
  for (const event of events) {
    const last = days.at(-1)
    if (last && dayOf(last.at, zone) === dayOf(event.at, zone)) last.events.push(event)
    else days.push({ at: event.at, events: [event] })
  }
  return days
}

const dayOf = (at: Date, zone: string) => wallClock(at, zone).toISOString().slice(0, 10)
