import { z } from 'zod'
import { type Answered, send } from './client.js'

const Schema = z.record(z.string(), z.unknown())
const Responses = z.record(
  z.string(),
  z.object({ content: z.record(z.string(), z.object({ schema: Schema })).optional() }),
)
const Operation = z.object({ operationId: z.string(), responses: Responses, requestBody: z.unknown().optional() })
const Document = z.object({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
})

export interface DocumentedOperation {
  id: string
  method: string
  /** "/sessions/{id}" */
  path: string
  takesBody: boolean
  statuses: string[]
}

export interface Contract {
  operations: DocumentedOperation[]
  /** Sends, and holds the answer against what the document says about it. */
  call(id: string, how?: Call): Promise<Answered>
  /** "startSession 201", for all that the document names and nobody has seen. */
  unseen(): string[]
}

export interface Call {
  key?: string
  /** In the place of "{id}" or "{code}"; of two, in their order. */
  in?: string | [string, string]
  query?: string
  body?: unknown
  headers?: Record<string, string>
}

/** Reads the document as any client would, from the server. */
export async function readContract(url: string): Promise<Contract> {
  const document = Document.parse((await send(url, 'GET', '/openapi.json')).json)
  const seen = new Set<string>()
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      takesBody: operation.requestBody !== undefined,
      statuses: Object.keys(operation.responses).filter((status) => status !== 'default'),
      responses: operation.responses,
    })),
  )
  return {
    operations,
    async call(id, how = {}) {
      const operation = operations.find((known) => known.id === id)
      if (!operation) throw new Error(`the document has no operation ${id}`)
      const [first = '', second = first] = [how.in ?? []].flat()
      const filled = operation.path.replace(/\{\w+\}/, first).replace(/\{\w+\}/, second)
      const path = filled + (how.query ? `?${how.query}` : '')
      const answered = await send(url, operation.method, path, how)
      const documented = operation.responses[String(answered.status)]
      if (!documented) throw new Error(`${id} answered ${answered.status}, which is not documented: ${answered.text}`)
      const type = answered.headers.get('content-type')?.split(';')[0] ?? ''
      const content = documented.content?.[type]
      if (!content) throw new Error(`${id} answered ${answered.status} as ${type}, which is not documented`)
      const checked = z
        .fromJSONSchema(closed(content.schema, document.components.schemas) as never)
        .safeParse(answered.json ?? answered.text)
      if (!checked.success)
        throw new Error(
          `${id} ${answered.status} is not what is documented: ${z.prettifyError(checked.error)}\n${answered.text}`,
        )
      seen.add(`${id} ${answered.status}`)
      return answered
    },
    unseen: () =>
      operations
        .flatMap(({ id, statuses }) => statuses.map((status) => `${id} ${status}`))
        .filter((one) => !seen.has(one)),
  }
}

/** References resolved, and no field allowed that is not named: a field that slips out is found. */
function closed(schema: unknown, named: Record<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((part) => closed(part, named))
  if (typeof schema !== 'object' || schema === null) return schema
  const { $ref, ...own } = schema as Record<string, unknown>
  if (typeof $ref === 'string') return closed(named[$ref.split('/').at(-1) ?? ''], named)
  const parts = Object.fromEntries(
    Object.entries(own).map(([name, part]) => [name, name === 'enum' ? part : closed(part, named)]),
  )
  return 'properties' in parts ? { additionalProperties: false, ...parts } : parts
}
