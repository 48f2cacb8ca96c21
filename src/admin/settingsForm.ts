import { z } from 'zod'
import { LEAST_DAYS, type SettingsChanges } from '../accounts/settings.js'
import type { Settings } from '../accounts/types.js'
import type { Config } from '../config.js'

export const TIMEOUTS = ['idleTimeout', 'absoluteTimeout', 'adminIdleTimeout', 'adminAbsoluteTimeout'] as const
export type Timeout = (typeof TIMEOUTS)[number]

/** What is safe, in seconds; above it is said what the risk is (S-06). */
export const RECOMMENDED: Record<Timeout, number> = {
  idleTimeout: 24 * 3_600,
  absoluteTimeout: 30 * 86_400,
  adminIdleTimeout: 15 * 60,
  adminAbsoluteTimeout: 8 * 3_600,
}

export const UNITS = { minutes: 60, hours: 3_600, days: 86_400 } as const
export type Unit = keyof typeof UNITS

export const number = z.string().max(20).optional()
export const unit = z.enum(['minutes', 'hours', 'days'], 'must be minutes, hours or days').optional()

export const PolicyForm = z.strictObject({
  idleTimeout: number,
  idleTimeoutUnit: unit,
  absoluteTimeout: number,
  absoluteTimeoutUnit: unit,
  adminIdleTimeout: number,
  adminIdleTimeoutUnit: unit,
  adminAbsoluteTimeout: number,
  adminAbsoluteTimeoutUnit: unit,
  sessionLimit: number,
  contact: z.string().max(1_000).optional(),
  auditDays: number,
  sessionDays: number,
  maskForViewers: z.enum(['on', 'off'], 'must be on or off').optional(),
  accept_risk: z.literal('on').optional(),
  /** What the form showed, so that what a colleague changed meanwhile is not put back. */
  shown: z.string().max(4_000).optional(),
})
export type PolicyValues = z.infer<typeof PolicyForm>
export type PolicyErrors = Partial<Record<keyof Settings | 'accept_risk' | 'form', string>>

/** Which environment variable decides a timeout, where one does: the panel can't change it then. */
export function fixedBy({ idleTimeout, absoluteTimeout }: Config): Partial<Record<Timeout, string>> {
  return {
    ...(idleTimeout === undefined ? {} : { idleTimeout: 'ROLLCALL_IDLE_TIMEOUT' }),
    ...(absoluteTimeout === undefined ? {} : { absoluteTimeout: 'ROLLCALL_ABSOLUTE_TIMEOUT' }),
  }
}

/** The largest unit in which a time is a whole number, for the form. */
export function inUnits(seconds: number): { n: number; unit: Unit } {
  if (seconds % UNITS.days === 0) return { n: seconds / UNITS.days, unit: 'days' }
  if (seconds % UNITS.hours === 0) return { n: seconds / UNITS.hours, unit: 'hours' }
  return { n: Math.max(1, Math.round(seconds / UNITS.minutes)), unit: 'minutes' }
}

/** What the settings say now, as the form's fields. */
export function valuesOf(settings: Settings): PolicyValues {
  const times = TIMEOUTS.flatMap((name) => {
    const { n, unit } = inUnits(settings[name])
    return [
      [name, String(n)],
      [`${name}Unit`, unit],
    ]
  })
  return {
    ...Object.fromEntries(times),
    sessionLimit: String(settings.sessionLimit),
    contact: settings.contact,
    auditDays: daysText(settings.auditDays),
    sessionDays: daysText(settings.sessionDays),
    maskForViewers: settings.maskForViewers ? 'on' : 'off',
  }
}

/** The fields as they are shown, in one field of the form. */
export const shownAs = (values: object): string =>
  new URLSearchParams(
    Object.entries(values).map(([name, value]): [string, string] => [name, String(value ?? '')]),
  ).toString()

/** Without what is still as the form showed it. */
export function touched<Values extends { shown?: string | undefined }>({
  shown = '',
  ...values
}: Values): Partial<Values> {
  const before = new URLSearchParams(shown)
  const typed = new Map(Object.entries(values))
  // Browsers send the lines of a text area with both characters.
  const isSame = (name: string) =>
    before.has(name) && String(typed.get(name) ?? before.get(name)).replaceAll('\r\n', '\n') === before.get(name)
  // A number and its unit are one value.
  const fields = [...typed].filter(([name]) => {
    const field = name.replace(/Unit$/, '')
    return !(isSame(field) && (isSame(`${field}Unit`) || !before.has(`${field}Unit`)))
  })
  return Object.fromEntries(fields) as Partial<Values>
}

/**
 * Reads the posted form.
 *
 * @returns `errors` beside the fields; `risks` where something is raised above what is safe, or kept for a shorter time
 * than at present and so deleted for good, and nobody said yes to it
 */
export function readPolicy(
  values: PolicyValues,
  present: Settings,
  fixed: Partial<Record<Timeout, string>>,
): { changes: SettingsChanges } | { errors: PolicyErrors; risks: PolicyRisk[] } {
  const errors: PolicyErrors = {}
  const changes: SettingsChanges = {}
  for (const name of TIMEOUTS) {
    const typed = values[name]
    if (typed === undefined) continue
    const seconds = readWhole(typed) * UNITS[values[`${name}Unit`] ?? 'minutes']
    if (Number.isNaN(seconds)) errors[name] = 'Write a whole number, such as 15.'
    else if (fixed[name] && seconds !== present[name]) errors[name] = `${fixed[name]} in the environment decides this.`
    else if (!fixed[name]) changes[name] = seconds
  }
  if (values.sessionLimit !== undefined) {
    const limit = readWhole(values.sessionLimit)
    if (Number.isNaN(limit)) errors.sessionLimit = 'Write a whole number, such as 100.'
    else changes.sessionLimit = limit
  }
  if (values.contact !== undefined) changes.contact = values.contact
  if (values.maskForViewers !== undefined) changes.maskForViewers = values.maskForViewers === 'on'
  for (const name of KEPT) {
    const typed = values[name]
    if (typed === undefined) continue
    const days = typed.trim() === '' ? null : readWhole(typed)
    if (Number.isNaN(days)) errors[name] = 'Write a whole number, such as 400, or nothing.'
    else changes[name] = days
  }
  const risks: PolicyRisk[] = [
    ...TIMEOUTS.filter((name) => (changes[name] ?? 0) > Math.max(RECOMMENDED[name], present[name])),
    ...KEPT.filter((name) => isShorter(changes[name], present[name], LEAST_DAYS[name])),
  ]
  if (risks.length > 0 && values.accept_risk !== 'on') errors.accept_risk = 'Tick this to go on.'
  return Object.keys(errors).length > 0 ? { errors, risks } : { changes }
}

/** Fewer days than at present; what is fewer than there may be is refused, and deletes nothing. */
const isShorter = (days: number | null | undefined, present: number | null, least: number) =>
  typeof days === 'number' && days >= least && days < (present ?? Number.POSITIVE_INFINITY)

/** How long things are kept, in days. */
const KEPT = ['auditDays', 'sessionDays'] as const
/** What is asked about before it is done. */
export type PolicyRisk = Timeout | (typeof KEPT)[number]

const daysText = (days: number | null): string => (days === null ? '' : String(days))

/** @returns NaN for what is none */
export const readWhole = (typed: string) => (/^\d{1,7}$/.test(typed.trim()) ? Number(typed.trim()) : Number.NaN)

/** The same where nothing is an answer: null, for what holds elsewhere. */
export const orNothing = (typed: string | undefined, each: number) =>
  typed === undefined || typed.trim() === '' ? null : readWhole(typed) * each
