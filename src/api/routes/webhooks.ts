import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { WebhookId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import {
  addWebhook,
  changeWebhook,
  checkWebhook,
  findWebhook,
  listWebhooks,
  onlyNamed,
  removeWebhook,
  rotateSecret,
  setWebhookDisabled,
} from '../../webhooks/endpoints.js'
import { listDeliveries, replay } from '../../webhooks/log.js'
import { badInputHook } from '../badInput.js'
import {
  answer,
  body,
  bodyProblems,
  forScope,
  forScopeAsking,
  forScopeCreating,
  forScopeCreatingOutside,
  forScopeOnce,
  forScopeWithBody,
  problems,
} from '../operation.js'
import { type Refusal, refusal } from '../refusals.js'
import { NoQuery, pageOf, pathId } from '../schemas.js'
import {
  AddWebhook,
  ChangeWebhook,
  DeliveryOut,
  DeliveryQuery,
  deliveryOut,
  Replay,
  Tested,
  testedOut,
  WebhookOut,
  WithSecret,
  webhookOut,
} from './webhookSchemas.js'

export const webhooks = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Webhooks']
const params = pathId<WebhookId>()

webhooks.openapi(
  createRoute({
    method: 'get',
    path: '/webhooks',
    operationId: 'listWebhooks',
    summary: 'List the endpoints that are told of events',
    tags,
    ...forScope('admin'),
    request: { query: NoQuery },
    responses: { 200: answer('All of them', z.object({ items: z.array(WebhookOut) })), ...problems() },
  }),
  async (c) => c.json({ items: (await listWebhooks(c.var.db)).map(webhookOut) }, 200),
)

webhooks.openapi(
  createRoute({
    method: 'post',
    path: '/webhooks',
    operationId: 'addWebhook',
    summary: 'Add an endpoint: it is told of what happens from now on',
    tags,
    ...forScopeCreatingOutside('admin'),
    request: { query: NoQuery, body: body(AddWebhook) },
    responses: { 201: answer('With its secret, this once', WithSecret), ...bodyProblems(409, 422) },
  }),
  async (c) => {
    const { webhook } = done(await checkWebhook(c.req.valid('json'), c.var.webhooks.guard))
    const added = done(await addWebhook(c.var.db, webhook, c.var.actor))
    return c.json({ webhook: webhookOut(added.webhook), secret: added.secret }, 201)
  },
)

webhooks.openapi(
  createRoute({
    method: 'get',
    path: '/webhooks/{id}',
    operationId: 'findWebhook',
    summary: 'One endpoint, with its state',
    tags,
    ...forScope('admin'),
    request: { params, query: NoQuery },
    responses: { 200: answer('The endpoint', WebhookOut), ...problems(404) },
  }),
  async (c) => c.json(webhookOut(found(await findWebhook(c.var.db, c.req.valid('param').id))), 200),
)

webhooks.openapi(
  createRoute({
    method: 'patch',
    path: '/webhooks/{id}',
    operationId: 'changeWebhook',
    summary: 'Change an endpoint, disable or enable it',
    tags,
    ...forScopeWithBody('admin'),
    request: { params, query: NoQuery, body: body(ChangeWebhook) },
    responses: { 200: answer('As it now is', WebhookOut), ...bodyProblems(404, 409) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const { disabled, ...changes } = c.req.valid('json')
    const before = found(await findWebhook(c.var.db, id))
    const { url = before.url, description = before.description, events = before.events } = changes
    const named = Object.values(changes).some((value) => value !== undefined)
    const checked = named ? done(await checkWebhook({ url, description, events }, c.var.webhooks.guard)) : undefined
    const changed = await c.var.db.transaction(async (tx) => {
      if (checked) done(await changeWebhook(tx, id, onlyNamed(checked.webhook, changes), c.var.actor))
      if (disabled !== undefined) done(await setWebhookDisabled(tx, id, disabled, c.var.actor))
      return found(await findWebhook(tx, id))
    })
    return c.json(webhookOut(changed), 200)
  },
)

webhooks.openapi(
  createRoute({
    method: 'delete',
    path: '/webhooks/{id}',
    operationId: 'removeWebhook',
    summary: 'Delete an endpoint with its log',
    tags,
    ...forScope('admin'),
    request: { params, query: NoQuery },
    responses: { 200: answer('The one that was deleted', WebhookOut), ...problems(404) },
  }),
  async (c) => {
    const removed = done(await removeWebhook(c.var.db, c.req.valid('param').id, c.var.actor))
    return c.json(webhookOut(removed.webhook), 200)
  },
)

webhooks.openapi(
  createRoute({
    method: 'post',
    path: '/webhooks/{id}/secret',
    operationId: 'rotateWebhookSecret',
    summary: 'Make a new secret; for 24 hours the one before signs too',
    tags,
    ...forScopeOnce('admin'),
    request: { params, query: NoQuery },
    responses: { 200: answer('With its new secret, this once', WithSecret), ...problems(404, 409, 422) },
  }),
  async (c) => {
    const rotated = done(await rotateSecret(c.var.db, c.req.valid('param').id, c.var.actor))
    return c.json({ webhook: webhookOut(rotated.webhook), secret: rotated.secret }, 200)
  },
)

webhooks.openapi(
  createRoute({
    method: 'post',
    path: '/webhooks/{id}/test',
    operationId: 'testWebhook',
    summary: 'Send a rollcall.test at once, and say what was answered; the log keeps it',
    tags,
    ...forScopeAsking('admin'),
    request: { params, query: NoQuery },
    responses: { 200: answer('What came of it', Tested), ...problems(404, 409, 422) },
  }),
  async (c) => c.json(testedOut(found(await c.var.webhooks.test(c.req.valid('param').id))), 200),
)

webhooks.openapi(
  createRoute({
    method: 'get',
    path: '/webhooks/{id}/deliveries',
    operationId: 'listDeliveries',
    summary: 'What was sent to an endpoint in the last 30 days, newest first',
    tags,
    ...forScope('admin'),
    request: { params, query: DeliveryQuery },
    responses: { 200: answer('A page of them', pageOf(DeliveryOut)), ...problems(404) },
  }),
  async (c) => {
    const { id } = found(await findWebhook(c.var.db, c.req.valid('param').id))
    const { state, ...request } = c.req.valid('query')
    const page = await listDeliveries(c.var.db, id, { state }, request)
    return c.json({ ...page, items: page.items.map(deliveryOut) }, 200)
  },
)

webhooks.openapi(
  createRoute({
    method: 'post',
    path: '/webhooks/{id}/replay',
    operationId: 'replayDeliveries',
    summary: 'Send once more: one delivery, or all that were given up since a time',
    tags,
    ...forScopeCreating('admin'),
    request: { params, query: NoQuery, body: body(Replay) },
    responses: {
      200: answer('How many; at most 10,000 at once', z.object({ count: z.int() })),
      ...bodyProblems(404, 409, 422),
    },
  }),
  async (c) => {
    const { delivery, failedSince } = c.req.valid('json')
    const which = failedSince ? { failedSince } : { delivery: delivery ?? 0 }
    const replayed = await replay(c.var.db, c.req.valid('param').id, which, c.var.actor)
    return c.json({ count: done(replayed).count }, 200)
  },
)

function found<T>(one: T | undefined): T {
  if (one === undefined) throw notFound('webhook')
  return one
}

/** @throws what was refused, as a problem */
function done<T extends { status: string }>(answer: T | undefined): Exclude<T, Refusal> {
  const one = found(answer)
  if (isRefusal(one)) throw refusal(one)
  return one as Exclude<T, Refusal>
}

const isRefusal = (answer: { status: string }): answer is Refusal =>
  ['refused', 'invalid', 'disabled', 'exists'].includes(answer.status)
