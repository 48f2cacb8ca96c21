import type { AuditEvent } from './types.js'
import { causeText, countText, fieldText, formatText, momentText, sessionsText, valueText } from './words.js'

/** A piece of a sentence; templates draw it, exports join it. What came from outside is in `text`, to be escaped. */
export interface SentencePart {
  text: string
  /** A name. */
  strong?: true
  /** An address, a network, a path. */
  mono?: true
  /** The reason. */
  muted?: true
  /** A time that `text` says in UTC: templates say it in the reader's zone. */
  at?: Date
  /** Left out of brief sentences: the device, the address, what ended. */
  extra?: true
}

/**
 * One event as a sentence: who did what to whom, from where, why.
 *
 * @example "Ada Byrne signed out Priya Raman's session on Chrome 142, Windows from 203.0.113.7 - reason: compromised"
 */
export function auditSentence(event: AuditEvent, { you, brief = false }: Telling = {}): SentencePart[] {
  const mine = you !== undefined && event.actor.id === you
  // A newer version may have written an action that this one does not know: it is named, and the page stands.
  const verb = Object.hasOwn(VERBS, event.action) ? VERBS[event.action] : unknownVerb
  const parts = [subject(event, mine, brief), ...verb(event, mine ? 'your' : 'their'), ...why(event, brief)]
  return parts.filter((part) => part.text !== '' && !(brief && part.extra))
}

export interface Telling {
  /** The reader's account: their own acts are told to "You". */
  you?: string | undefined
  /** Where room is short. */
  brief?: boolean | undefined
}

export const sentenceText = (parts: SentencePart[]): string => parts.map((part) => part.text).join('')

/** Whoever tries to sign in has proved nothing: the typed address is told as what they tried, not as who they are. */
function subject({ action, actor }: AuditEvent, mine: boolean, brief: boolean): SentencePart {
  if (mine) return name('You')
  if ((action === 'sign-in.refused' || action === 'detection.opened') && actor.kind === 'stranger')
    return name('Somebody')
  return name(brief && actor.kind === 'account' ? (actor.name.split(/\s/, 1)[0] ?? actor.name) : actor.name)
}

