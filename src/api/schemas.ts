import { z } from '@hono/zod-openapi'
import { validate } from 'uuid'
import type { SessionId } from '../db/ids.js'
import { canonicalAddress, canonicalNetwork } from '../devices/address.js'
import { inTimeRange, OUT_OF_TIME_RANGE } from '../http/times.js'

/** Text of one to `longest` characters, trimmed. */
export const text = (longest: number) =>
  z.string().trim().min(1, 'must not be empty').max(longest, `must have at most ${longest} characters`)

const EXAMPLE_ID = '0199c3a0-5a5e-7c4b-9d3e-2f1a6b7c8d9e'

/** An id in a body or a query: what is none is an error. */
export const id = <T extends string>(otherwise = 'must be an id (a UUID)') =>
  z
    .string()
    .refine((given) => validate(given), otherwise)
    .transform((given) => given.toLowerCase() as T)
    .openapi({ type: 'string', format: 'uuid', example: EXAMPLE_ID })

/** One of many that are answered together: what is none names nothing, and must not keep the others from their answer. */
export const idOfMany = z
  .string()
  .transform((given) => (validate(given) ? given.toLowerCase() : given))
  .openapi({ type: 'string', format: 'uuid', example: EXAMPLE_ID })

export const namesSession = <T extends { id: string }>(item: T): item is T & { id: SessionId } => validate(item.id)

/** An id in a path: what is none names nothing, so it answers 404 like any other that is not there. */
export const pathId = <T extends string>() => z.object({ id: id<T>().openapi({ param: { name: 'id', in: 'path' } }) })

/** A time that comes in: RFC 3339, in UTC (S-56). */
export const timeIn = z.iso
  .datetime('must be a time in UTC such as 2026-01-31T12:00:00Z')
  .transform((given) => new Date(given))
  .refine(inTimeRange, OUT_OF_TIME_RANGE)
  .openapi({ type: 'string', format: 'date-time', example: '2026-01-31T12:00:00Z' })

/** A time that goes out. */
export const time = z.string().openapi({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })

export const address = z
  .string()
  .transform((given, context) => {
    const ip = canonicalAddress(given)
    if (ip === null)
      context.addIssue({ code: 'custom', message: 'must be an IP address such as 203.0.113.7 or 2001:db8::1' })
    return ip ?? ''
  })
  .openapi({ type: 'string', example: '203.0.113.7' })

export const addressOrNetwork = z
  .string()
  .transform((given, context) => {
    const ip = canonicalAddress(given)
    if (ip !== null) return ip
    const read = canonicalNetwork(given)
    if ('network' in read) return read.network
    context.addIssue({ code: 'custom', message: read.error })
    return ''
  })
  .openapi({ type: 'string', description: 'An address, or a network in CIDR', example: '203.0.113.0/24' })

/** In a query, `name=` is the same as nothing. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((given) => (given === '' ? undefined : given), schema.optional())

export const paging = {
  after: optional(z.string().max(2_000)).openapi({ type: 'string', description: '`next` of the page before' }),
  before: optional(z.string().max(2_000)).openapi({ type: 'string', description: '`previous` of the page after' }),
  limit: optional(
    z
      .string()
      .regex(/^\d{1,3}$/, 'must be a whole number from 1 to 200')
      .transform(Number)
      .refine((limit) => limit >= 1 && limit <= 200, 'must be a whole number from 1 to 200'),
  ).openapi({ type: 'integer', minimum: 1, maximum: 200, default: 50 }),
}

/** One direction at a time. */
export const oneWay = ({ after, before }: { after?: unknown; before?: unknown }) =>
  after === undefined || before === undefined
export const ONE_WAY = { path: ['before'], message: 'can’t be given together with after' }

export const NoQuery = z.strictObject({})
export const Reason = z.strictObject({
  reason: optional(text(500)).openapi({ type: 'string', description: 'For the audit log' }),
})

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().openapi({ description: 'Give it as `after` for the next page; null at the end' }),
    previous: z
      .string()
      .nullable()
      .openapi({ description: 'Give it as `before` for the page before; null at the start' }),
  })

export const Problem = z
  .object({
    type: z.string().openapi({ format: 'uri', description: 'Where this problem is explained' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem', { description: 'RFC 9457' })
