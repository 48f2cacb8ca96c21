import { request } from 'node:http'
import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../../src/db/connect.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from './client.js'

oneDatabase((database) => {
  const server = useApp(database, { ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: 'true' })
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const { secret } = await aKey(database.db)
    return send(server.url, 'POST', path, { key: secret, body, headers })
  }
  const errorsOf = async (path: string, body: unknown) => {
    const answered = await post(path, body)
    expect(answered.status, answered.text).toBe(400)
    expect(answered.headers.get('content-type')).toBe('application/problem+json')
    return answered.json.errors
  }
  const start = (more: object) => ({ account: { email: 'in@example.com' }, client: aVisit(), ...more })

  describe('S-53 bodies', () => {
    test('S-53 unknown fields are errors, named by their path, and nothing is done', async () => {
      expect(await errorsOf('/sessions', start({ client: aVisit({ port: 1 }), admin: true }))).toEqual([
        { path: 'client.port', message: 'is not a field of this request' },
        { path: 'admin', message: 'is not a field of this request' },
      ])
      const { secret } = await aKey(database.db)
      const { json } = await send(server.url, 'GET', '/accounts?q=in@example.com', { key: secret })
      expect(json.items).toEqual([])
    })

    test.each([
      ['a wrong type', { network: 7, reason: 'r' }, 'network'],
      ['nothing at all', {}, 'reason'],
      ['null', { network: null, reason: 'r' }, 'network'],
      ['blanks', { network: '203.0.113.0/24', reason: '   ' }, 'reason'],
      ['host bits', { network: '203.0.113.7/24', reason: 'r' }, 'network'],
      ['every address', { network: '0.0.0.0/0', reason: 'r' }, 'network'],
      ['a list', ['203.0.113.0/24'], 'request'],
      ['a text', '"x"', 'request'],
    ])('S-53 %s is named', async (_, body, path) => {
      expect((await errorsOf('/blocks', body))[0].path).toBe(path)
    })

    test.each([
      ['a name given twice', '{"name":"a","name":"b"}', 'name'],
      ['__proto__', '{"name":"a","__proto__":{"role":"owner"}}', '__proto__'],
      ['NUL', '{"name":"a\\u0000b"}', 'name'],
      ['a lone surrogate', '{"name":"a\\ud800b"}', 'name'],
      ['a number over 2^53', '{"name":9007199254740993}', 'name'],
      ['10,000 levels', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'name.0'],
      ['half a body', '{"name":"a"', 'request'],
      ['no body', '', 'request'],
    ])('S-53 %s is named', async (_, body, path) => {
      const [error] = await errorsOf('/accounts', body)
      expect(error.path.startsWith(path), error.path).toBe(true)
    })

    test('S-53 bad UTF-8 is refused, and a BOM too', async () => {
      for (const bytes of [
        [0xff, 0xfe],
        [0xc0, 0xaf],
        [0xed, 0xa0, 0x80],
      ]) {
        const body = new Uint8Array([...Buffer.from('{"name":"'), ...bytes, ...Buffer.from('"}')])
        expect(await errorsOf('/accounts', body)).toEqual([{ path: 'request', message: 'is not UTF-8' }])
      }
      expect(
        (await errorsOf('/accounts', new Uint8Array([0xef, 0xbb, 0xbf, ...Buffer.from('{"name":"a"}')])))[0].path,
      ).toBe('request')
    })

    test('S-53 a body over 64 KiB is refused, with its length said or not', async () => {
      const { secret } = await aKey(database.db)
      const big = `{"name":"${'x'.repeat(66_000)}"}`
      expect((await post('/accounts', big)).status).toBe(413)
      expect(await chunked(`${server.url}/api/v1/accounts`, secret, big)).toBe(413)
    })

    test('S-53 headers over 16 KiB are refused', async () => {
      const answer = await fetch(`${server.url}/api/v1/apps`, { headers: { 'x-large': 'x'.repeat(17_000) } })
      expect(answer.status).toBe(431)
    })

    test('what is not declared as JSON in UTF-8 is refused', async () => {
      for (const type of [
        'text/plain',
        'application/json; charset=latin1',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
      ])
        expect((await post('/accounts', '{"name":"a"}', { 'content-type': type })).status, type).toBe(415)
      expect(
        (await post('/accounts', '{"name":"a"}', { 'content-type': 'application/json; charset=utf-8' })).status,
      ).toBe(201)
    })

    test('an account must be named, a client’s address must be one', async () => {
      expect((await errorsOf('/sessions', start({ account: { name: 'x' } })))[0].path).toBe('account')
      expect((await errorsOf('/sessions', start({ account: { email: 'no address' } })))[0].path).toBe('account.email')
      expect((await errorsOf('/sessions', start({ client: aVisit({ ip: '010.0.0.1' }) })))[0].path).toBe('client.ip')
      expect((await post('/sessions', start({ client: aVisit({ ip: null }) }))).status).toBe(201)
      expect((await post('/sessions', start({ client: aVisit({ ip: '::ffff:203.0.113.9' }) }))).json.session.ip).toBe(
        '203.0.113.9',
      )
    })

    test.each([true, '1', [1], 1.5, 0, 367])(
      'S-53 %j is no number of days, and nothing is ended by it',
      async (unseenDays) => {
        const [error] = await errorsOf('/sessions/revoke', { filter: { unseenDays }, reason: 'r' })
        expect(error.path).toBe('filter.unseenDays')
      },
    )

    test('ending by a filter that narrows nothing down is refused: everyone is an act of its own', async () => {
      const { session } = await aSession(database.db)
      for (const filter of [
        {},
        { app: session.app.id },
        { q: '   ' },
        { ip: '0.0.0.0/0' },
        { ip: '::/0' },
        { state: 'all' },
      ])
        expect((await post('/sessions/revoke', { filter, reason: 'r' })).status, JSON.stringify(filter)).toBe(400)
      const { secret } = await aKey(database.db)
      expect((await send(server.url, 'GET', `/sessions/${session.id}`, { key: secret })).json.state).toBe('live')
    })
  })

  describe('queries', () => {
    const get = async (path: string) => {
      const { secret } = await aKey(database.db)
      return send(server.url, 'GET', path, { key: secret })
    }

    test.each([
      ['/sessions?country=DE&country=FR', 'country'],
      ['/sessions?contry=DE', 'contry'],
      ['/sessions?country=Germany', 'country'],
      ['/sessions?ip=203.0.113.7/24', 'ip'],
      ['/sessions?ip=999.1.1.1', 'ip'],
      ['/sessions?account=7', 'account'],
      ['/sessions?q=%00', 'q'],
      ['/sessions?limit=0', 'limit'],
      ['/sessions?limit=201', 'limit'],
      ['/sessions?limit=1e2', 'limit'],
      ['/sessions?unseenDays=0x10', 'unseenDays'],
      ['/sessions?unseenDays=1e1', 'unseenDays'],
      ['/sessions?unseenDays=367', 'unseenDays'],
      ['/sessions?sort=random', 'sort'],
      ['/sessions?since=yesterday', 'since'],
      ['/sessions?since=0000-01-01T00:00:00Z', 'since'],
      ['/sessions?since=2026-02-30T00:00:00Z', 'since'],
      ['/sessions?since=2026-01-01T00:00:00', 'since'],
      ['/audit?since=9999-12-31T00:00:00Z', 'since'],
      ['/audit?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', 'until'],
      ['/sessions?after=x&before=y', 'before'],
    ])('S-53 S-56 %s is refused and named', async (path, named) => {
      const answered = await get(path)
      expect(answered.status, answered.text).toBe(400)
      expect(answered.json.errors[0].path).toBe(named)
    })

    test('S-53 a parameter that is given twice is refused for that', async () => {
      const { errors } = (await get('/sessions?country=DE&country=FR')).json
      expect(errors).toEqual([{ path: 'country', message: 'is given more than once' }])
    })

    test('S-56 a cursor that was made up, changed, or made for another filter or list is refused', async () => {
      await aSession(database.db)
      await aSession(database.db)
      const { next } = (await get('/sessions?limit=1')).json
      expect(next).not.toBeNull()
      expect((await get(`/sessions?limit=1&after=${next}`)).status).toBe(200)
      const made = Buffer.from(JSON.stringify(['x', ["' or 1=1"]])).toString('base64url')
      for (const path of [
        `/sessions?after=${next}&country=DE`,
        `/sessions?after=${next}&sort=oldest`,
        `/audit?after=${next}`,
        `/blocks?after=${next}`,
        `/accounts?after=${next}`,
        `/sessions?after=${made}`,
        '/sessions?after=%F0%9F',
        `/sessions?after=${'A'.repeat(3_000)}`,
      ]) {
        const answered = await get(path)
        expect(answered.status, path).toBe(400)
        expect(answered.json.errors[0].path, path).toBe('after')
      }
    })

    test('S-56 a cursor is good for the list that gave it alone, whatever else is listed by the same filter', async () => {
      const { secret } = await aKey(database.db)
      const key = { key: secret }
      for (const n of [1, 2, 3]) {
        await anAccount(database.db)
        const body = { network: `198.51.100.${n}`, reason: 'r' }
        await send(server.url, 'POST', '/blocks', { ...key, body })
      }
      const lists = ['/sessions', '/accounts', '/blocks', '/audit']
      for (const list of lists) {
        const { next } = (await get(`${list}?limit=1`)).json
        for (const other of lists)
          for (const way of ['after', 'before']) {
            const answered = await get(`${other}?limit=1&${way}=${next}`)
            expect(answered.status, `${list} -> ${other}`).toBe(list === other ? 200 : 400)
            if (list !== other) expect(answered.json.errors[0].path).toBe(way)
          }
      }
    })

    test('S-56 a cursor whose keys were changed is refused wherever the list could not be read from there', async () => {
      const { secret } = await aKey(database.db)
      const key = { key: secret }
      for (let n = 0; n < 2; n += 1) await aSession(database.db)
      const body = { url: 'http://127.0.0.1:9/', events: ['account.blocked'] }
      const { id } = (await send(server.url, 'POST', '/webhooks', { ...key, body })).json.webhook
      for (let n = 0; n < 2; n += 1) await send(server.url, 'POST', `/webhooks/${id}/test`, key)

      const wrong = ['', 'x', '1.5', '-1', '1e9', '99999999999999999999', 'infinity', '0000-01-01', '2026-02-30']
      const lists = ['/sessions?sort=newest', '/sessions?sort=seen', '/accounts?', '/blocks?', '/audit?']
      for (const list of [...lists, `/webhooks/${id}/deliveries?`]) {
        const { next } = (await get(`${list}&limit=1`)).json
        expect(next, list).not.toBeNull()
        const [bound, keys] = JSON.parse(Buffer.from(next, 'base64url').toString())
        for (let at = 0; at < keys.length; at += 1)
          for (const one of wrong) {
            const made = Buffer.from(JSON.stringify([bound, keys.with(at, one)])).toString('base64url')
            const answered = await get(`${list}&limit=1&after=${made}`)
            expect(answered.status, `${list} ${JSON.stringify(keys.with(at, one))}`).toBe(400)
          }
      }
    })

    test('S-56 an end in the past, or far beyond any, is refused', async () => {
      const account = await anAccount(database.db)
      const { secret } = await aKey(database.db)
      for (const until of ['2020-01-01T00:00:00Z', '2190-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'tomorrow']) {
        const refused = await send(server.url, 'PUT', `/accounts/${account.id}/block`, {
          key: secret,
          body: { reason: 'r', until },
        })
        expect(refused, until).toMatchObject({ status: 400, json: { errors: [{ path: 'until' }] } })
      }
      for (const expiresIn of [0, -1, 1.5, 2 ** 53, 40_000_000])
        expect((await post('/sessions', start({ expiresIn }))).status, String(expiresIn)).toBe(400)
    })
  })

  describe('addresses of the API', () => {
    test('what does not exist is 404, what exists with another method 405, both as problems', async () => {
      const { secret } = await aKey(database.db)
      for (const path of ['/nothing', '/sessions/x/y', '/store/abc', '/']) {
        const answered = await send(server.url, 'GET', path, { key: secret })
        expect(answered, path).toMatchObject({
          status: 404,
          json: { status: 404, type: expect.stringMatching(/not-found$/) },
        })
      }
      const answered = await send(server.url, 'PUT', '/sessions', { key: secret, body: {} })
      expect(answered).toMatchObject({ status: 405, json: { type: expect.stringMatching(/method-not-allowed$/) } })
      expect(answered.headers.get('allow')).toBe('GET, HEAD, POST')
    })

    test('an id that is none names nothing', async () => {
      const { secret } = await aKey(database.db)
      for (const id of ['1', 'x', '0199c3a0-5a5e-7c4b-9d3e', "';--"])
        expect((await send(server.url, 'GET', `/sessions/${id}`, { key: secret })).status).toBe(404)
    })

    test('the type of a problem leads to its explanation', async () => {
      const { json } = await send(server.url, 'GET', '/apps')
      const page = await fetch(json.type)
      expect(page.status).toBe(200)
      expect(await page.text()).toContain('What to do')
    })
  })
})

eachDatabase((database) => {
  const server = useApp(database)

  test('S-65 a fault answers with a request id and plain words: no query, no path, no stack', async () => {
    const { secret } = await aKey(database.db)
    await database.db.execute(sql`alter table audit_events rename to hidden_events`)
    const answered = await send(server.url, 'POST', '/accounts', { key: secret, body: { name: 'Nobody' } })
    await database.db.execute(sql`alter table hidden_events rename to audit_events`)
    expect(answered).toMatchObject({ status: 500, json: { requestId: answered.headers.get('x-request-id') } })
    expect(answered.text).not.toMatch(/audit_events|select|insert|node_modules|\.ts|postgres|pglite|hono|error:/i)
    expect(server.log()).toContain(answered.json.requestId)
    expect(rowsOf(await database.db.execute(sql`select 1 from accounts`))).toHaveLength(0)
  })
})

/** Without a Content-Length. */
function chunked(url: string, key: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
    }
    const sent = request(url, { method: 'POST', headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject)
    sent.write(body.slice(0, 1_000))
    sent.end(body.slice(1_000))
  })
}
