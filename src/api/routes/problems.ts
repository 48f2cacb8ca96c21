import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { anyone } from '../../http/authorise.js'
import type { AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { badInputHook } from '../badInput.js'
import { problem } from '../operation.js'
import { findProblem } from '../problems.js'
import { strictQuery } from '../query.js'
import { NoQuery } from '../schemas.js'

export const problemPages = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

/** What the `type` of a problem leads to: for the person who reads a log. */
problemPages.openapi(
  createRoute({
    method: 'get',
    path: '/problems/{code}',
    operationId: 'explainProblem',
    summary: 'What a problem means, and what to do',
    tags: ['About'],
    middleware: [anyone(), strictQuery],
    request: { params: z.object({ code: z.string() }), query: NoQuery },
    responses: {
      200: { description: 'In words', content: { 'text/plain': { schema: z.string() } } },
      400: problem(400),
      404: problem(404),
    },
  }),
  async (c) => {
    const { code } = c.req.valid('param')
    const found = findProblem(code)
    if (!found) throw notFound('problem')
    return c.text(`${code} (${found.status})\n\n${found.means}\n\nWhat to do: ${found.toDo}\n`, 200)
  },
)
