import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { useApp } from '../../support/app.js'
import { aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aKey, send } from './client.js'

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
})

const HOSTILE = [
  '',
  ' ',
  '\0',
  '\u202e',
  "'; drop table sessions;--",
  '{{7*7}}',
  '<script>',
  '%',
  '\\',
  '../..',
  '0x10',
  '-1',
  '1e309',
  'null',
  '::1',
  '0.0.0.0/0',
  '255.255.255.255',
  'ffff:'.repeat(30),
  '__proto__',
  'constructor',
  '9999-12-31T23:59:59Z',
  '0000-00-00T00:00:00Z',
  '2026-13-01T00:00:00Z',
  'x'.repeat(5_000),
  '\ud800',
  '🙂',
  'a@b.c',
  '@',
  'İ@İ',
]

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }))
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), hostileText, fc.integer(), fc.double())
const NOBODY = '0199c3a0-0000-7000-8000-00000000dead'
const knownId = fc.constantFrom(NOBODY, BUILT_IN_APP)

oneDatabase((database) => {
  const server = useApp(database)

  test('S-53 whatever is sent to whichever operation, it answers, and never with a fault', async () => {
    const { secret } = await aKey(database.db)
    const seeds = await sow()
    const document = Document.parse((await send(server.url, 'GET', '/openapi.json')).json)
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const requests = fc.record({
          id: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...seeds.ids) }, { weight: 1, arbitrary: hostileText }),
          query: fc.oneof(
            { weight: 2, arbitrary: fc.constant('') },
            { weight: 3, arbitrary: queryOf(operation['parameters']) },
          ),
          body: bodyOf(
            operation['requestBody'],
            document.components.schemas,
            seeds.bodies[String(operation['operationId'])],
          ),
          once: fc.option(
            hostileText.map((text) => text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 300)),
            { nil: undefined, freq: 3 },
          ),
        })
        await fc.assert(
          fc.asyncProperty(requests, async ({ id, query, body, once }) => {
            const address = path.replace(/\{\w+\}/, encodeURIComponent(id.toWellFormed()).replaceAll('.', '%2E') || 'x')
            const headers = once ? { 'idempotency-key': once } : {}
            const answered = await send(server.url, method.toUpperCase(), `${address}${query}`, {
              key: secret,
              body,
              headers,
            })
            expect(
              answered.status,
              `${method} ${address}${query} ${body}\n${answered.text}\n${server.log().slice(-3_000)}`,
            ).toBeLessThan(500)
            if (answered.status >= 400)
              expect(answered.json).toMatchObject({ title: expect.any(String), status: answered.status })
          }),
          { numRuns: 30 },
        )
      }
    }
  }, 300_000)

  /** Something for the requests to hit, and a body for each operation that it takes. */
  async function sow() {
    const { session, account } = await aSession(database.db)
    const blocked = await blockNetwork(database.db, { network: '198.51.100.0/24', reason: 'r' }, SYSTEM)
    const client = { ip: '203.0.113.9', userAgent: 'curl/8', headers: { 'sec-ch-ua-mobile': '?0' } }
    const bodies: Record<string, object> = {
      startSession: {
        account: { externalId: 'u1', email: 'fuzz@example.com', name: 'F' },
        client,
        method: 'app',
        expiresIn: 60,
        data: { a: ['b'] },
      },
      verifySession: { token: 'rcs_x', client: { ip: client.ip, userAgent: client.userAgent } },
      touchSessions: { items: [{ id: session.id, secondsAgo: 1, ip: '203.0.113.8', requests: 2 }] },
      revokeSessions: {
        filter: { q: 'nobody', ip: '192.0.2.0/24', browser: 'B', os: 'O', method: 'm', country: 'DE' },
        reason: 'r',
      },
      createAccount: { email: 'new@example.com', name: 'N', role: 'person' },
      changeAccount: { email: 'changed@example.com', name: 'N' },
      revokeAccountSessions: { reason: 'r' },
      blockAccount: { reason: 'r', message: 'm', until: null },
      blockNetwork: { network: '192.0.2.0/24', reason: 'r', endSessions: true },
      createKey: { app: BUILT_IN_APP, name: 'k', scopes: ['admin'] },
      createApp: { name: 'a' },
    }
    return { ids: [session.id, account.id, NOBODY, blocked.status === 'blocked' ? blocked.block.id : NOBODY], bodies }
  }
})