const VERBS: Record<AuditEvent['action'], (event: AuditEvent, own: 'your' | 'their') => SentencePart[]> = {
  'session.started': (e) =>
    isOwn(e)
      ? [plain(` signed in${inApp(e)}`), on(e.target?.name), ...from(e)]
      : [plain(' signed in '), name(accountOf(e)), plain(inApp(e)), on(e.target?.name), ...from(e)],
  'session.ended': (e) => [
    plain(word(e, 'why') === 'replaced' ? ' signed in anew, instead of the session' : ' signed out'),
    plain(inApp(e, word(e, 'why') === 'replaced' ? 'in' : 'of')),
    on(word(e, 'device')),
    ...from(e, word(e, 'ip')),
  ],
  'session.revoked': (e) => [
    ...tried(e, ' signed out ', ' tried to sign out '),
    name(accountOf(e)),
    plain('’s session'),
    on(word(e, 'device')),
    ...from(e, word(e, 'ip')),
  ],
  'sessions.revoked': (e) => [
    ...tried(e, ` signed out ${ended(e)}: `, ' tried to sign out all of '),
    target(e),
    plain(leftAlone(e)),
  ],
  'job.paused': (e) => [plain(' paused the marking of the sign-out of '), target(e)],
  'job.resumed': (e) => [plain(' resumed the marking of the sign-out of '), target(e)],
  'account.sessions-revoked': (e, own) =>
    isOwn(e)
      ? [plain(` signed out ${ended(e)} of ${own} own`)]
      : [...tried(e, ` signed out ${ended(e)} of `, ' tried to sign out all sessions of '), target(e)],
  'account.created': (e) => [
    ...tried(e, ' made the account ', ' tried to make the account '),
    target(e),
    role(e, ' as '),
  ],
  'account.invited': (e) =>
    e.details['again'] === true
      ? [...tried(e, ' made a new link for ', ' tried to make a new link for '), target(e)]
      : [...tried(e, ' invited ', ' tried to invite '), target(e), role(e, ' as ')],
  'account.updated': (e, own) => [
    ...tried(e, ' changed ', ' tried to change '),
    plain(`the ${fields(e)} of `),
    isOwn(e) ? plain(`${own} own account`) : target(e),
  ],
  'account.role-changed': (e) => [
    ...tried(e, ' changed the role of ', ' tried to change the role of '),
    target(e),
    role(e, ' from ', 'before'),
    role(e, ' to '),
    ending(e),
  ],
  'account.blocked': (e) => [...tried(e, ' blocked ', ' tried to block '), target(e), ...until(e), ending(e)],
  'account.block-lifted': (e) => [...tried(e, ' lifted the block on ', ' tried to lift the block on '), target(e)],
  'account.password-changed': (e, own) => [
    ...(e.details['how'] === 'invitation' || e.details['how'] === 'setup'
      ? [plain(' chose a password with a one-time link')]
      : e.details['how'] === 'required'
        ? [plain(' chose the new password that was required')]
        : isOwn(e)
          ? tried(e, ` changed ${own} password`, ` tried to change ${own} password`)
          : [...tried(e, ' set the password of ', ' tried to set the password of '), target(e)]),
    ending(e),
  ],
  'account.password-required': (e) => [
    ...tried(e, ' required a new password of ', ' tried to require a new password of '),
    target(e),
    ending(e),
  ],
  'account.note-added': (e) => [...tried(e, ' wrote a note about ', ' tried to write a note about '), target(e)],
  'account.note-removed': (e) => [...tried(e, ' removed a note about ', ' tried to remove a note about '), target(e)],
  'account.unlocked': (e) => [plain(' made a way back in as owner for '), target(e)],
  'network.blocked': (e) =>
    e.details['confirmed'] === true
      ? [plain(' confirmed the block on network '), target(e)]
      : [...tried(e, ' blocked network ', ' tried to block network '), target(e), ...until(e), ending(e)],
  'network.block-lifted': (e) => [
    ...tried(e, ' lifted the block on network ', ' tried to lift the block on network '),
    target(e),
  ],
  'detection.opened': detected,
  'sign-in.refused': (e) => [plain(' tried to sign in as '), name(e.target?.name ?? e.actor.name), ...from(e)],
  'setup.completed': (e) =>
    e.actor.kind === 'stranger'
      ? [plain(' set up Rollcall and became its first owner')]
      : [plain(' made '), target(e), plain(' the first owner, as the configuration says')],
  'key.created': (e) => [
    ...tried(e, ' made the API key ', ' tried to make the API key '),
    target(e),
    ...ofApp(e.details.after?.['app'], ' for '),
  ],
  'key.changed': (e) => [
    ...tried(e, ` changed the ${fields(e)} of the API key `, ' tried to change the API key '),
    target(e),
    ...ofApp(e.details['app'], ' of '),
  ],
  'key.replaced': (e) => [
    ...tried(e, ' made a key in the place of the API key ', ' tried to replace the API key '),
    target(e),
    ...ofApp(e.details['app'], ' of '),
    ...worksUntil(e),
  ],
  'key.revoked': (e) => [
    ...tried(e, ' revoked the API key ', ' tried to revoke the API key '),
    target(e),
    ...ofApp(e.details['app'], ' of '),
  ],
  'app.created': (e) => [...tried(e, ' added the app ', ' tried to add the app '), target(e)],
  'app.changed': appChanged,
  'app.disabled': (e) => [...tried(e, ' disabled the app ', ' tried to disable the app '), target(e), ending(e)],
  'app.enabled': (e) => [...tried(e, ' enabled the app ', ' tried to enable the app '), target(e)],
  'app.deleted': (e) => [...tried(e, ' deleted the app ', ' tried to delete the app '), target(e)],
  'host.added': (e) => [
    ...tried(e, ' protected the host ', ' tried to protect the host '),
    target(e),
    ...ofApp(e.details.after?.['app'], ' for '),
  ],
  'host.changed': (e) => [
    ...tried(e, ' changed how the host ', ' tried to change how the host '),
    target(e),
    plain(' is protected'),
  ],
  'host.removed': (e) => [
    ...tried(e, ' removed the protected host ', ' tried to remove the protected host '),
    target(e),
  ],
  'webhook.added': (e) => [...tried(e, ' added the webhook ', ' tried to add the webhook '), target(e)],
  'webhook.changed': (e) => [...tried(e, ' changed the webhook ', ' tried to change the webhook '), target(e)],
  'webhook.removed': (e) => [...tried(e, ' deleted the webhook ', ' tried to delete the webhook '), target(e)],
  'webhook.disabled': (e) => [
    ...tried(e, ' disabled the webhook ', ' tried to disable the webhook '),
    target(e),
    plain(disabledBecause(e)),
  ],
  'webhook.enabled': (e) => [...tried(e, ' enabled the webhook ', ' tried to enable the webhook '), target(e)],
  'webhook.secret-rotated': (e) => [
    ...tried(e, ' replaced the secret of the webhook ', ' tried to replace the secret of the webhook '),
    target(e),
  ],
  'webhook.replayed': (e) => [
    ...tried(e, ' sent deliveries once more to the webhook ', ' tried to send deliveries once more to the webhook '),
    target(e),
  ],
  'killswitch.used': (e) => [
    ...tried(e, ' used the kill switch on ', ' tried to use the kill switch on '),
    target(e),
    ending(e),
  ],
  'settings.changed': settingsChanged,
  'list.exported': (e) => [
    ...tried(e, ' exported ', ' broke off an export of '),
    plain(exported(e)),
    plain(word(e, 'format') ? ` as ${formatText(word(e, 'format') ?? '')}` : ''),
  ],
  'audit.removed': (e) => [
    plain(
      ` removed ${typeof e.details['events'] === 'number' ? countText(e.details['events'], 'event') : 'events'} of the audit log that were older than it is kept`,
    ),
  ],
  'view.shared': (e) => [...tried(e, ' shared the view ', ' tried to share the view '), target(e)],
  'view.withdrawn': (e) => [
    ...tried(e, ' took the shared view ', ' tried to take the shared view '),
    target(e),
    plain(' away'),
  ],
  'access.refused': (e) => [
    plain(e.details['method'] === 'GET' ? ' tried to open ' : ' tried to use '),
    { text: word(e, 'path') ?? 'something', mono: true },
    plain(need(e)),
  ],
}

