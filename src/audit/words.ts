import { MOST_COUNTED } from '../sessions/types.js'

const FIELDS: Record<string, string> = {
  email: 'e-mail address',
  name: 'name',
  idleTimeout: 'idle timeout of people',
  absoluteTimeout: 'longest session of people',
  adminIdleTimeout: 'idle timeout of admins',
  adminAbsoluteTimeout: 'longest session of admins',
  sessionLimit: 'session limit',
  contact: 'contact for blocked people',
  auditDays: 'days that the audit log is kept',
  sessionDays: 'days that ended sessions are kept',
  maskForViewers: 'masking of addresses and names for viewers',
  requestsPerMinute: 'requests a minute',
  icon: 'icon',
  onUnavailable: 'answer while Rollcall can’t be asked',
}

/** What the tables of changes call a field. */
export const fieldText = (field: string): string => (Object.hasOwn(FIELDS, field) ? (FIELDS[field] ?? field) : field)

/** What it means that a field is empty. */
const NOTHING: Record<string, string | undefined> = {
  until: 'until lifted',
  auditDays: 'for good',
  sessionDays: 'for good',
  idleTimeout: 'that of the settings',
  absoluteTimeout: 'that of the settings',
  sessionLimit: 'that of the settings',
  requestsPerMinute: 'as the server says',
}

/** A value of `before` or `after`, for people. */
export function valueText(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return NOTHING[field] ?? 'none'
  if (/timeout$/i.test(field) && typeof value === 'number') return duration(value)
  if (/^(until|expiresAt)$/.test(field) && typeof value === 'string') return momentText(value)
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return value.toLocaleString('en-GB')
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const UNITS = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

function duration(seconds: number): string {
  const [size, unit] = UNITS.find(([size]) => seconds % size === 0) ?? UNITS[3]
  const n = seconds / size
  return `${n.toLocaleString('en-GB')} ${unit}${n === 1 ? '' : 's'}`
}

/** "25 Nov, 12:02 UTC"; with its year where that is another one. */
export function momentText(iso: string, beside?: Date): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const year = at.getUTCFullYear() === beside?.getUTCFullYear() ? {} : { year: 'numeric' as const }
  const date = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year, timeZone: 'UTC' })
  return `${date}, ${at.toISOString().slice(11, 16)} UTC`
}

const CAUSES: Record<string, string> = {
  'wrong-password': 'wrong password',
  'unknown-account': 'no such account',
  blocked: 'the account is blocked',
  'network-blocked': 'the network is blocked',
  'app-disabled': 'the app is disabled',
  limited: 'too many attempts',
  'role-too-low': 'the app wants a higher role',
  'not-disabled': 'the app is not disabled',
  'new-password-required': 'a new password is required first',
  'no-password': 'the account has no password here',
  self: 'nobody does that to themselves',
  'last-owner': 'it is the last owner who can sign in',
  'not-allowed': 'the role does not allow it',
  'owner-inside': 'an owner is signed in from there',
  'own-address': 'it holds their own address',
  'too-wide': 'only an owner blocks so wide a network',
  'too-many-notes': 'there are as many notes about it as there may be',
  'no-reason': 'no reason was given',
  'built-in-app': 'it is Rollcall itself',
  'until-past': 'its end lay in the past',
  'until-far': 'its end lay too far ahead',
}

/** Why something was refused, by the code in the event's details. */
export const causeText = (cause: string): string => (Object.hasOwn(CAUSES, cause) ? (CAUSES[cause] ?? cause) : cause)

/** "1 event", "1,214 events" */
export const countText = (n: number, one: string): string => `${n.toLocaleString('en-GB')} ${one}${n === 1 ? '' : 's'}`

const FORMATS: Record<string, string> = { csv: 'CSV', jsonl: 'JSON Lines', ocsf: 'OCSF' }

/** What a format of an export is called. */
export const formatText = (format: string): string =>
  Object.hasOwn(FORMATS, format) ? (FORMATS[format] ?? format) : format

/** "1 session", "1,214 sessions", "10,000 or more sessions": more are not counted */
export const sessionsText = (n: number): string =>
  `${n.toLocaleString('en-GB')}${n === MOST_COUNTED ? ' or more' : ''} session${n === 1 ? '' : 's'}`
