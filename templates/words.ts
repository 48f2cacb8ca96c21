import type { Role } from '../src/accounts/types.js'
import { BUILT_IN_APP } from '../src/db/ids.js'
import { offsetText, wallClock } from '../src/http/zones.js'
import type { Sharing } from '../src/sessions/lists/sharedAddress.js'
import type { Count, Session, SignInMethod } from '../src/sessions/types.js'

/* How things are said: pure, British, short. Times are in the viewer's zone, and say which where they are whole. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

// Made once: `toLocaleString` looks its locale up anew each time, which took half of the time of a page of a list.
const grouped = new Intl.NumberFormat('en-GB')
const dateFormat = (parts: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: 'UTC' })
const weekday = dateFormat({ weekday: 'short' })
const longWeekday = dateFormat({ weekday: 'long' })
const dayAndMonth = dateFormat({ day: 'numeric', month: 'short' })
const dayMonthYear = dateFormat({ day: 'numeric', month: 'short', year: 'numeric' })
const longDay = dateFormat({ day: 'numeric', month: 'long' })
const longDayYear = dateFormat({ day: 'numeric', month: 'long', year: 'numeric' })

/** "48,213" */
export const numberText = (n: number): string => grouped.format(n)

/** "48,213", "about 48,200", "over 2,000", "up to 48,213" */
export const amountText = ({ n, how }: Count): string =>
  how === 'exact' ? numberText(n) : `${how} ${numberText(how === 'about' ? roughly(n) : n)}`

/** Three digits that count: more would claim what an estimate does not know. */
function roughly(n: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, n))) - 2)
  return Math.round(n / unit) * unit
}

/** "48,213", "482k", "10.2M": where there is little room. */
export function shortNumberText(n: number): string {
  if (n < 100_000) return numberText(n)
  return n < 1_000_000 ? `${Math.round(n / 1_000)}k` : `${(n / 1_000_000).toFixed(n < 100_000_000 ? 1 : 0)}M`
}

/** "1 other account", "at least 300 other accounts" */
export const sharingText = ({ accounts, atLeast }: Sharing): string =>
  `${atLeast ? 'at least ' : ''}${countText(accounts, 'other account')}`

/** "1 session", "3 sessions" */
export const countText = (n: number, one: string, many = `${one}s`): string =>
  `${numberText(n)} ${n === 1 ? one : many}`

/** "now", "38 s ago", "4 min ago", "6 h ago", "Yesterday", "18 Nov", "18 Nov 2025"; "in 5 h 56 min" for what is to come. */
export function relativeText(at: Date, now: Date, zone = 'UTC'): string {
  const age = now.getTime() - at.getTime()
  // What was set to end in seven days is not said to end in six.
  if (age <= -DAY) return `in ${countText(Math.round(-age / DAY), 'day')}`
  if (age < -5_000) return `in ${spanText(-age)}`
  if (age < 5_000) return 'now'
  if (age < MINUTE) return `${Math.floor(age / 1000)} s ago`
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`
  const days = dayNumber(now, zone) - dayNumber(at, zone)
  if (days === 0 || age < 12 * HOUR) return `${Math.floor(age / HOUR)} h ago`
  if (days === 1) return 'Yesterday'
  return dateText(at, now, zone)
}

/** "18 Nov", with the year when it is another one. */
export function dateText(at: Date, now: Date, zone = 'UTC'): string {
  const [then, today] = [wallClock(at, zone), wallClock(now, zone)]
  return (then.getUTCFullYear() === today.getUTCFullYear() ? dayAndMonth : dayMonthYear).format(then)
}

/** "24 Nov" */
export const dayMonthText = (at: Date, zone = 'UTC'): string => dayAndMonth.format(wallClock(at, zone))

/** "Tue" */
export const weekdayText = (at: Date, zone = 'UTC'): string => weekday.format(wallClock(at, zone))

/** "Today, 24 November", "Yesterday, 23 November", "Friday, 20 November" */
export function dayText(at: Date, now: Date, zone = 'UTC'): string {
  const days = dayNumber(now, zone) - dayNumber(at, zone)
  const [then, today] = [wallClock(at, zone), wallClock(now, zone)]
  const date = (then.getUTCFullYear() === today.getUTCFullYear() ? longDay : longDayYear).format(then)
  const name = days === 0 ? 'Today' : days === 1 ? 'Yesterday' : longWeekday.format(then)
  return `${name}, ${date}`
}

/** "24 November 2026, 12:03:58 UTC" */
export function absoluteText(at: Date, zone = 'UTC'): string {
  const date = longDayYear.format(wallClock(at, zone))
  return `${date}, ${clockText(at, zone)} ${offsetText(at, zone)}`
}

/** "24 Nov 12:03 UTC": on paper nothing can be pointed at. */
export const paperText = (at: Date, now: Date, zone = 'UTC'): string =>
  `${dateText(at, now, zone)} ${clockText(at, zone).slice(0, 5)} ${offsetText(at, zone)}`

/** "25 Nov, 13:02 UTC+1": what the audit log says in UTC, with its year where that is another one than beside it. */
export const besideText = (at: Date, beside: Date, zone = 'UTC'): string =>
  `${dateText(at, beside, zone)}, ${clockText(at, zone).slice(0, 5)} ${offsetText(at, zone)}`

/** "Europe/Berlin (UTC+1)"; "UTC" */
export const zoneText = (zone: string, now: Date): string =>
  zone === 'UTC' ? zone : `${zone.replaceAll('_', ' ')} (${offsetText(now, zone)})`

/** "12:03:58" */
export const clockText = (at: Date, zone = 'UTC'): string => wallClock(at, zone).toISOString().slice(11, 19)

/** "today at 18:00", "tomorrow at 09:00", "1 Dec at 09:00": when something ends. */
export function momentText(at: Date, now: Date, zone = 'UTC'): string {
  const days = dayNumber(at, zone) - dayNumber(now, zone)
  const day = days === 0 ? 'today' : days === 1 ? 'tomorrow' : days === -1 ? 'yesterday' : dateText(at, now, zone)
  return `${day} at ${clockText(at, zone).slice(0, 5)}`
}

/** Milliseconds as the two largest units: "5 h 56 min", "3 days", "40 s" */
export function spanText(ms: number): string {
  if (ms < MINUTE) return `${Math.max(1, Math.round(ms / 1000))} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) {
    const minutes = Math.floor((ms % HOUR) / MINUTE)
    return `${Math.floor(ms / HOUR)} h${minutes ? ` ${minutes} min` : ''}`
  }
  return countText(Math.floor(ms / DAY), 'day')
}

