import type { SignInMethod } from '../../src/sessions/types.js'
import { countText } from '../words.js'

/* The person's own pages speak in whole words: "12 minutes ago", not "12 min ago". */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** "just now", "12 minutes ago", "2 hours ago", "yesterday", "6 days ago", "on 12 October", "on 12 October 2025" */
export function agoText(at: Date, now: Date): string {
  const age = now.getTime() - at.getTime()
  if (age < MINUTE) return 'just now'
  if (age < HOUR) return `${countText(Math.floor(age / MINUTE), 'minute')} ago`
  const days = Math.floor(now.getTime() / DAY) - Math.floor(at.getTime() / DAY)
  if (days === 0 || age < 12 * HOUR) return `${countText(Math.floor(age / HOUR), 'hour')} ago`
  if (days === 1) return 'yesterday'
  if (days < 14) return `${days} days ago`
  const year = at.getUTCFullYear() === now.getUTCFullYear() ? {} : { year: 'numeric' as const }
  return `on ${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', ...year, timeZone: 'UTC' })}`
}

/** "8 seconds", "5 minutes" */
export function waitText(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  return seconds < 120 ? countText(seconds, 'second') : countText(Math.ceil(seconds / 60), 'minute')
}

/** "with a password" */
export function withMethod(method: SignInMethod): string {
  const known: Record<string, string> = {
    password: 'with a password',
    invitation: 'with an invitation',
    setup: 'with the set-up link',
    api: 'by the app',
  }
  return known[method] ?? `by ${method}`
}

export const PASSWORD_HINT = 'At least 12 characters. Three or four unrelated words are easy to remember.'
