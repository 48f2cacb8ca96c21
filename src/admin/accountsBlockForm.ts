import { z } from 'zod'
import { type BlockTerms, PICKED_REASONS } from '../accounts/blocks/blockTerms.js'
import { isZone, readMoment } from '../http/zones.js'

/** The fields of the block dialog, as posted: what was typed comes back with the messages. */
export const BlockForm = z.strictObject({
  reason: z.string().max(40).optional(),
  other: z.string().max(2_000).optional(),
  until: z.string().max(40).optional(),
  date: z.string().max(40).optional(),
  /** In which the date was asked for: the page says it beside the field. */
  zone: z.string().refine(isZone, 'must be the name of a time zone').optional(),
  message: z.string().max(4_000).optional(),
  network: z.string().max(64).optional(),
  also_network: z.literal('on').optional(),
  session: z.string().max(40).optional(),
  /** The block that was in force when it was asked, or `none`: what a colleague did meanwhile is not undone unseen. */
  replaces: z.string().max(40).optional(),
  return_to: z.string().max(2_000).optional(),
})
export type BlockValues = z.infer<typeof BlockForm>
export type BlockErrors = Partial<Record<'reason' | 'other' | 'until' | 'date' | 'message' | 'form', string>>

/** Quick picks, of accounts and of networks; `other` brings words of one's own. */
export const REASONS = [...PICKED_REASONS, 'other'] as const
export type Reason = (typeof REASONS)[number]
export const SPANS = ['1h', '24h', '7d', 'date', 'lifted'] as const
export type Span = (typeof SPANS)[number]

const HOUR = 3_600_000
const LONGEST_REASON = 500
const LONGEST_MESSAGE = 1_000

/** @param now the database's time: spans are counted from it */
export function readTermsForm(values: BlockValues, now: Date): { terms: BlockTerms } | { errors: BlockErrors } {
  const errors: BlockErrors = {}
  const reason = readReason(values, errors)
  const until = readUntil(values, now, errors)
  const message = values.message?.trim() || null
  if (message && message.length > LONGEST_MESSAGE) errors.message = `At most ${LONGEST_MESSAGE} characters.`
  return Object.keys(errors).length > 0 ? { errors } : { terms: { reason, until, message } }
}

function readReason({ reason = '', other = '' }: BlockValues, errors: BlockErrors): string {
  if (reason !== 'other') {
    if (!REASONS.some((known) => known === reason))
      errors.reason = 'Choose a reason: whoever looks at the block later will want to know.'
    return reason
  }
  const typed = other.trim()
  if (typed === '') errors.other = 'Write the reason in a few words.'
  if (typed.length > LONGEST_REASON) errors.other = `At most ${LONGEST_REASON} characters.`
  return typed
}

function readUntil(
  { until = 'lifted', date = '', zone = 'UTC' }: BlockValues,
  now: Date,
  errors: BlockErrors,
): Date | null {
  switch (until) {
    case 'lifted':
      return null
    case '1h':
      return new Date(now.getTime() + HOUR)
    case '24h':
      return new Date(now.getTime() + 24 * HOUR)
    case '7d':
      return new Date(now.getTime() + 7 * 24 * HOUR)
    case 'date': {
      const at = readMoment(date, zone)
      if (!at) {
        errors.date = 'Choose a day and a time.'
        return null
      }
      if (at <= now) errors.date = 'This lies in the past. Choose a later time.'
      return at
    }
    default:
      errors.until = 'Choose how long.'
      return null
  }
}