/** Seconds as a setting says them: "15 minutes", "8 hours", "30 days" */
export function durationText(seconds: number): string {
  if (seconds % 86_400 === 0) return countText(seconds / 86_400, 'day')
  if (seconds % 3600 === 0) return countText(seconds / 3600, 'hour')
  if (seconds % 60 === 0) return countText(seconds / 60, 'minute')
  return countText(seconds, 'second')
}

/** "AT" for "Aiko Tanaka"; one letter for one word. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu) ?? []
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words
  return picked.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase('en-GB') ?? '').join('') || '?'
}

const METHODS: Record<string, string> = {
  password: 'Password',
  invitation: 'Invitation',
  setup: 'Set-up link',
  api: 'By the app',
  rollcall: 'Rollcall sign-in',
  sso: 'SSO',
  saml: 'SAML',
  oidc: 'OpenID Connect',
  oauth: 'OAuth',
  otp: 'One-time code',
}
export function methodText(method: SignInMethod): string {
  return METHODS[method] ?? `${method.slice(0, 1).toUpperCase()}${method.slice(1)}`
}

const DEVICE_TYPES: Record<string, string> = {
  desktop: 'Computer',
  mobile: 'Phone',
  tablet: 'Tablet',
  tv: 'Television',
  bot: 'Bot',
  script: 'Script',
}
export const deviceTypeText = (type: string): string => DEVICE_TYPES[type] ?? 'Unknown'

const ROLE_NAMES: Record<Role, string> = { person: 'Person', viewer: 'Viewer', responder: 'Responder', owner: 'Owner' }
export const roleText = (role: Role): string => ROLE_NAMES[role]

/** What ended a session, in the words of the list: "Signed out by you", "Signed out in Shop", "Idle for too long". */
export function endText(end: NonNullable<Session['end']>, app: Session['app'], you: string | undefined): string {
  const inApp = app.id === BUILT_IN_APP ? '' : ` in ${app.name}`
  const by = end.by ? ` by ${end.by.id !== null && end.by.id === you ? 'you' : end.by.name}` : ''
  switch (end.reason) {
    case 'signed-out':
      return `Signed out${inApp}`
    case 'signed-out-elsewhere':
      return 'Signed out from another device'
    case 'revoked':
      return `Signed out${by}`
    case 'blocked':
      return `Account blocked${by}`
    case 'network-blocked':
      return `Network blocked${by}`
    case 'password-changed':
      return 'Password changed'
    case 'password-required':
      return `New password required${by}`
    case 'role-changed':
      return `Role changed${by}`
    case 'kill-switch':
      return `Kill switch used${by}`
    case 'app-disabled':
      return `App disabled${by}`
    case 'replaced':
      return `Replaced by a newer sign-in${inApp}`
    case 'limit':
      return 'Too many sessions'
    case 'idle':
      return 'Idle for too long'
    case 'expired':
      return 'Reached its time limit'
  }
}

function dayNumber(at: Date, zone: string): number {
  return Math.floor(wallClock(at, zone).getTime() / DAY)
}
