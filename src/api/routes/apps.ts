import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { type App, createApp, findApp, listApps } from '../../accounts/apps/apps.js'
import { type AppChanged, changeApp } from '../../accounts/apps/changeApp.js'
import { deleteApp } from '../../accounts/apps/deleteApp.js'
import { SettingsChanges } from '../../accounts/settings.js'
import { APP_ICONS, INTEGRATIONS, ROLES } from '../../accounts/types.js'
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
const seconds = (what: string) =>
  z
    .int()
    .nullable()
    .openapi({ description: `${what}, in seconds; null: that of the settings` })
const AppOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    name: z.string(),
    icon: z.enum(APP_ICONS).openapi({ description: 'What the panel draws it with' }),
    integration: z
      .enum(INTEGRATIONS)
      .nullable()
      .openapi({ description: 'How it asks Rollcall, where somebody said so' }),
    createdAt: time,
    disabledAt: time.nullable().openapi({ description: 'Its tokens are denied, and no session starts, since then' }),
    onUnavailable: OnUnavailable,
    idleTimeout: seconds('How long a session may lie unused'),
    absoluteTimeout: seconds('How long a session lasts at most'),
    sessionLimit: z
      .int()
      .nullable()
      .openapi({ description: 'Live sessions of an account in it; null: that of the settings' }),
    role: z.enum(ROLES).openapi({ description: 'The least role that signs in to it; person: everyone' }),
  })
  .openapi('App')
const appOut = ({ createdAt, disabledAt, ...app }: App): z.infer<typeof AppOut> => ({
  ...app,
  createdAt: createdAt.toISOString(),
  disabledAt: disabledAt?.toISOString() ?? null,
})

const CreateApp = z
  .strictObject({
    name: text(100),
    icon: z.enum(APP_ICONS).optional(),
    integration: z.enum(INTEGRATIONS).optional(),
  })
  .openapi('CreateApp')
const ChangeApp = z
  .strictObject({
    name: text(100).optional(),
    icon: z.enum(APP_ICONS).optional(),
    disabled: z.boolean().optional(),
    onUnavailable: OnUnavailable.optional(),
    idleTimeout: SettingsChanges.shape.idleTimeout.unwrap().nullable().optional(),
    absoluteTimeout: SettingsChanges.shape.absoluteTimeout.unwrap().nullable().optional(),
    sessionLimit: SettingsChanges.shape.sessionLimit.unwrap().nullable().optional(),
    role: z.enum(ROLES).optional().openapi({ description: 'A higher one than before signs everyone out of the app' }),
    reason: text(500).optional().openapi({ description: 'For the audit log' }),
  })
  .refine(({ reason: _, ...changes }) => Object.values(changes).some((value) => value !== undefined), {
    message: 'must name what is to be changed',
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
    const { name, ...more } = c.req.valid('json')
    const created = await createApp(c.var.db, name, c.var.actor, more)
    if (created.status !== 'created') throw refusal(created)
    return c.json(appOut(created.app), 201)
  },
)

apps.openapi(
  createRoute({
    method: 'get',
    path: '/apps/{id}',
    operationId: 'readApp',
    summary: 'Read one app',
    tags,
    ...forScope('admin'),
    request: { params: pathId<AppId>(), query: NoQuery },
    responses: { 200: answer('The app', AppOut), ...problems(404) },
  }),
  async (c) => {
    const app = await findApp(c.var.db, c.req.valid('param').id)
    if (!app) throw notFound('app')
    return c.json(appOut(app), 200)
  },
)

apps.openapi(
  createRoute({
    method: 'patch',
    path: '/apps/{id}',
    operationId: 'changeApp',
    summary: 'Change an app’s name and policy; disable it, which ends its sessions, or enable it',
    tags,
    ...forScopeWithBody('admin'),
    request: { params: pathId<AppId>(), query: NoQuery, body: body(ChangeApp) },
    responses: { 200: answer('As it now is', AppOut), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const changed = await changeApp(c.var.db, c.req.valid('param').id, c.req.valid('json'), c.var.actor)
    if (!changed) throw notFound('app')
    if (!('app' in changed)) throw refusal(changed.status === 'invalid' ? inWords(changed) : changed)
    return c.json(appOut(changed.app), 200)
  },
)

const inWords = ({ status, path, problem }: Extract<AppChanged, { status: 'invalid' }>) => ({
  status,
  path,
  problem: `must be ${problem}`,
})

apps.openapi(
  createRoute({
    method: 'delete',
    path: '/apps/{id}',
    operationId: 'deleteApp',
    summary: 'Delete an app that is disabled: its keys are revoked; ended sessions and audit events stay',
    tags,
    ...forScope('admin'),
    request: { params: pathId<AppId>(), query: NoQuery },
    responses: { 200: answer('The app as it was', AppOut), ...problems(404, 409, 422) },
  }),
  async (c) => {
    const deleted = await deleteApp(c.var.db, c.req.valid('param').id, c.var.actor)
    if (!deleted) throw notFound('app')
    if (deleted.status !== 'deleted') throw refusal(deleted)
    return c.json(appOut(deleted.app), 200)
  },
)
