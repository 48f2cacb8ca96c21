import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { NEEDS } from '../../accounts/apps/hostRules.js'
import {
  changeHost,
  type HostSaved,
  listHosts,
  type ProtectedHost,
  removeHost,
  saveHost,
} from '../../accounts/apps/protectedHosts.js'
import type { AppId, HostId } from '../../db/ids.js'
import { isSecure } from '../../http/cookies.js'
import type { AppContext, AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, forScopeWithBody, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { id, NoQuery, pathId, text, time } from '../schemas.js'

const Needed = z.enum(NEEDS).openapi({
  description:
    'Who is let in: `anyone`, signed in or not; else whoever is signed in and has at least this role in Rollcall',
})
const Rule = z.strictObject({
  path: text(200).openapi({
    description: 'It holds for this path and all below it; the longest one counts',
    example: '/admin',
  }),
  role: Needed,
})
const HostOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    host: z.string().openapi({ example: 'wiki.example.com' }),
    app: z.object({ id: z.string().openapi({ format: 'uuid' }), name: z.string() }),
    role: Needed,
    rules: z.array(Rule),
    createdAt: time,
  })
  .openapi('ProtectedHost')
const hostOut = ({ createdAt, ...host }: ProtectedHost): z.infer<typeof HostOut> => ({
  ...host,
  createdAt: createdAt.toISOString(),
})

const host = text(260).openapi({
  description:
    'As browsers send it, with its port where that is not 443. `*.example.com` stands for all hosts with one label more; one that is listed by its own name goes by that',
  example: 'wiki.example.com',
})
const rules = z.array(Rule).max(50, 'must be at most 50')
const AddHost = z
  .strictObject({ host, app: id<AppId>(), role: Needed.default('person'), rules: rules.default([]) })
  .openapi('AddProtectedHost')
const ChangeHost = z
  .strictObject({
    host: host.optional(),
    app: id<AppId>().optional(),
    role: Needed.optional(),
    rules: rules.optional(),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    message: 'must name host, app, role or rules',
  })
  .openapi('ChangeProtectedHost')

export const protectedHosts = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Protected hosts']

protectedHosts.openapi(
  createRoute({
    method: 'get',
    path: '/protected-hosts',
    operationId: 'listProtectedHosts',
    summary: 'List the hosts that reverse proxies protect by asking /verify',
    tags,
    ...forScope('admin'),
    request: { query: NoQuery },
    responses: { 200: answer('All of them', z.object({ items: z.array(HostOut) })), ...problems() },
  }),
  async (c) => c.json({ items: (await listHosts(c.var.db)).map(hostOut) }, 200),
)

protectedHosts.openapi(
  createRoute({
    method: 'post',
    path: '/protected-hosts',
    operationId: 'addProtectedHost',
    summary: 'Protect a host: its sessions are those of the app',
    tags,
    ...forScopeCreating('admin'),
    request: { query: NoQuery, body: body(AddHost) },
    responses: { 201: answer('In force everywhere within the bound', HostOut), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { app, ...wanted } = c.req.valid('json')
    const saved = await saveHost(c.var.db, { ...wanted, appId: app }, c.var.actor, where(c))
    return c.json(hostOut(savedOf(saved)), 201)
  },
)

protectedHosts.openapi(
  createRoute({
    method: 'patch',
    path: '/protected-hosts/{id}',
    operationId: 'changeProtectedHost',
    summary: 'Change who is let in to a host, and where',
    tags,
    ...forScopeWithBody('admin'),
    request: { params: pathId<HostId>(), query: NoQuery, body: body(ChangeHost) },
    responses: { 200: answer('As it now is', HostOut), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const { app, ...changes } = c.req.valid('json')
    const saved = await changeHost(c.var.db, id, { ...changes, appId: app }, c.var.actor, where(c))
    return c.json(hostOut(savedOf(saved)), 200)
  },
)

protectedHosts.openapi(
  createRoute({
    method: 'delete',
    path: '/protected-hosts/{id}',
    operationId: 'removeProtectedHost',
    summary: 'Protect a host no more: nobody is let in there by /verify',
    tags,
    ...forScope('admin'),
    request: { params: pathId<HostId>(), query: NoQuery },
    responses: { 200: answer('The one that was removed', HostOut), ...problems(404) },
  }),
  async (c) => {
    const removed = await removeHost(c.var.db, c.req.valid('param').id, c.var.actor)
    if (!removed) throw notFound('protected host')
    if (removed.status === 'refused') throw refusal(removed)
    return c.json(hostOut(removed.host), 200)
  },
)

const where = (c: AppContext) => ({ secure: isSecure(c), own: c.var.config.publicUrl?.host })

function savedOf(saved: HostSaved | undefined): ProtectedHost {
  if (!saved) throw notFound('protected host')
  if (saved.status !== 'saved') throw refusal(saved)
  return saved.host
}
