import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiKey } from '../../accounts/types.js'
import type { AppEnv } from '../../http/env.js'
import { badInput } from '../../http/errors.js'
import { readPosition } from '../../sessions/log/positions.js'
import type { Acknowledgement } from '../../sessions/receipts/tally.js'
import { badInputHook } from '../badInput.js'
import { answer, forScope, problems } from '../operation.js'
import { NoQuery } from '../schemas.js'
import { hasScope } from '../scope.js'

const PositionPath = z.object({
  position: z.string().openapi({
    param: { name: 'position', in: 'path' },
    description: 'What `Rollcall-Position` said of the act',
    example: 'x48213',
  }),
})

const Acknowledged = z
  .object({
    nodes: z
      .array(
        z.object({
          name: z
            .string()
            .openapi({ description: 'As it calls itself; of other apps’ processes only a key with `admin` is told' }),
          kind: z.enum(['node', 'app']).openapi({ description: '`app`: a process of an app that remembers verdicts' }),
          state: z.enum(['applied', 'waiting', 'lease-over']).openapi({
            description:
              '`lease-over`: it was silent until its lease had run out, so it refuses everything until it is back (unless `allowsCached`)',
          }),
          afterMs: z.int().nullable().openapi({
            description: 'From the act’s return; null while it has not applied it, and where this node did not do it',
          }),
          leaseEndsInMs: z.int().nullable().openapi({ description: 'While it is waited for' }),
          allowsCached: z.boolean().openapi({
            description: 'It goes on with what it remembers when nobody answers: with `lease-over` it may still let in',
          }),
        }),
      )
      .openapi({ description: 'Every process that was seen within its lease since the act' }),
    complete: z.boolean().openapi({ description: 'None is waited for any more' }),
  })
  .openapi('Acknowledged')

export const acknowledged = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

acknowledged.openapi(
  createRoute({
    method: 'get',
    path: '/revocations/{position}/acknowledged',
    operationId: 'readAcknowledgement',
    summary: 'Which processes have applied an act, and after how long',
    tags: ['Revocations'],
    ...forScope('sessions:verify'),
    request: { query: NoQuery, params: PositionPath },
    responses: { 200: answer('As it is now', Acknowledged), ...problems() },
  }),
  async (c) => {
    const position = readPosition(c.req.valid('param').position)
    const found = position && (await c.var.receipts.acknowledged(position))
    if (!found) throw badInput([{ path: 'position', message: 'is none that an act was answered with' }])
    const nodes = found.followers.map((one) => followerOut(one, c.var.apiKey))
    return c.json({ nodes, complete: found.complete }, 200)
  },
)

/** What other apps run, and how their machines are called, is not for an app's key to see (S-33). */
function followerOut({ name, app, kind, state, afterMs, leaseEndsInMs, allowsCached }: Acknowledgement, key: ApiKey) {
  const isOthers = app !== null && app.id !== key.app.id && !hasScope(key, 'admin')
  return { name: isOthers ? 'a process of another app' : name, kind, state, afterMs, leaseEndsInMs, allowsCached }
}
