import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { AppId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { killSwitch as useKillSwitch } from '../../sessions/killSwitch.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScopeCreating } from '../operation.js'
import { refusal } from '../refusals.js'
import { id, NoQuery, text } from '../schemas.js'

const UseKillSwitch = z
  .strictObject({
    app: id<AppId>().optional().openapi({ description: 'Whose sessions end; everyone’s in every app when left out' }),
    reason: text(500).openapi({ description: 'For the audit log' }),
    confirm: text(200).openapi({
      description: 'The app’s name, or "everyone" when no app is given, so that neither is hit by mistake',
      example: 'everyone',
    }),
  })
  .openapi('UseKillSwitch')

const Killed = z
  .object({ ended: z.int().openapi({ description: 'Sessions; 10000 means that many or more' }) })
  .openapi('Killed')

export const killSwitch = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

killSwitch.openapi(
  createRoute({
    method: 'post',
    path: '/kill-switch',
    operationId: 'useKillSwitch',
    summary: 'End every session of an app, or of everyone, at once',
    tags: ['Sessions'],
    ...forScopeCreating('admin'),
    request: { query: NoQuery, body: body(UseKillSwitch) },
    responses: { 200: answer('They have ended', Killed), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { app, reason, confirm } = c.req.valid('json')
    const target = app === undefined ? 'everyone' : { app }
    const killed = await useKillSwitch(c.var.db, target, reason, c.var.actor, { confirm })
    if (killed.status !== 'done') throw refusal(killed)
    return c.json({ ended: killed.ended }, 200)
  },
)
