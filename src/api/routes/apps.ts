import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { type App, createApp, listApps } from '../../accounts/apps.js'
import { changeApp } from '../../accounts/changeApp.js'
import type { AppId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, forScopeWithBody, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { NoQuery, pathId, text, time } from '../schemas.js'

const OnUnavailable = z.enum(['deny', 'allow-cached']).openapi({
  description:
    'What its processes do when they can’t tell whether a session is good: refuse it, or go by what they remember. The latter is a risk: what was ended meanwhile is let in.',
})
const AppOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    name: z.string(),
    createdAt: time,
    disabledAt: time.nullable().openapi({ description: 'Its tokens are denied, and no session starts, since then' }),
    onUnavailable: OnUnavailable,
  })
  .openapi('App')
const appOut = ({ createdAt, disabledAt, ...app }: App): z.infer<typeof AppOut> => ({
  ...app,
  createdAt: createdAt.toISOString(),
  disabledAt: disabledAt?.toISOString() ?? null,
})

const CreateApp = z.strictObject({ name: text(100) }).openapi('CreateApp')
const ChangeApp = z
  .strictObject({
    disabled: z.boolean().optional(),
    onUnavailable: OnUnavailable.optional(),
    reason: text(500).optional().openapi({ description: 'For the audit log' }),
  })
  .refine(({ disabled, onUnavailable }) => disabled !== undefined || onUnavailable !== undefined, {
    message: 'must name disabled or onUnavailable',
  })
  .openapi('ChangeApp')

export const apps = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Keys and apps']

apps.openapi(
  createRoute({
    method: 'get',
    path: '/apps',
    operationId: 'listApps',
    summary: 'List apps in the order of their names',
    tags,
    ...forScope('admin'),
    request: { query: NoQuery },
    responses: { 200: answer('All of them', z.object({ items: z.array(AppOut) })), ...problems() },
  }),
  async (c) => c.json({ items: (await listApps(c.var.db)).map(appOut) }, 200),
)

apps.openapi(
  createRoute({
    method: 'post',
    path: '/apps',
    operationId: 'createApp',
    summary: 'Make an app',
    tags,
    ...forScopeCreating('admin'),
    request: { query: NoQuery, body: body(CreateApp) },
    responses: { 201: answer('It is there', AppOut), ...bodyProblems(409, 422) },
  }),
  async (c) => {
    const created = await createApp(c.var.db, c.req.valid('json').name, c.var.actor)
    if (created.status !== 'created') throw refusal(created)
    return c.json(appOut(created.app), 201)
  },
)

apps.openapi(
  createRoute({
    method: 'patch',
    path: '/apps/{id}',
    operationId: 'changeApp',
    summary: 'Disable an app, which ends its sessions, or enable it; set what it does when Rollcall can’t be asked',
    tags,
    ...forScopeWithBody('admin'),
    request: { params: pathId<AppId>(), query: NoQuery, body: body(ChangeApp) },
    responses: { 200: answer('As it now is', AppOut), ...bodyProblems(404, 422) },
  }),
  async (c) => {
    const changed = await changeApp(c.var.db, c.req.valid('param').id, c.req.valid('json'), c.var.actor)
    if (!changed) throw notFound('app')
    if (changed.status === 'refused') throw refusal(changed)
    return c.json(appOut(changed.app), 200)
  },
)
