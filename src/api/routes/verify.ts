import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from '../../http/env.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScopeWithBody } from '../operation.js'
import { NoQuery } from '../schemas.js'
import { verifySession } from '../verifySession.js'
import { Verified, VerifySession } from './sessionSchemas.js'

export const verify = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

/** "Denied" is an answer, not an error. */
verify.openapi(
  createRoute({
    method: 'post',
    path: '/sessions/verify',
    operationId: 'verifySession',
    summary: 'Decide whether a session token is good now',
    tags: ['Sessions'],
    ...forScopeWithBody('sessions:verify'),
    request: { query: NoQuery, body: body(VerifySession) },
    responses: { 200: answer('The verdict', Verified), ...bodyProblems() },
  }),
  async (c) => c.json(await verifySession(c, c.req.valid('json')), 200),
)
