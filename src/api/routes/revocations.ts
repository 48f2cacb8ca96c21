import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppEnv } from '../../http/env.js'
import { badInputHook } from '../badInput.js'
import { answerOut, follow } from '../following.js'
import { answer, body, bodyProblems, forScope, forScopeWithBody, problems } from '../operation.js'
import { revocationStream } from '../revocationStream.js'
import { NoQuery, namesSession } from '../schemas.js'
import { AskOver, Following, Over, Revocations } from './revocationSchemas.js'

/** What app processes keep their memory true by. */
export const revocations = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Revocations']

revocations.openapi(
  createRoute({
    method: 'get',
    path: '/revocations',
    operationId: 'listRevocations',
    summary: 'What has ended trust since a position: the poll of whoever remembers verdicts',
    tags,
    ...forScope('sessions:verify'),
    request: { query: Following },
    responses: { 200: answer('All of it, as of `position`', Revocations), ...problems() },
  }),
  async (c) => c.json(answerOut(await follow(c, c.req.valid('query')), c.var.node), 200),
)

revocations.openapi(
  createRoute({
    method: 'get',
    path: '/revocations/stream',
    operationId: 'streamRevocations',
    summary: 'The same as it happens, as server-sent events: makes it fast, while the poll makes it true',
    tags,
    ...forScope('sessions:verify'),
    request: { query: Following },
    responses: {
      200: {
        description:
          'Events named `revocations`: data as of the poll, with `from`, the position that it follows on; the id is `position`. A comment each second',
        content: { 'text/event-stream': { schema: z.string() } },
      },
      ...problems(429),
    },
  }),
  (c) => revocationStream(c, c.req.valid('query')),
)

revocations.openapi(
  createRoute({
    method: 'post',
    path: '/sessions/over',
    operationId: 'findOver',
    summary: 'Which of these sessions are over now: for open connections after an entry that may concern them',
    tags: ['Sessions'],
    ...forScopeWithBody('sessions:verify'),
    request: { query: NoQuery, body: body(AskOver) },
    responses: { 200: answer('Those that are, and why', Over), ...bodyProblems() },
  }),
  async (c) => {
    const { items } = c.req.valid('json')
    const asked = items.filter(namesSession).map(({ id, ip = null }) => ({ id, ip }))
    const none = items.filter((item) => !namesSession(item)).map(({ id }) => ({ id, reason: 'unknown' as const }))
    return c.json({ over: [...(await c.var.node.over(asked, c.var.apiKey.app.id)), ...none] }, 200)
  },
)
