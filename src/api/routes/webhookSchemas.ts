import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../../http/env.js'
import type { Webhook } from '../../webhooks/endpoints.js'
import { EVENT_TYPES, EVENTS, type EventType } from '../../webhooks/events.js'
import { EXAMPLES } from '../../webhooks/examples.js'
import { DELIVERY_STATES, type Delivery } from '../../webhooks/log.js'
import type { Attempt } from '../../webhooks/send.js'
import { ONE_WAY, oneWay, optional, paging, text, time, timeIn } from '../schemas.js'

const Events = z
  .array(z.enum(EVENT_TYPES))
  .min(1, 'must name at least one')
  .max(EVENT_TYPES.length, 'names one more than once')
const url = text(2_000).openapi({
  description: 'https, on the public internet; looked at now and before each delivery',
  example: 'https://example.com/hooks/rollcall',
})
const description = z.string().trim().max(200, 'must have at most 200 characters')

export const AddWebhook = z
  .strictObject({ url, description: description.default(''), events: Events })
  .openapi('AddWebhook')
export const ChangeWebhook = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    events: Events.optional(),
    disabled: z.boolean().optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    message: 'must name url, description, events or disabled',
  })
  .openapi('ChangeWebhook')

export const WebhookOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    url: z.string(),
    description: z.string(),
    events: z.array(z.enum(EVENT_TYPES)),
    createdAt: time,
    createdBy: z.string(),
    disabledAt: time.nullable(),
    disabledWhy: z
      .enum(['switched-off', 'failing', 'gone'])
      .nullable()
      .openapi({ description: '`failing`: no good answer for three days; `gone`: it answered 410' }),
    failingSince: time.nullable(),
    retryAt: time.nullable().openapi({ description: 'Left alone until then' }),
    previousSecretUntil: time.nullable().openapi({ description: 'Until then the secret before signs too' }),
    pending: z.int().openapi({ description: 'Deliveries still to be made; more than 10,000 are not counted' }),
  })
  .openapi('Webhook')

export const webhookOut = ({ createdByName, previousUntil, ...webhook }: Webhook): z.infer<typeof WebhookOut> => ({
  ...webhook,
  createdAt: webhook.createdAt.toISOString(),
  createdBy: createdByName,
  disabledAt: webhook.disabledAt?.toISOString() ?? null,
  failingSince: webhook.failingSince?.toISOString() ?? null,
  retryAt: webhook.retryAt?.toISOString() ?? null,
  previousSecretUntil: previousUntil?.toISOString() ?? null,
})

export const WithSecret = z
  .object({
    webhook: WebhookOut,
    secret: z.string().openapi({ description: 'What deliveries are signed with; shown this once', example: 'whsec_…' }),
  })
  .openapi('WebhookWithSecret')

export const DeliveryOut = z
  .object({
    id: z.int(),
    messageId: z.string().openapi({ description: 'The header `webhook-id`: the same at each attempt' }),
    type: z.string().openapi({ description: '`rollcall.test`: a test, which is tried once' }),
    at: time,
    state: z.enum(DELIVERY_STATES),
    attempts: z.int(),
    nextAt: time.nullable(),
    triedAt: time.nullable(),
    status: z.int().nullable(),
    durationMs: z.int().nullable(),
    answer: z.string().nullable().openapi({ description: 'The first of what it answered' }),
    problem: z.string().nullable().openapi({ description: 'Why the last attempt was no delivery, in words' }),
  })
  .openapi('WebhookDelivery')

export const deliveryOut = (delivery: Delivery): z.infer<typeof DeliveryOut> => ({
  ...delivery,
  at: delivery.at.toISOString(),
  nextAt: delivery.nextAt?.toISOString() ?? null,
  triedAt: delivery.triedAt?.toISOString() ?? null,
})

export const DeliveryQuery = z
  .strictObject({
    state: optional(z.enum(DELIVERY_STATES)).openapi({ type: 'string', enum: [...DELIVERY_STATES] }),
    ...paging,
  })
  .refine(oneWay, ONE_WAY)

export const Replay = z
  .strictObject({ delivery: z.int().positive().optional(), failedSince: timeIn.optional() })
  .refine(({ delivery, failedSince }) => (delivery === undefined) !== (failedSince === undefined), {
    message: 'must name either delivery or failedSince',
  })
  .openapi('ReplayDeliveries')

export const Tested = z
  .object({
    delivered: z.boolean(),
    status: z.int().nullable(),
    durationMs: z.int(),
    answer: z.string().nullable(),
    problem: z.string().nullable(),
  })
  .openapi('WebhookTested')
export const testedOut = ({ ok, retryAfterS: _, ...attempt }: Attempt): z.infer<typeof Tested> => ({
  delivered: ok,
  ...attempt,
})

const MEANS = new Map<string, string>([
  ...Object.entries(EVENTS),
  ['session.ended_many', 'More than twenty sessions were ended together: up to 250 of them. With `session.ended`'],
  ['rollcall.test', 'Somebody tests the endpoint'],
])

/** What is sent, in the document: one of each type. */
export function describeWebhooks(app: OpenAPIHono<AppEnv>) {
  for (const [type, example] of EXAMPLES) {
    const schema = z
      .object({ type: z.literal(type as EventType), timestamp: time, data: z.record(z.string(), z.unknown()) })
      .openapi({ example })
    app.openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      operationId: `on ${type}`,
      summary: MEANS.get(type) ?? type,
      description:
        'Signed as Standard Webhooks says: `webhook-signature` holds `v1,` and the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`. It may come more than once, with the same `webhook-id`.',
      tags: ['Webhooks'],
      request: {
        headers: z.object({
          'webhook-id': z.string().openapi({ example: 'msg_0199c3a05a5e7c4b9d3e2f1a6b7c8d9e' }),
          'webhook-timestamp': z.string().openapi({ example: '1769860800' }),
          'webhook-signature': z.string().openapi({ example: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }),
        }),
        body: { required: true, content: { 'application/json': { schema } } },
      },
      responses: { '2XX': { description: 'It has arrived. Anything else is tried again, for three days' } },
    })
  }
}
