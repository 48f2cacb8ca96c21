import { sql } from 'drizzle-orm'
import { expect, onTestFinished, test, vi } from 'vitest'
import { pruneIdempotencyKeys } from '../../../src/api/idempotency.js'
import { listAudit } from '../../../src/audit/list.js'
import { rowsOf } from '../../../src/db/connect.js'
import { BUILT_IN_APP, newId } from '../../../src/db/ids.js'
import { findSession } from '../../../src/sessions/read.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { type Answer, aReceiver } from '../../support/receiver.js'
import { aKey, aVisit, send } from './client.js'
import { holdInFlight } from './inFlight.js'
import { onItsOwnPool } from './ownPool.js'

const visit = (email: string) => ({ account: { email }, client: aVisit() })
const once = (key: string) => ({ 'idempotency-key': key })

eachDatabase((database) => {
  const server = useApp(database, { ROLLCALL_WEBHOOKS_ALLOW_LOOPBACK: 'true' })
  const post = (key: string, path: string, body: unknown, headers = {}) =>
    send(server.url, 'POST', path, { key, body, headers })
  const count = async (table: 'accounts' | 'sessions' | 'idempotency_keys') =>
    Number(
      rowsOf<{ n: string }>(await database.db.execute(sql`select count(*) as n from ${sql.identifier(table)}`))[0]?.n,
    )

  test('S-55 the same key and body: the same answer, done once', async () => {
    const { secret } = await aKey(database.db)
    const first = await post(secret, '/sessions', visit('one@example.com'), once('k1'))
    const before = await count('sessions')
    const second = await post(secret, '/sessions', visit('one@example.com'), once('k1'))
    expect(second.status).toBe(201)
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await count('sessions')).toBe(before)
  })

  test('S-55 ending all that match is one act: sent again it ends nobody who has signed in since', async () => {
    const { secret } = await aKey(database.db)
    const { json } = await post(secret, '/sessions', visit('ended@example.com'))
    const revoke = { filter: { account: json.session.account.id }, reason: 'stolen' }
    const first = await post(secret, '/sessions/revoke', revoke, once('r1'))
    expect(first.status).toBe(202)
    const since = (await post(secret, '/sessions', visit('ended@example.com'))).json.session.id
    const second = await post(secret, '/sessions/revoke', revoke, once('r1'))
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([202, 'true'])
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('rollcall-position')).toBe(first.headers.get('rollcall-position'))
    const state = async (id: string) => (await send(server.url, 'GET', `/sessions/${id}`, { key: secret })).json.state
    expect([await state(json.session.id), await state(since)]).toEqual(['ended', 'live'])
    expect((await post(secret, '/sessions/revoke', { ...revoke, dryRun: true }, once('r1'))).status).toBe(422)
    expect(await state(since)).toBe('live')
  })

  test.each(['/kill-switch', '/accounts/ID/revoke-sessions', '/accounts/ID/require-new-password'])(
    'S-55 %s is one act: sent again it ends nobody who has signed in since',
    async (path) => {
      const app = await anApp(database.db, { name: `Twice ${path}` })
      const { secret } = await aKey(database.db)
      const account = await anAccount(database.db, { password: 'seven purple bicycles' })
      const at = path.replace('ID', account.id)
      const body =
        path === '/kill-switch' ? { app, reason: 'breach', confirm: `Twice ${path}` } : { reason: 'stolen cookie' }
      const one = await aSession(database.db, { account, app })
      const first = await post(secret, at, body, once('act'))
      expect([first.status, first.json], first.text).toEqual([200, { ended: 1 }])
      const since = await aSession(database.db, { account, app })
      const second = await post(secret, at, body, once('act'))
      expect([second.status, second.json, second.headers.get('idempotency-replayed')]).toEqual([
        200,
        first.json,
        'true',
      ])
      expect(second.headers.get('rollcall-position')).toBe(first.headers.get('rollcall-position'))
      const state = async ({ session }: typeof one) => (await findSession(database.db, session.id))?.state
      expect([await state(one), await state(since)]).toEqual(['ended', 'live'])
      expect((await post(secret, at, { ...body, reason: 'another' }, once('act'))).status).toBe(422)
      expect((await post(secret, at, body, once('another'))).json, 'another act').toEqual({ ended: 1 })
    },
  )

  test('S-62 the attempt of a key that may not is written down with a key for once, too', async () => {
    const { secret, id } = await aKey(database.db, { scopes: ['sessions:write'] })
    const owner = await anAccount(database.db, { role: 'owner' })
    const tried = await post(secret, `/accounts/${owner.id}/revoke-sessions`, { reason: 'x' }, once('refused'))
    expect(tried.status).toBe(403)
    const { items } = await listAudit(database.db, { actor: id }, { limit: 5 })
    expect(items).toMatchObject([{ action: 'account.sessions-revoked', result: 'refused' }])
  })

  const aWebhook = async (key: string, answer?: Answer) => {
    const receiver = await aReceiver(answer)
    onTestFinished(() => receiver.close())
    const { json } = await post(key, '/webhooks', { url: receiver.url, events: ['account.blocked'] })
    return { receiver, path: `/webhooks/${json.webhook.id}` }
  }
  const bare = (key: string, path: string, headers: Record<string, string>) =>
    send(server.url, 'POST', path, { key, headers })

  test('S-55 a new secret of a webhook is one, sent again the same; the one before goes on signing', async () => {
    const { secret } = await aKey(database.db)
    const { path } = await aWebhook(secret)
    const first = await bare(secret, `${path}/secret`, once('w1'))
    const second = await bare(secret, `${path}/secret`, once('w1'))
    expect([second.status, second.json, second.headers.get('idempotency-replayed')]).toEqual([200, first.json, 'true'])
    expect((await bare(secret, `${path}/secret`, once('w2'))).json.secret).not.toBe(first.json.secret)
  })

  test('S-55 deliveries are sent once more once', async () => {
    const { secret } = await aKey(database.db)
    const { path, receiver } = await aWebhook(secret)
    const { id } = await anAccount(database.db)
    await send(server.url, 'PUT', `/accounts/${id}/block`, { key: secret, body: { reason: 'r' } })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), 10_000)
    const [delivery] = (await send(server.url, 'GET', `${path}/deliveries`, { key: secret })).json.items
    const again = (key: string) => post(secret, `${path}/replay`, { delivery: delivery.id }, once(key))
    expect((await again('w3')).json).toEqual({ count: 1 })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), 10_000)
    const { json, headers } = await again('w3')
    expect([json, headers.get('idempotency-replayed')]).toEqual([{ count: 1 }, 'true'])
    expect((await again('w4')).json).toEqual({ count: 1 })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3), 10_000)
  })

  test('S-55 a test is sent once: while it is under way others are told so, and nothing else waits for it', async () => {
    const { secret } = await aKey(database.db)
    let answer = () => {}
    const { path, receiver } = await aWebhook(secret, (response) => {
      answer = () => response.writeHead(204).end()
    })
    const first = bare(secret, `${path}/test`, once('w5'))
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), 10_000)
    const second = await bare(secret, `${path}/test`, once('w5'))
    expect([second.status, second.json.type]).toEqual([409, expect.stringMatching(/in-flight$/)])
    expect((await post(secret, '/accounts', { name: 'Meanwhile' })).status).toBe(201)
    answer()
    expect((await first).json.delivered).toBe(true)
    const third = await bare(secret, `${path}/test`, once('w5'))
    expect([third.json, third.headers.get('idempotency-replayed')]).toEqual([(await first).json, 'true'])
    expect((await bare(secret, `${path}/secret`, once('w5'))).status).toBe(422)
    expect(receiver.received).toHaveLength(1)
  })

  test('S-55 a test that a killed process left without an answer may be sent again after a minute', async () => {
    const { secret } = await aKey(database.db)
    const { path, receiver } = await aWebhook(secret)
    await bare(secret, `${path}/test`, once('w6'))
    const left = (age: string) =>
      database.db.execute(
        sql`update idempotency_keys set answer = null, at = now() - ${age}::interval where key = 'w6'`,
      )
    await left('50 seconds')
    expect((await bare(secret, `${path}/test`, once('w6'))).status).toBe(409)
    await left('61 seconds')
    expect((await bare(secret, `${path}/test`, once('w6'))).status).toBe(200)
    expect(receiver.received).toHaveLength(2)
  })

  test('S-55 a test of a webhook that is not there is not kept', async () => {
    const { secret } = await aKey(database.db)
    const path = `/webhooks/${newId()}/test`
    for (const _ of [1, 2]) expect((await bare(secret, path, once('w7'))).status).toBe(404)
  })

  test('S-55 without a key each POST is one of its own', async () => {
    const { secret } = await aKey(database.db)
    const [first, second] = [
      await post(secret, '/sessions', visit('two@example.com')),
      await post(secret, '/sessions', visit('two@example.com')),
    ]
    expect(second.json.session.id).not.toBe(first.json.session.id)
  })

  test('S-55 another body, or another address, with the same key is refused, and nothing is done', async () => {
    const { secret } = await aKey(database.db)
    await post(secret, '/accounts', { name: 'Ada' }, once('k2'))
    const before = await count('accounts')
    for (const [path, body] of [
      ['/accounts', { name: 'Eve' }],
      ['/apps', { name: 'Ada' }],
    ] as const) {
      const refused = await post(secret, path, body, once('k2'))
      expect(refused).toMatchObject({ status: 422, json: { type: expect.stringMatching(/key-reused$/) } })
    }
    expect(await count('accounts')).toBe(before)
  })

  test('S-55 keys of different callers have nothing to do with each other', async () => {
    const [one, two] = [await aKey(database.db), await aKey(database.db)]
    const first = await post(one.secret, '/accounts', { name: 'Same' }, once('k3'))
    const second = await post(two.secret, '/accounts', { name: 'Same' }, once('k3'))
    expect(second.json.id).not.toBe(first.json.id)
  })

  test('S-55 what was refused is not kept: it may be tried again with the same key', async () => {
    const { secret } = await aKey(database.db)
    const { json: account } = await post(secret, '/accounts', { email: 'later@example.com', name: 'Later' })
    const block = `/accounts/${account.id}/block`
    await send(server.url, 'PUT', block, { key: secret, body: { reason: 'r' } })
    expect((await post(secret, '/sessions', visit('later@example.com'), once('k4'))).status).toBe(403)
    await send(server.url, 'DELETE', block, { key: secret })
    expect((await post(secret, '/sessions', visit('later@example.com'), once('k4'))).status).toBe(201)
    const { json } = await send(server.url, 'GET', `/audit?action=sign-in.refused&account=${account.id}`, {
      key: secret,
    })
    expect(json.items).toHaveLength(1)
  })

  test('S-55 many at once: one is done, the others get its answer or are told to wait', async () => {
    const { secret } = await aKey(database.db)
    const before = await count('sessions')
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => post(secret, '/sessions', visit('many@example.com'), once('k5'))),
    )
    const done = answers.filter(({ status }) => status === 201)
    expect(new Set(done.map(({ json }) => json.token)).size).toBe(1)
    for (const { status } of answers) expect([201, 409]).toContain(status)
    expect(await count('sessions')).toBe(before + 1)
  })

  test('S-55 a fault in the middle leaves nothing: neither the act nor the key', async () => {
    const { secret } = await aKey(database.db)
    await database.db.execute(
      sql`alter table idempotency_keys add constraint no_answer check (answer is null) not valid`,
    )
    const before = await count('accounts')
    expect((await post(secret, '/accounts', { name: 'Half' }, once('k6'))).status).toBe(500)
    expect(await count('accounts')).toBe(before)
    await database.db.execute(sql`alter table idempotency_keys drop constraint no_answer`)
    expect((await post(secret, '/accounts', { name: 'Half' }, once('k6'))).status).toBe(201)
    expect(await count('accounts')).toBe(before + 1)
  })

  test('S-55 the answer is sealed: neither token nor key is in the row', async () => {
    const { secret } = await aKey(database.db)
    const started = await post(secret, '/sessions', visit('sealed@example.com'), once('k7'))
    const made = await post(secret, '/keys', { app: BUILT_IN_APP, name: 'k', scopes: ['admin'] }, once('k8'))
    const rows = rowsOf<{ answer: string }>(
      await database.db.execute(sql`select encode(answer, 'escape') as answer from idempotency_keys`),
    )
    const stored = rows.map(({ answer }) => answer).join()
    for (const text of [started.json.token, made.json.secret, 'sealed@example.com']) expect(stored).not.toContain(text)
    expect(
      (await post(secret, '/keys', { app: BUILT_IN_APP, name: 'k', scopes: ['admin'] }, once('k8'))).json.secret,
    ).toBe(made.json.secret)
  })

  test('a key that is none is refused', async () => {
    const { secret } = await aKey(database.db)
    for (const key of ['', 'with space', 'x'.repeat(256)])
      expect((await post(secret, '/accounts', { name: 'A' }, once(key))).status, key).toBe(400)
  })

  test('a key is forgotten after a day', async () => {
    const { secret } = await aKey(database.db)
    await post(secret, '/accounts', { name: 'Old' }, once('old'))
    await post(secret, '/accounts', { name: 'Young' }, once('young'))
    await database.db.execute(sql`update idempotency_keys set at = now() - interval '25 hours' where key = 'old'`)
    // More than go at once.
    await database.db.execute(sql`
      insert into idempotency_keys (key_id, key, request_hash, at)
      select key_id, 'old' || n, request_hash, at from idempotency_keys, generate_series(1, 2500) n where key = 'old'`)
    await pruneIdempotencyKeys(database.db)
    const kept = rowsOf<{ key: string }>(
      await database.db.execute(sql`select key from idempotency_keys where key like 'old%' or key = 'young'`),
    )
    expect(kept.map(({ key }) => key)).toEqual(['young'])
  })
})