const unknownVerb = (e: AuditEvent) => [plain(` did “${e.action}” to `), target(e)]

const plain = (text: string): SentencePart => ({ text })
const name = (text: string): SentencePart => ({ text, strong: true })
const tried = (event: AuditEvent, done: string, refused: string) => [plain(event.result === 'done' ? done : refused)]

const isOwn = ({ actor, accountId, target: of }: AuditEvent) =>
  actor.kind === 'account' && actor.id !== null && actor.id === (accountId ?? of?.id)

function target({ target: of }: AuditEvent): SentencePart {
  if (!of) return name('somebody')
  return MONO.includes(of.kind) ? { text: of.name, mono: true } : name(of.name)
}

const MONO = ['network', 'host', 'webhook']

/** Events about a session name its device as their target, and the person beside it. */
const accountOf = (event: AuditEvent) => word(event, 'account') ?? event.target?.name ?? 'somebody'

function word({ details }: AuditEvent, key: string): string | undefined {
  const value = details[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const extra = (text: string): SentencePart => ({ text, extra: true })

/** "on Chrome 142, Windows": the device's own "on" would make two. */
const on = (device: string | undefined) => extra(device ? ` on ${device.replace(' on ', ', ')}` : '')

function from({ ip }: AuditEvent, address = ip ?? undefined): SentencePart[] {
  return address ? [extra(' from '), { text: address, mono: true, extra: true }] : []
}

function inApp(event: AuditEvent, before = 'to'): string {
  const app = word(event, 'app')
  return app && app !== 'Rollcall' ? ` ${before} ${app}` : ''
}

const ofApp = (app: unknown, before: string) => (typeof app === 'string' ? [plain(before), name(app)] : [])

const ended = ({ details }: AuditEvent) =>
  typeof details['ended'] === 'number' ? sessionsText(details['ended']) : 'all sessions'

const ending = (event: AuditEvent) => extra(endedAtOnce(event, ', ending '))

/** `more`: of a large network the rest ends after the act. */
const endedAtOnce = ({ details }: AuditEvent, before = '', after = '') =>
  typeof details['ended'] === 'number' && details['ended'] > 0
    ? `${before}${sessionsText(details['ended'])}${details['more'] === true ? ' and more' : ''}${after}`
    : ''

function leftAlone({ details }: AuditEvent): string {
  const refused = details['refused']
  return typeof refused === 'number' && refused > 0 ? ` (left alone: ${sessionsText(refused)} of owners or admins)` : ''
}

function disabledBecause({ details }: AuditEvent): string {
  if (details['cause'] === 'failing') return ': it had failed for three days'
  return details['cause'] === 'gone' ? ': it answered that it is gone' : ''
}

function role({ details }: AuditEvent, before: string, side: 'before' | 'after' = 'after'): SentencePart {
  const value = details[side]?.['role']
  return plain(typeof value === 'string' ? `${before}${value}` : '')
}

function until({ at, details, result }: AuditEvent): SentencePart[] {
  const after = details.after
  if (result !== 'done' || !after || !('until' in after)) return []
  return typeof after['until'] === 'string' ? [plain(' until '), moment(after['until'], at)] : [plain(' until lifted')]
}

function moment(iso: string, beside: Date): SentencePart {
  const [text, at] = [momentText(iso, beside), new Date(iso)]
  return Number.isNaN(at.getTime()) ? plain(text) : { text, at }
}

/** What came of it, in a word or two: "3 sessions ended", "saved", "refused". */
export function resultText(event: AuditEvent): string {
  if (event.result !== 'done') return event.result
  const ended = endedAtOnce(event, '', ' ended')
  if (ended) return ended
  if (event.action === 'session.started') return 'accepted'
  if (event.action === 'list.exported') return 'exported'
  if (event.action === 'audit.removed') return 'removed'
  const severity = detectedSeverity(event)
  if (severity) return `severity ${severity}`
  return event.action === 'session.revoked' || event.action === 'session.ended' ? '1 session ended' : 'saved'
}

/** Undefined where it is no detection. */
export const detectedSeverity = (event: AuditEvent): string | undefined =>
  event.action === 'detection.opened' ? word(event, 'severity') : undefined

const fields = ({ details }: AuditEvent) =>
  Object.keys(details.after ?? {})
    .map(fieldText)
    .join(' and ') || 'details'

/** Of a key that another one takes the place of. */
function worksUntil({ at, details, result }: AuditEvent): SentencePart[] {
  if (result !== 'done') return []
  const until = details['until']
  return typeof until === 'string'
    ? [plain(', which works until '), moment(until, at)]
    : [plain(', which works until it is revoked')]
}

function detected(event: AuditEvent, own: 'your' | 'their'): SentencePart[] {
  switch (word(event, 'rule')) {
    case 'not-recognised':
      return [
        plain(` did not recognise a session of ${own} account`),
        plain(inApp(event, 'in')),
        on(word(event, 'device')),
        ...from(event, word(event, 'ip')),
      ]
    case 'guessing':
      return [plain(' is guessing the password of '), target(event), ...from(event)]
    case 'spraying':
      return event.target
        ? [plain(' is trying passwords on many accounts from '), target(event)]
        : [plain(' is trying passwords on many accounts, from many places')]
    default:
      return [plain(' does something suspicious: '), target(event)]
  }
}

function appChanged(event: AuditEvent): SentencePart[] {
  const { after = {} } = event.details
  const changed = Object.keys(after)
  if (event.result !== 'done') return [plain(' tried to change '), target(event)]
  if (changed.length === 1 && changed[0] === 'onUnavailable') {
    const does = after['onUnavailable'] === 'allow-cached' ? 'accept remembered' : 'refuse'
    return [plain(' set '), target(event), plain(` to ${does} sessions while Rollcall can’t be asked`)]
  }
  const what = listed(changed.map((field) => APP_FIELDS[field] ?? fieldText(field)))
  return [plain(` changed the ${what || 'policy'} of the app `), target(event), ending(event)]
}

const APP_FIELDS: Record<string, string | undefined> = {
  idleTimeout: 'idle timeout',
  absoluteTimeout: 'longest session',
  role: 'role that signs in',
}

function settingsChanged(event: AuditEvent): SentencePart[] {
  const { before = {}, after = {} } = event.details
  const changed = Object.keys(after)
  const [only] = changed
  if (event.result !== 'done') return [plain(' tried to change the settings')]
  if (only === undefined) return [plain(' changed the settings')]
  if (changed.length > 1) return [plain(` changed the ${listed(changed.map(fieldText))}`)]
  return [
    plain(` set the ${fieldText(only)} from ${valueText(only, before[only])} to `),
    plain(valueText(only, after[only])),
  ]
}

const listed = (words: string[]) => [words.slice(0, -1).join(', '), words.at(-1)].filter(Boolean).join(' and ')

/** "1,214 sessions", "the audit log, 12 lines": a list by its name, with how much of it. */
function exported({ details, target: of }: AuditEvent): string {
  const rows = typeof details['rows'] === 'number' ? countText(details['rows'], 'line') : undefined
  return [`the list ${of?.name ?? 'of something'}`, rows].filter(Boolean).join(', ')
}

function need({ details }: AuditEvent): string {
  if (typeof details['needed'] !== 'string') return ''
  return `, needs ${Array.isArray(details['has']) ? 'scope' : 'role'} ${details['needed']}`
}

/** Why it was refused, by Rollcall; then why it was done, by whoever did it. */
function why(event: AuditEvent, brief: boolean): SentencePart[] {
  const cause = event.result === 'done' ? undefined : word(event, 'why')
  const refused = cause ? [plain(`: ${causeText(cause)}`)] : []
  return event.reason ? [...refused, { text: `${brief ? ' · ' : ' - reason: '}${event.reason}`, muted: true }] : refused
}
