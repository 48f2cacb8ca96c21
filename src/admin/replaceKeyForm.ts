import { z } from 'zod'
import type { KeyReplaced } from '../accounts/apps/replaceKey.js'
import { isZone, readMoment } from '../http/zones.js'
import { readRate } from './keyRateForm.js'
import { number } from './settingsForm.js'

/** How long the old key goes on, in days. */
const OVERLAPS = { '1d': 1, '7d': 7, '30d': 30 } as const
const DAY = 86_400_000

export const ReplaceForm = z.strictObject({
  old: z.enum(['now', '1d', '7d', '30d', 'date', 'revoked'], 'must be one of those'),
  date: z.string().max(40).optional(),
  /** In which the date was asked for. */
  zone: z.string().refine(isZone, 'must be the name of a time zone').optional(),
  rate: number,
})
export type ReplaceValues = Partial<z.infer<typeof ReplaceForm>>
export type ReplaceErrors = Partial<Record<'old' | 'date' | 'rate' | 'form', string>>

/** @returns until when the old key works and how often the new one may ask, as `replaceKey` takes it; or what is wrong */
export function readReplacement(
  values: z.infer<typeof ReplaceForm>,
  now: Date,
): { until: Date | 'now' | null; rate: number | null | undefined } | { errors: ReplaceErrors } {
  const [overlap, rate] = [readOverlap(values, now), readRate(values.rate)]
  if (!('errors' in overlap || 'errors' in rate)) return { ...overlap, ...rate }
  return { errors: { ...('errors' in overlap && overlap.errors), ...('errors' in rate && rate.errors) } }
}

function readOverlap(
  { old, date = '', zone = 'UTC' }: z.infer<typeof ReplaceForm>,
  now: Date,
): { until: Date | 'now' | null } | { errors: ReplaceErrors } {
  if (old === 'now') return { until: 'now' }
  if (old === 'revoked') return { until: null }
  if (old !== 'date') return { until: new Date(now.getTime() + OVERLAPS[old] * DAY) }
  const until = readMoment(date, zone)
  return until ? { until } : { errors: { date: 'Choose a day and a time.' } }
}

export function replaceProblem(why: Extract<KeyReplaced, { status: 'refused' }>['why']): ReplaceErrors {
  switch (why) {
    case 'expiry-past':
      return { date: 'This lies in the past. Choose a later time.' }
    case 'until-late':
      return { date: 'At most 90 days from now: two keys that work are twice as many to lose.' }
    default:
      return { form: 'This key does not work any more: make a new one.' }
  }
}