eachPostgres((database) => {
  const one = useApp(database)
  const two = useApp(onItsOwnPool(database))

  test('S-55 in flight on one process, the same request to another is told to wait; afterwards it gets the answer', async () => {
    const { secret } = await aKey(database.db)
    const [other] = await database.twoConnections()
    const request = { key: secret, body: visit('flight@example.com'), headers: once('flight') }
    const first = await holdInFlight(
      other,
      () => send(one.url, 'POST', '/sessions', request),
      async () => {
        for (const url of [one.url, two.url]) {
          const waiting = await send(url, 'POST', '/sessions', request)
          expect(waiting).toMatchObject({ status: 409, json: { type: expect.stringMatching(/in-flight$/) } })
          expect(waiting.headers.get('retry-after')).toBe('1')
        }
      },
    )
    expect(first.status).toBe(201)
    expect((await send(two.url, 'POST', '/sessions', request)).json).toEqual(first.json)
  })

  test('S-55 two processes at once, many times: each request is done once', async () => {
    const { secret } = await aKey(database.db)
    for (let round = 0; round < 10; round += 1) {
      const request = { key: secret, body: { name: `Twice ${round}` }, headers: once(`twice-${round}`) }
      const answers = await Promise.all([one, two, one, two].map(({ url }) => send(url, 'POST', '/accounts', request)))
      const done = answers.filter(({ status }) => status === 201)
      expect(new Set(done.map(({ json }) => json.id)).size).toBe(1)
      const named = rowsOf(await database.db.execute(sql`select 1 from accounts where name = ${`Twice ${round}`}`))
      expect(named).toHaveLength(1)
    }
  })
})