/** Parameters that exist and some that do not, with values of every kind. */
function queryOf(parameters: unknown): fc.Arbitrary<string> {
  const names = z
    .array(z.object({ name: z.string(), in: z.string() }))
    .catch([])
    .parse(parameters)
  const known = names.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known, 'limit') },
    { weight: 1, arbitrary: hostileText },
  )
  const value = fc.oneof(
    hostileText,
    knownId,
    fc.constantFrom('203.0.113.0/24', 'DE', 'unknown', '2026-01-01T00:00:00Z', 'all', 'newest', '5', 'session'),
  )
  const encode = (text: string) => encodeURIComponent(text.toWellFormed())
  return fc
    .uniqueArray(fc.tuple(name, value), { maxLength: 3, selector: ([chosen]) => chosen })
    .map((pairs) => `?${pairs.map(([left, right]) => `${encode(left)}=${encode(right)}`).join('&')}`)
}

/** Bodies that nearly fit, as text: fields left out, added, of the wrong kind; and some that are no JSON at all. */
function bodyOf(
  requestBody: unknown,
  named: Record<string, unknown>,
  seed: object | undefined,
): fc.Arbitrary<string | undefined> {
  const schema = z
    .object({ content: z.object({ 'application/json': z.object({ schema: z.unknown() }) }) })
    .safeParse(requestBody)
  if (!schema.success) return fc.constant(undefined)
  const fitting = like(schema.data.content['application/json'].schema, named).map(
    (value) => JSON.stringify(value) ?? 'null',
  )
  return fc.oneof(
    { weight: 10, arbitrary: spoilt(seed ?? {}).map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: fitting },
    { weight: 1, arbitrary: anything.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: hostileText },
  )
}

/** A good body with another text in the place of one of its own: what the schema lets pass reaches the database. */
function spoilt(seed: unknown): fc.Arbitrary<unknown> {
  if (typeof seed !== 'object' || seed === null) return fc.oneof(hostileText, fc.integer(), fc.constant(null))
  const entries = Object.entries(seed)
  if (entries.length === 0) return fc.constant(seed)
  return fc
    .constantFrom(...entries)
    .chain(([name, part]) => spoilt(part).map((worse) => (Array.isArray(seed) ? [worse] : { ...seed, [name]: worse })))
}

function like(schema: unknown, named: Record<string, unknown>): fc.Arbitrary<unknown> {
  const {
    $ref,
    type,
    properties,
    required,
    enum: values,
    items,
    format,
  } = z
    .object({
      $ref: z.string(),
      type: z.unknown(),
      properties: z.record(z.string(), z.unknown()),
      required: z.array(z.string()),
      enum: z.array(z.unknown()),
      items: z.unknown(),
      format: z.string(),
    })
    .partial()
    .parse(schema)
  if ($ref) return like(named[$ref.split('/').at(-1) ?? ''], named)
  const mostly = (fitting: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 9, arbitrary: fitting }, { weight: 1, arbitrary: anything })
  if (properties) {
    const fields = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, like(property, named)]),
    )
    return mostly(fc.record(fields, { requiredKeys: required ?? [] }))
  }
  if (values) return mostly(fc.constantFrom(...values))
  if (type === 'array') return mostly(fc.array(like(items, named), { maxLength: 4 }))
  if (type === 'object') return mostly(fc.dictionary(hostileText, anything, { maxKeys: 3 }))
  if (type === 'boolean') return mostly(fc.boolean())
  if (type === 'integer' || type === 'number')
    return mostly(fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer(), fc.double({ noNaN: true })))
  if (format === 'uuid') return mostly(knownId)
  return mostly(
    fc.oneof(
      hostileText,
      fc.constantFrom('203.0.113.9', '2001:db8::/32', '2027-01-01T00:00:00Z', 'ada@example.com', 'Ada', 'saml'),
    ),
  )
}
