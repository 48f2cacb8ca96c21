import { request } from 'node:http'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { TERMINAL } from '../../../src/audit/types.js'
import type { AppId } from '../../../src/db/ids.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aKey } from './client.js'

interface Told {
  status: number
  body: unknown
  /** Answered before all the rest: its policy needs no nonce. */
  fast: boolean
  headers: Record<string, unknown>
}

oneDatabase((database) => {
  const server = useApp(database)
  let app: AppId
  let secret: string
  let tokens: { live: string; ended: string; foreign: string }

  beforeAll(async () => {
    app = await anApp(database.db)
    secret = (await aKey(database.db, { app, scopes: ['sessions:verify'] })).secret
    const [live, ended, foreign] = [
      await aSession(database.db, { app }),
      await aSession(database.db, { app }),
      await aSession(database.db),
    ]
    await revokeSession(database.db, ended.session.id, TERMINAL, null)
    await server.services.node.engine.follower.nudge()
    tokens = { live: live.token, ended: ended.token, foreign: foreign.token }
    for (const token of Object.values(tokens)) await fast(JSON.stringify({ token }))
  })

  function send(body: string | Buffer, headers: Record<string, string | string[]>): Promise<Told> {
    return new Promise((resolve, reject) => {
      const sent = request(`${server.url}/api/v1/sessions/verify`, { method: 'POST', headers }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk) => chunks.push(chunk))
        answer.on('end', () => {
          const { requestId: _, ...body } = JSON.parse(Buffer.concat(chunks).toString())
          const policy = String(answer.headers['content-security-policy'])
          resolve({ status: answer.statusCode ?? 0, body, fast: !policy.includes('nonce-'), headers: answer.headers })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  const by = (more: Record<string, string | string[]>) => ({ authorization: `Bearer ${secret}`, ...more })
  const fast = (body: string | Buffer) => send(body, by({ 'content-type': 'application/json' }))
  /** The charset, which says nothing new, is unusual: this one goes the way of all requests. */
  const slow = (body: string | Buffer) => send(body, by({ 'content-type': 'application/json; charset=utf-8' }))

  async function bothSay(body: string | Buffer) {
    const [one, other] = [await fast(body), await slow(body)]
    expect(other.fast).toBe(false)
    expect([one.status, one.body], body.toString().slice(0, 500)).toEqual([other.status, other.body])
    return one
  }

  const client = {
    ip: '203.0.113.30',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  }
  const body = (more: object = {}) => JSON.stringify({ token: tokens.live, ...more })

  describe('a check that is answered before all the rest', () => {
    test('is the usual one, whose session and key are remembered', async () => {
      const usual = [
        body(),
        body({ client }),
        JSON.stringify({ token: tokens.live, client }, null, 2),
        body({ client: { ...client, ip: '2001:DB8::1' } }),
        JSON.stringify({ token: tokens.ended }),
        JSON.stringify({ token: tokens.foreign, client }),
        JSON.stringify({ token: 'nonsense' }),
        body({ client }).replaceAll('/', '\\/'),
      ]
      for (const text of usual) expect([text, (await bothSay(text)).fast]).toEqual([text, true])
    })

    test('S-53 is never one that could be read in two ways, or that is refused', async () => {
      const unusual = [
        '',
        '{}',
        'null',
        '[]',
        body({ client: { ...client, ip: '203.0.113.300' } }),
        body({ client: { ...client, ip: '010.0.0.1' } }),
        body({ client: { ...client, ip: null } }),
        body({ client: { ip: client.ip } }),
        body({ client: { ...client, port: 1 } }),
        body({ client, admin: true }),
        body({ client: { ...client, userAgent: 'Müller' } }),
        body({ client: { ...client, userAgent: 'a"b\\c' } }),
        body({ client: { ...client, userAgent: '\0' } }),
        body({ fresh: true }),
        `${body()}${body()}`,
        body().replace('}', `,"token":"${tokens.live}"}`),
        body().replace('}', ',"__proto__":{}}'),
        body().replace('token', 'tok\\u0065n'),
        body().replace('"}', '\\ud800"}'),
        body().replace(':', '\u00a0:'),
        Buffer.from(body().replace(':', '\u00a0:'), 'latin1'),
        Buffer.from(body().replace(':', '\u000b:'), 'latin1'),
        Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(body())]),
        Buffer.concat([Buffer.from(body()), Buffer.from([0xff])]),
        `${body()} ${' '.repeat(70_000)}`,
      ]
      for (const text of unusual)
        expect([text.toString(), (await bothSay(text)).fast]).toEqual([text.toString(), false])
    })

    test('S-53 says the same as all other ways about whatever is sent', async () => {
      const place = fc.nat({ max: 300 })
      const piece = fc.oneof(
        fc.constantFrom('"', '\\', '{', '}', ',', ':', ' ', '\t', '\u00a0', '\u000b', '\0', 'ü', '\ud83d', 'null', '/'),
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.constantFrom('"client":', '"token":"x",', '"ip":"::1",', '"fresh":false,'),
      )
      await fc.assert(
        fc.asyncProperty(place, fc.nat({ max: 4 }), piece, fc.boolean(), async (at, gone, put, withClient) => {
          const whole = Buffer.from(withClient ? body({ client }) : body())
          await bothSay(Buffer.concat([whole.subarray(0, at), Buffer.from(put), whole.subarray(at + gone)]))
        }),
        { numRuns: 300 },
      )
    }, 120_000)

    test('carries what every answer carries', async () => {
      const [one, other] = [await fast(body()), await slow(body())]
      const { 'content-security-policy': policy, ...headers } = one.headers
      expect(policy).toBe("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
      expect(Object.keys(headers).sort()).toEqual(
        Object.keys(other.headers)
          .filter((name) => name !== 'content-security-policy')
          .sort(),
      )
      for (const [name, value] of Object.entries(headers))
        if (!['x-request-id', 'date', 'content-length'].includes(name))
          expect([name, value]).toEqual([name, other.headers[name]])
    })

    test('is in the log like every other', async () => {
      const { headers } = await fast(body())
      const lines = server
        .log()
        .split('\n')
        .filter((line) => line.includes(String(headers['x-request-id'])))
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        {
          msg: 'request',
          method: 'POST',
          path: '/api/v1/sessions/verify',
          status: 200,
          ip: '127.0.0.1',
          ms: expect.any(Number),
        },
      ])
    })

    test('notes the use of the session as every other', async () => {
      const { session, token } = await aSession(database.db, { app, idleFor: '1 hour' })
      await fast(JSON.stringify({ token }))
      await server.services.touches.flush()
      expect((await fast(JSON.stringify({ token }))).fast).toBe(true)
      expect(server.services.touches.waiting).toBe(0)
      expect((await fast(JSON.stringify({ token, client }))).fast).toBe(true)
      expect(server.services.touches.waiting).toBe(1)
      expect(session.id).toBeTruthy()
    })
  })

  describe('a key', () => {
    test('S-60 that is not good for it gets the answer that it always gets', async () => {
      const scopeless = (await aKey(database.db, { app, scopes: ['sessions:read'] })).secret
      const types = ['application/json', 'application/json; charset=utf-8']
      const tries: Record<string, string | string[]>[] = [
        {},
        { authorization: `Bearer rck_${'A'.repeat(43)}` },
        { authorization: `Bearer ${scopeless}` },
        { authorization: [`Bearer ${secret}`, `Bearer ${secret}`] },
        { authorization: `Basic ${secret}` },
        { authorization: `bearer  ${secret}` },
      ]
      const statuses = []
      for (const headers of tries) {
        const [one, other] = [
          await send(body(), { ...headers, 'content-type': types[0] ?? '' }),
          await send(body(), { ...headers, 'content-type': types[1] ?? '' }),
        ]
        expect([one.status, one.body]).toEqual([other.status, other.body])
        statuses.push(one.status)
      }
      expect(statuses).toEqual([401, 401, 403, 401, 401, 200])
    })

    test('S-60 revoked, is refused from the next request on', async () => {
      const { secret: other, id } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
      const { secret: admin } = await aKey(database.db)
      const ask = () => send(body(), { authorization: `Bearer ${other}`, 'content-type': 'application/json' })
      await ask()
      expect(await ask()).toMatchObject({ status: 200, fast: true })
      await fetch(`${server.url}/api/v1/keys/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${admin}` },
      })
      expect((await ask()).status).toBe(401)
    })
  })

  test('no body is made a web stream of, on either way: what that leaves behind slows every later request', async () => {
    const made = vi.spyOn(Readable, 'toWeb')
    try {
      expect((await fast(body())).fast).toBe(true)
      expect((await fast(body({ fresh: true }))).fast).toBe(false)
      expect((await slow(body())).fast).toBe(false)
      expect(made).not.toHaveBeenCalled()
    } finally {
      made.mockRestore()
    }
  })
})
