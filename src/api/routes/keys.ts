import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { changeKey } from '../../accounts/apps/changeKey.js'
import { createKey, listKeys, revokeKey } from '../../accounts/apps/keys.js'
import { replaceKey } from '../../accounts/apps/replaceKey.js'
import { type ApiKey, MOST_PER_MINUTE, SCOPES } from '../../accounts/types.js'
import type { AppId, KeyId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { badInput, notFound } from '../../http/errors.js'
import { badInputHook } from '../badInput.js'
import { answer, body, bodyProblems, forScope, forScopeCreating, forScopeWithBody, problems } from '../operation.js'
import { refusal } from '../refusals.js'
import { id, NoQuery, optional, pathId, text, time, timeIn } from '../schemas.js'

const RATE_MEANS =
  'How many it may make of one process, beside checks, touches and the store of its app; 0: any number; null: as ROLLCALL_KEY_RATE says'

const requestsPerMinute = z
  .int('must be a whole number')
  .min(0, 'must not be negative')
  .max(MOST_PER_MINUTE, `must be at most ${MOST_PER_MINUTE.toLocaleString('en')}`)
  .nullable()
  .optional()

const KeyOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    app: z.object({ id: z.string(), name: z.string() }),
    name: z.string(),
    hint: z.string().openapi({ description: 'Its last four characters' }),
    scopes: z.array(z.enum(SCOPES)),
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    lastUsedAt: time.nullable(),
    replaces: z.string().nullable().openapi({ description: 'Id of the key that it was made in the place of' }),
    requestsPerMinute: z.int().nullable().openapi({ description: RATE_MEANS }),
  })
  .openapi('Key')

const keyOut = (key: ApiKey): z.infer<typeof KeyOut> => ({
  ...key,
  createdAt: key.createdAt.toISOString(),
  expiresAt: key.expiresAt?.toISOString() ?? null,
  revokedAt: key.revokedAt?.toISOString() ?? null,
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
})

const CreateKey = z
  .strictObject({
    app: id<AppId>(),
    name: text(200),
    scopes: z.array(z.enum(SCOPES)).min(1, 'must name at least one').max(SCOPES.length, 'names one more than once'),
    expiresAt: timeIn
      .nullable()
      .optional()
      .openapi({ type: ['string', 'null'], format: 'date-time' }),
    requestsPerMinute: requestsPerMinute.openapi({ description: RATE_MEANS }),
  })
  .openapi('CreateKey')

const Created = z
  .object({ key: KeyOut, secret: z.string().openapi({ description: 'Shown this once' }) })
  .openapi('KeyCreated')

export const keys = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })
const tags = ['Keys and apps']

keys.openapi(
  createRoute({
    method: 'get',
    path: '/keys',
    operationId: 'listKeys',
    summary: 'List API keys, newest first; revoked ones too',
    tags,
    ...forScope('admin'),
    request: { query: z.strictObject({ app: optional(id<AppId>()).openapi({ type: 'string', format: 'uuid' }) }) },
    responses: { 200: answer('All of them', z.object({ items: z.array(KeyOut) })), ...problems() },
  }),
  async (c) => {
    const found = await listKeys(c.var.db, { appId: c.req.valid('query').app })
    return c.json({ items: found.map(keyOut) }, 200)
  },
)

keys.openapi(
  createRoute({
    method: 'post',
    path: '/keys',
    operationId: 'createKey',
    summary: 'Make an API key of an app',
    tags,
    ...forScopeCreating('admin'),
    request: { query: NoQuery, body: body(CreateKey) },
    responses: { 201: answer('It is usable at once', Created), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { app, ...wanted } = c.req.valid('json')
    const created = await createKey(c.var.db, { ...wanted, appId: app }, c.var.actor)
    if (created.status !== 'created') throw refusal(created)
    return c.json({ key: keyOut(created.key), secret: created.secret }, 201)
  },
)

const ChangeKey = z
  .strictObject({
    name: text(200).optional(),
    requestsPerMinute: requestsPerMinute.openapi({ description: RATE_MEANS }),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    message: 'must name what is to be changed',
  })
  .openapi('ChangeKey')

keys.openapi(
  createRoute({
    method: 'patch',
    path: '/keys/{id}',
    operationId: 'changeKey',
    summary: 'Change an API key’s name and how often it may ask, at once everywhere',
    tags,
    ...forScopeWithBody('admin'),
    request: { params: pathId<KeyId>(), query: NoQuery, body: body(ChangeKey) },
    responses: { 200: answer('As it now is', KeyOut), ...bodyProblems(404, 409) },
  }),
  async (c) => {
    const changed = await changeKey(c.var.db, c.req.valid('param').id, c.req.valid('json'), c.var.actor)
    if (!changed) throw notFound('key')
    if (changed.status === 'refused') throw refusal(changed)
    return c.json(keyOut(changed.key), 200)
  },
)

const ReplaceKey = z
  .strictObject({
    oldUntil: z
      .union([z.literal('now'), timeIn])
      .nullable()
      .openapi({
        type: ['string', 'null'],
        description:
          'When the old one stops to work, within 90 days: a time, or `now`; null: when somebody revokes it, or it expires anyway',
      }),
    requestsPerMinute: requestsPerMinute.openapi({ description: `${RATE_MEANS}; left out: as the old one` }),
  })
  .openapi('ReplaceKey')

keys.openapi(
  createRoute({
    method: 'post',
    path: '/keys/{id}/replace',
    operationId: 'replaceKey',
    summary: 'Make a key in the place of another one, which goes on for as long as you say',
    tags,
    ...forScopeCreating('admin'),
    request: { params: pathId<KeyId>(), query: NoQuery, body: body(ReplaceKey) },
    responses: { 201: answer('It is usable at once', Created), ...bodyProblems(404, 409, 422) },
  }),
  async (c) => {
    const { oldUntil, ...changes } = c.req.valid('json')
    const replaced = await replaceKey(c.var.db, c.req.valid('param').id, oldUntil, c.var.actor, changes)
    if (!replaced) throw notFound('key')
    if (replaced.status !== 'replaced')
      throw replaced.why === 'expiry-past'
        ? badInput([{ path: 'oldUntil', message: 'must lie ahead' }])
        : refusal(replaced)
    return c.json({ key: keyOut(replaced.key), secret: replaced.secret }, 201)
  },
)

keys.openapi(
  createRoute({
    method: 'delete',
    path: '/keys/{id}',
    operationId: 'revokeKey',
    summary: 'Revoke an API key; what is revoked stays as it is',
    tags,
    ...forScope('admin'),
    request: { params: pathId<KeyId>(), query: NoQuery },
    responses: { 200: answer('The revoked key', KeyOut), ...problems(404) },
  }),
  async (c) => {
    const revoked = await revokeKey(c.var.db, c.req.valid('param').id, c.var.actor)
    if (!revoked) throw notFound('key')
    if (revoked.status !== 'revoked') throw refusal(revoked)
    return c.json(keyOut(revoked.key), 200)
  },
)
