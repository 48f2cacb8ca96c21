import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { readHead } from '../../audit/compareHead.js'
import { AUDIT_FORMATS } from '../../audit/export.js'
import { listAudit } from '../../audit/list.js'
import type { AuditEvent } from '../../audit/types.js'
import { CHAIN_PROBLEMS } from '../../audit/verify.js'
import type { AccountId, SessionId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { exportAudit, verifyNow } from '../auditWhole.js'
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
    ip: z.string().nullable().openapi({
      description:
        'Where it was done from. Of a sign-in that an app vouches for: where the person is; the app’s server is `details.serverIp`',
    }),
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

const filter = {
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
}
const inOrder = ({ since, until }: { since?: Date | undefined; until?: Date | undefined }) =>
  !since || !until || since < until
const IN_ORDER = { path: ['until'], message: 'must lie after since' }

const AuditQuery = z
  .strictObject({ ...filter, ...paging })
  .refine(oneWay, ONE_WAY)
  .refine(inOrder, IN_ORDER)

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

const ExportQuery = z
  .strictObject({
    format: optional(z.enum(AUDIT_FORMATS)).openapi({
      type: 'string',
      default: 'jsonl',
      description: 'JSON Lines of what `GET /audit` lists, CSV, or JSON Lines of OCSF events',
    }),
    ...filter,
  })
  .refine(inOrder, IN_ORDER)

audit.openapi(
  createRoute({
    method: 'get',
    path: '/audit/export',
    operationId: 'exportAudit',
    summary: 'The whole log, or what matches, as a file, newest first',
    tags: ['Audit'],
    ...forScope('audit:read'),
    request: { query: ExportQuery },
    responses: {
      200: {
        description: 'As a stream, at the pace of the reader. One that breaks off does not end: the connection is cut',
        content: { 'application/jsonl': { schema: z.string() }, 'text/csv': { schema: z.string() } },
      },
      ...problems(429),
    },
  }),
  (c) => exportAudit(c, c.req.valid('query')),
)

const VerifyQuery = z.strictObject({
  head: optional(
    z
      .string()
      .transform(readHead)
      .refine((head) => head !== undefined, 'must be a head as an earlier verification gave it'),
  ).openapi({ type: 'string', description: 'A `head` that was noted earlier: the chain must still hold it' }),
})

const ChainOut = z
  .object({
    intact: z.boolean(),
    from: z.int().openapi({ description: 'The first seal that is there; 0 while there is none' }),
    to: z.int(),
    head: z
      .string()
      .nullable()
      .openapi({ description: 'Of the last seal. Note it elsewhere, and give it as `head` later' }),
    through: time.nullable().openapi({ description: 'When the last seal was made' }),
    events: z.int(),
    problems: z
      .array(
        z.object({
          kind: z.enum(CHAIN_PROBLEMS),
          event: z.string().nullable(),
          seal: z.int().nullable(),
        }),
      )
      .openapi({ description: 'The first hundred of `problemCount`' }),
    problemCount: z.int(),
    noted: z.enum(['same', 'differs', 'too-old']).optional().openapi({
      description: 'Of the `head` that was given; too old: its events were removed when their time was over',
    }),
  })
  .openapi('Chain')

audit.openapi(
  createRoute({
    method: 'get',
    path: '/audit/verify',
    operationId: 'verifyAudit',
    summary: 'Read the whole chain of hashes over the log, and say what is not as it was',
    tags: ['Audit'],
    ...forScope('audit:read'),
    request: { query: VerifyQuery },
    responses: { 200: answer('What was found', ChainOut), ...problems(409) },
  }),
  async (c) => {
    const report = await verifyNow(c, c.req.valid('query').head)
    return c.json({ ...report, intact: report.problemCount === 0, through: report.through?.toISOString() ?? null }, 200)
  },
)
