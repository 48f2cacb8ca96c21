import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../../http/env.js'
import { badInputHook } from '../badInput.js'
import { answer, forScope, problems } from '../operation.js'
import { NoQuery } from '../schemas.js'

const Seen = z
  .object({
    ip: z.string().nullable().openapi({
      description: 'Where this request comes from, as sessions and blocks would have it; null where it can’t be told',
    }),
  })
  .openapi('SeenClient')

export const client = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

client.openapi(
  createRoute({
    method: 'get',
    path: '/client',
    operationId: 'seeClient',
    summary: 'How this request looks to Rollcall: whether the proxies before it are set up right',
    tags: ['About'],
    ...forScope('sessions:verify'),
    request: { query: NoQuery },
    responses: { 200: answer('As it was seen', Seen), ...problems() },
  }),
  (c) => c.json({ ip: c.var.ip }, 200),
)
