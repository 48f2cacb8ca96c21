import { z } from 'zod'
import type { App } from '../accounts/apps/apps.js'
import type { AppTerms } from '../accounts/apps/appTerms.js'
import { ROLES } from '../accounts/types.js'
import { inUnits, number, orNothing, RECOMMENDED, UNITS, unit } from './settingsForm.js'

export const APP_TIMEOUTS = ['idleTimeout', 'absoluteTimeout'] as const
export type AppTimeout = (typeof APP_TIMEOUTS)[number]
/** What is less safe than it was. */
export type AppRisk = AppTimeout | 'onUnavailable'

export const AppPolicyForm = z.strictObject({
  idleTimeout: number,
  idleTimeoutUnit: unit,
  absoluteTimeout: number,
  absoluteTimeoutUnit: unit,
  sessionLimit: number,
  role: z.enum(ROLES, 'must be one of the roles'),
  onUnavailable: z.enum(['deny', 'allow-cached'], 'must be one of those'),
  accept_risk: z.literal('on').optional(),
  /** What the form showed, so that what a colleague changed meanwhile is not put back. */
  shown: z.string().max(1_000).optional(),
})
export type AppPolicyValues = z.infer<typeof AppPolicyForm>
export type AppPolicyErrors = Partial<Record<keyof AppTerms | 'accept_risk', string>>

/** What holds now, as the form's fields: empty where the settings decide. */
export function policyValues(app: App): AppPolicyValues {
  const idle = app.idleTimeout === null ? undefined : inUnits(app.idleTimeout)
  const absolute = app.absoluteTimeout === null ? undefined : inUnits(app.absoluteTimeout)
  return {
    idleTimeout: idle && String(idle.n),
    idleTimeoutUnit: idle?.unit ?? 'hours',
    absoluteTimeout: absolute && String(absolute.n),
    absoluteTimeoutUnit: absolute?.unit ?? 'days',
    sessionLimit: app.sessionLimit === null ? undefined : String(app.sessionLimit),
    role: app.role,
    onUnavailable: app.onUnavailable,
  }
}

/**
 * Reads the posted form.
 *
 * @returns `errors` beside the fields; `risks` where something is less safe than it was and nobody said yes to it
 */
export function readAppPolicy(
  values: Partial<AppPolicyValues>,
  app: App,
): { terms: AppTerms } | { errors: AppPolicyErrors; risks: AppRisk[] } {
  const errors: AppPolicyErrors = {}
  const terms: AppTerms = { role: values.role, onUnavailable: values.onUnavailable }
  for (const name of APP_TIMEOUTS) {
    if (values[name] === undefined) continue
    const seconds = orNothing(values[name], UNITS[values[`${name}Unit`] ?? 'minutes'])
    if (Number.isNaN(seconds)) errors[name] = 'Write a whole number, such as 15, or nothing.'
    else terms[name] = seconds
  }
  if (values.sessionLimit !== undefined) {
    const limit = orNothing(values.sessionLimit, 1)
    if (Number.isNaN(limit)) errors.sessionLimit = 'Write a whole number, such as 5, or nothing.'
    else terms.sessionLimit = limit
  }
  const risks: AppRisk[] = [
    ...APP_TIMEOUTS.filter((name) => (terms[name] ?? 0) > Math.max(RECOMMENDED[name], app[name] ?? 0)),
    ...(values.onUnavailable === 'allow-cached' && app.onUnavailable === 'deny' ? ['onUnavailable' as const] : []),
  ]
  if (risks.length > 0 && values.accept_risk !== 'on') errors.accept_risk = 'Tick this to go on.'
  return Object.keys(errors).length > 0 ? { errors, risks } : { terms }
}
