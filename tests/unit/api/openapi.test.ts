import { expect, test } from 'vitest'
import { z } from 'zod'
import { api } from '../../../src/api/routes.js'

const Operation = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]),
  responses: z.record(z.string(), z.object({ headers: z.record(z.string(), z.unknown()).default({}) })),
})
const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) })

const { paths } = Document.parse(await (await api().request('/openapi.json')).json())
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

test('every POST that makes something takes an Idempotency-Key, and the document says so', () => {
  const making = operations.filter(({ method, responses }) => method === 'post' && responses['201'])
  expect(making.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/sessions', '/accounts', '/blocks', '/keys', '/apps', '/protected-hosts']),
  )
  for (const { operationId, parameters } of making)
    expect(parameters, operationId).toContainEqual({ name: 'Idempotency-Key', in: 'header' })
})

test('where waiting helps, the document says for how long one is told to wait', () => {
  for (const { path, operationId, responses } of operations.filter(({ path }) => !path.startsWith('/problems')))
    for (const status of ['429', 'default'].filter((one) => responses[one]))
      expect(responses[status]?.headers, `${operationId} ${status} of ${path}`).toHaveProperty('Retry-After')
})
