import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { listAudit } from '../../audit/list.js'
import type { AuditEvent } from '../../audit/types.js'
import type { AccountId, SessionId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { badInputHook } from '../badInput.js'
import { answer, forScope, problems } from '../operation.js'
import { id, ONE_WAY, oneWay, optional, pageOf, paging, text, time, timeIn } from '../schemas.js'

const AuditEventOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    at: time,
    action: z.string().openapi({ example: 'session.revoked' }),
    result: z.enum(['done', 'refused', 'failed']),
    actor: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }),
    ip: z.string().nullable(),
    country: z.string().nullable(),
    city: z.string().nullable(),
    target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string() }).nullable(),
    accountId: z.string().nullable(),
    sessionId: z.string().nullable(),
    reason: z.string().nullable(),
    details: z.record(z.string(), z.any()),
    requestId: z.string().nullable(),
    position: z.string().nullable().openapi({
      description: 'Of an act that ended trust or gave it back: for `/revocations/{position}/acknowledged`',
    }),
  })
  .openapi('AuditEvent')

const eventOut = (event: AuditEvent): z.infer<typeof AuditEventOut> => ({ ...event, at: event.at.toISOString() })

const timeFilter = (description: string) =>
  optional(timeIn).openapi({ type: 'string', format: 'date-time', description })

const AuditQuery = z
  .strictObject({
    actor: optional(text(200)).openapi({ type: 'string', description: 'Id of who acted' }),
    action: optional(text(60)).openapi({ type: 'string', description: 'An action, or a group of them: session' }),
    target: optional(text(200)).openapi({
      type: 'string',
      description: 'Id of what was acted on; of a network its CIDR',
    }),
    account: optional(id<AccountId>()).openapi({
      type: 'string',
      format: 'uuid',
      description: 'What the account’s page lists',
    }),
    session: optional(id<SessionId>()).openapi({ type: 'string', format: 'uuid' }),
    result: optional(z.enum(['done', 'refused', 'failed'])),
    q: optional(text(200)).openapi({ type: 'string' }),
    since: timeFilter('At or after'),
    until: timeFilter('Before'),
    ...paging,
  })
  .refine(oneWay, ONE_WAY)
  .refine(({ since, until }) => !since || !until || since < until, { path: ['until'], message: 'must lie after since' })

export const audit = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

audit.openapi(
  createRoute({
    method: 'get',
    path: '/audit',
    operationId: 'listAudit',
    summary: 'Who did what to whom, newest first',
    tags: ['Audit'],
    ...forScope('audit:read'),
    request: { query: AuditQuery },
    responses: { 200: answer('A page of it', pageOf(AuditEventOut).openapi('AuditPage')), ...problems() },
  }),
  async (c) => {
    const page = await listAudit(c.var.db, c.req.valid('query'))
    return c.json({ ...page, items: page.items.map(eventOut) }, 200)
  },
)
