import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { ProblemPage, ProblemsPage } from '../../../templates/site/problem.js'
import { anyone } from '../../http/authorise.js'
import type { AppContext, AppEnv } from '../../http/env.js'
import { notFound } from '../../http/errors.js'
import { pageWithoutDatabase } from '../../http/page.js'
import { badInputHook } from '../badInput.js'
import { problem } from '../operation.js'
import { type Explained, findProblem, listProblems } from '../problems.js'
import { strictQuery } from '../query.js'
import { NoQuery } from '../schemas.js'

export const problemPages = new OpenAPIHono<AppEnv>({ defaultHook: badInputHook })

const tags = ['About']
const inWords = {
  description: 'In words: a page for a browser, text for everyone else',
  content: { 'text/plain': { schema: z.string() }, 'text/html': { schema: z.string() } },
}

/** What the `type` of a problem leads to: for the person who reads a log. */
problemPages.openapi(
  createRoute({
    method: 'get',
    path: '/problems/{code}',
    operationId: 'explainProblem',
    summary: 'What a problem means, and what to do',
    tags,
    middleware: [anyone(), strictQuery],
    request: { params: z.object({ code: z.string() }), query: NoQuery },
    responses: { 200: inWords, 400: problem(400), 404: problem(404) },
  }),
  async (c) => {
    const found = findProblem(c.req.valid('param').code)
    if (!found) throw notFound('problem')
    c.header('Vary', 'Accept')
    return isForPerson(c)
      ? c.html(<ProblemPage page={pageWithoutDatabase(c)} problem={found} />, 200)
      : c.text(inText(found), 200)
  },
)

problemPages.openapi(
  createRoute({
    method: 'get',
    path: '/problems',
    operationId: 'listProblems',
    summary: 'All problems, with what each means and what to do',
    tags,
    middleware: [anyone(), strictQuery],
    request: { query: NoQuery },
    responses: { 200: inWords, 400: problem(400) },
  }),
  async (c) => {
    c.header('Vary', 'Accept')
    return isForPerson(c)
      ? c.html(<ProblemsPage page={pageWithoutDatabase(c)} problems={listProblems()} />, 200)
      : c.text(listProblems().map(inText).join('\n'), 200)
  },
)

const isForPerson = (c: AppContext) => (c.req.header('accept') ?? '').includes('text/html')

const inText = ({ code, status, means, toDo }: Explained) => `${code} (${status})\n\n${means}\n\nWhat to do: ${toDo}\n`
