import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { type App, createApp, listApps } from '../../accounts/apps.js'
import type { AppEnv } from '../../http/env.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { NoQuery, text, time } from '../schemas.js'

const AppOut = z
  .object({ id: z.string().openapi({ format: 'uuid' }), name: z.string(), createdAt: time })
  .openapi('App')
const appOut = ({ createdAt, ...app }: App): z.infer<typeof AppOut> => ({ ...app, createdAt: createdAt.toISOString() })

const CreateApp = z.strictObject({ name: text(100) }).openapi('CreateApp')

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
