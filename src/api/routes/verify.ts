import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv } from '../../http/env.js'
import { unavailable } from '../../http/errors.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScopeWithBody } from '../operation.js'
import { NoQuery } from '../schemas.js'
import { Verified, VerifySession } from './sessionSchemas.js'

export const verify = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

/** "Denied" is an answer, not an error. A token of another app is unknown, whatever the key's scopes (S-38). */
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
  async (c) => {
    const { token, client } = c.req.valid('json')
    const verdict = await c.var.verifier.verify(token, { appId: c.var.apiKey.app.id, ip: client?.ip })
    if (verdict.status === 'denied') {
      if (verdict.reason === 'unavailable') throw unavailable()
      return c.json({ status: verdict.status, reason: verdict.reason }, 200)
    }
    const { session, account } = verdict
    if (client) c.var.touches.note(session.id, client.ip)
    const createdAt = session.createdAt.toISOString()
    const expiresAt = session.expiresAt.toISOString()
    return c.json({ status: verdict.status, session: { ...session, createdAt, expiresAt }, account }, 200)
  },
)
