import { z } from '@hono/zod-openapi'
import { parseSnapshot } from '../../follower/snapshot.js'
import { address, idOfMany, optional } from '../schemas.js'

/** Longer than any that is given (`positionOut`), as long as one in an address can be: of a node of before, it may be. */
const LONGEST_POSITION = 12_000
const MOST_ASKED = 500

export const position = z
  .string()
  .max(LONGEST_POSITION, `must have at most ${LONGEST_POSITION} characters`)
  .transform((given, context) => {
    const snapshot = parseSnapshot(given)
    if (!snapshot)
      context.addIssue({ code: 'custom', message: 'must be a position as /revocations gives it: pass it on unchanged' })
    return snapshot ?? z.NEVER
  })
  .openapi({
    type: 'string',
    description: '`position` of the last answer, unchanged',
    example: '7555000000000000001.00000001;1200:1200:',
  })

const count = optional(
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number),
).openapi({ type: 'integer', minimum: 0 })

const word = (longest: number) =>
  z
    .string()
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
    .max(longest, `must have at most ${longest} characters`)

/** What an app process reads after, and what it tells of itself: for the list of who follows, and for receipts. */
export const Following = z.strictObject({
  after: optional(position).openapi({
    type: 'string',
    description: '`position` of the last answer; left out by who begins with an empty memory',
  }),
  process: optional(word(64)).openapi({ type: 'string', description: 'Random, for the life of the process' }),
  name: optional(word(100)).openapi({ type: 'string', description: 'How receipts call the process' }),
  version: optional(word(50)).openapi({ type: 'string', description: 'Of the client' }),
  leaseMs: optional(
    z
      .string()
      .regex(/^\d{1,5}$/, 'must be a whole number of milliseconds, at most 60000')
      .transform(Number)
      .refine((ms) => ms >= 100 && ms <= 60_000, 'must be from 100 to 60000'),
  ).openapi({ type: 'integer', minimum: 100, maximum: 60_000, description: 'For how long it trusts its memory' }),
  hits: count,
  misses: count,
  onUnavailable: optional(z.enum(['deny', 'allow-cached'])),
})
export type Following = z.infer<typeof Following>

const age = z.number().openapi({
  description: 'Milliseconds since the node confirmed that it had read everything. Durations travel, no instants',
})

export const Revocations = z
  .object({
    position: z.string().openapi({ description: 'As of when; opaque. Give it as `after` next time' }),
    age,
    anew: z.boolean().openapi({
      description: 'Forget everything: the past is uncertain, or `after` is older than what the node holds',
    }),
    items: z
      .array(
        z.object({
          kind: z.enum(['session', 'account', 'app', 'everything', 'network', 'policy', 'key', 'stored']),
          target: z.string().openapi({ description: 'An id, a network, or what was changed' }),
        }),
      )
      .openapi({ description: 'What makes remembered verdicts stale' }),
    networks: z
      .array(
        z.object({
          network: z.string().openapi({ example: '203.0.113.0/24' }),
          ask: z.boolean().openapi({ description: 'Somebody in it may be spared: verify tells' }),
          endsInMs: z.number().nullable().openapi({ description: 'null: until it is lifted' }),
        }),
      )
      .optional()
      .openapi({ description: 'All refused networks; there when they may have changed' }),
  })
  .openapi('Revocations')

export const AskOver = z
  .strictObject({
    items: z
      .array(z.strictObject({ id: idOfMany, ip: address.nullable().optional() }))
      .max(MOST_ASKED, `must be at most ${MOST_ASKED}`),
  })
  .openapi('AskOver')

export const Over = z
  .object({
    over: z.array(
      z.object({
        id: z.string(),
        reason: z.enum(['unknown', 'ended', 'expired', 'idle', 'blocked', 'network-blocked']),
      }),
    ),
  })
  .openapi('Over')
