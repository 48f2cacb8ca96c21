import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { JobId } from '../../db/ids.js'
import type { AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { findJob, type Job } from '../../sessions/many/jobs.js'
import { badInputHook } from '../badInput.js'
import { answer, forScope, problems } from '../operation.js'
import { NoQuery, pathId, time } from '../schemas.js'
import { reachOf } from '../scope.js'

const JobOut = z
  .object({
    id: z.string().openapi({ format: 'uuid' }),
    kind: z.enum(['filter', 'kill-switch']),
    state: z.enum(['running', 'paused', 'done']).openapi({
      description: 'Of the marking of the rows: the sessions are over, and refused everywhere, from the act on',
    }),
    what: z.string().openapi({ description: 'The filter in words', example: 'network 203.0.113.0/24' }),
    reason: z.string().nullable(),
    at: time,
    doneAt: time.nullable(),
    total: z.int().nullable().openapi({ description: 'How many it ended; null: not counted' }),
    ended: z.int().openapi({ description: 'Of these, marked so far' }),
    gone: z.int().openapi({ description: 'Had ended by themselves, or by somebody else, before their turn' }),
    expected: z.int().nullable().openapi({ description: 'What a dry run had counted; null: nobody said' }),
    goneBefore: z.int().nullable().openapi({
      description:
        'Of those expected, had gone before the act: so many at least, as others may have come to match since',
    }),
    refused: z
      .int()
      .openapi({ description: 'Of people with a role in the panel, there: only a key with scope admin ends those' }),
  })
  .openapi('Job')

export const Revoked = z.object({ job: JobOut })

export function jobOut({ id, kind, state, what, reason, at, doneAt, marked, set }: Job): z.infer<typeof JobOut> {
  return {
    id,
    kind,
    state,
    what,
    reason,
    at: at.toISOString(),
    doneAt: doneAt?.toISOString() ?? null,
    total: set?.total ?? null,
    ended: marked,
    gone: set?.gone ?? 0,
    expected: set?.previewed ?? null,
    goneBefore: set?.goneBefore ?? null,
    refused: set?.refused ?? 0,
  }
}

/** What ended many sessions at once. */
export const jobs = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

jobs.openapi(
  createRoute({
    method: 'get',
    path: '/jobs/{id}',
    operationId: 'findJob',
    summary: 'How far the rows are marked of what was ended with many others',
    tags: ['Sessions'],
    ...forScope('sessions:write'),
    request: { params: pathId<JobId>(), query: NoQuery },
    responses: { 200: answer('As it now is', JobOut), ...problems(404) },
  }),
  async (c) => {
    const job = await findJob(c.var.db, c.req.valid('param').id, reachOf(c.var.apiKey))
    if (!job) throw notFound('job')
    return c.json(jobOut(job), 200)
  },
)
