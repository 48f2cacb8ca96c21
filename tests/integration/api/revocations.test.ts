import { describe, expect, onTestFinished, test } from 'vitest'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { createRevocationStreams } from '../../../src/api/revocationStream.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { type KeyId, newId, type SessionId } from '../../../src/db/ids.js'
import { MOST_A_KEY } from '../../../src/sessions/log/appProcesses.js'
import { appendRevocations } from '../../../src/sessions/log/revocations.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from './client.js'
import { openStream } from './eventStream.js'

eachDatabase((database) => {
  const server = useApp(database)
  const get = (key: string, path: string) => send(server.url, 'GET', path, { key })
  const aFollower = async () =>
    (await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:verify'] })).secret
  const positionNow = async (key: string): Promise<string> => (await get(key, '/revocations')).json.position
  const since = (position: string) => `?after=${encodeURIComponent(position)}`
  const revoke = (id: SessionId) => revokeSession(database.db, id, TERMINAL, null)
  const applied = () => server.services.node.engine.follower.nudge()

  async function follow(key: string, query?: string) {
    const stream = await openStream(server.url, key, query)
    onTestFinished(() => stream.close())
    return stream
  }

  describe('the poll', () => {
    test('who begins gets the present position and the refused networks, and nothing of the past', async () => {
      const key = await aFollower()
      const { json } = await get(key, '/revocations')
      expect(json).toEqual({
        position: expect.stringMatching(/^[\w.]+;\d+:\d+:[\d,]*$/),
        age: expect.any(Number),
        anew: false,
        items: [],
        networks: [],
      })
      expect(json.age).toBeLessThan(server.services.node.leaseMs)
    })

    test('what was revoked since a position is told, each thing once, and again to who asks again', async () => {
      const key = await aFollower()
      const before = await positionNow(key)
      const { session } = await aSession(database.db)
      await revoke(session.id)
      await applied()
      const told = await get(key, `/revocations${since(before)}`)
      expect(told.json).toMatchObject({ anew: false, items: [{ kind: 'session', target: session.id }] })
      expect(told.json).not.toHaveProperty('networks')
      expect((await get(key, `/revocations${since(before)}`)).json.items).toHaveLength(1)
      expect((await get(key, `/revocations${since(told.json.position)}`)).json.items).toEqual([])
    })

    test('a process that asks for very much again, which did not come in its time, is told to forget instead', async () => {
      const key = await aFollower()
      const before = await positionNow(key)
      const asks = async (process: string) => (await get(key, `/revocations${since(before)}&process=${process}`)).json
      const ids = Array.from({ length: 1_001 }, () => ({ kind: 'session' as const, target: newId<string>() }))
      await appendRevocations(database.db, ids)
      await applied()
      expect((await asks('slow')).items).toHaveLength(1_001)
      expect(await asks('slow')).toMatchObject({ anew: true, items: [], networks: expect.any(Array) })
      expect((await asks('another')).items).toHaveLength(1_001)
    })

    test('a refused network comes with all that are refused, and for how long as a duration', async () => {
      const key = await aFollower()
      const before = await positionNow(key)
      const until = new Date(Date.now() + 3_600_000)
      await blockNetwork(database.db, { network: '198.51.100.0/24', reason: 'r', until }, TERMINAL)
      await applied()
      const { items, networks } = (await get(key, `/revocations${since(before)}`)).json
      expect(items).toEqual([{ kind: 'network', target: '198.51.100.0/24' }])
      expect(networks).toEqual([{ network: '198.51.100.0/24', ask: false, endsInMs: expect.any(Number) }])
      expect(networks[0].endsInMs).toBeGreaterThan(3_500_000)
      expect(networks[0].endsInMs).toBeLessThan(3_600_001)
    })

    test('who comes from another database, or from long ago, is told to forget everything', async () => {
      const key = await aFollower()
      const present = await positionNow(key)
      for (const position of [present.replace(/^[^;]+/, 'another.1'), present.replace(/;.*/, ';4:4:')])
        expect((await get(key, `/revocations${since(position)}`)).json).toMatchObject({ anew: true, items: [] })
    })

    test.each(['x12', 'nonsense', '1;2:3', '1;2:3:4;5', ' '])(
      'the made-up position %j is refused in words',
      async (position) => {
        const refused = await get(await aFollower(), `/revocations${since(position)}`)
        expect(refused.status).toBe(400)
        expect(refused.json.errors).toEqual([{ path: 'after', message: expect.stringContaining('must ') }])
      },
    )

    test('a position longer than any that was given is refused in words', async () => {
      const long = await get(await aFollower(), `/revocations?after=1;2:3:${'1'.repeat(8_001)}`)
      expect([long.status, long.json.errors[0].path]).toEqual([400, 'after'])
    })

    test('a process that tells of itself is listed, with what it has applied', async () => {
      const key = await aFollower()
      const position = await positionNow(key)
      const told = '&process=p-1&name=shop-1&version=0.1.0&leaseMs=500&hits=7&misses=2&onUnavailable=allow-cached'
      expect((await get(key, `/revocations${since(position)}${told}`)).status).toBe(200)
      expect(server.services.node.processes.list()).toContainEqual(
        expect.objectContaining({
          process: 'p-1',
          name: 'shop-1',
          version: '0.1.0',
          leaseMs: 500,
          hits: 7,
          misses: 2,
          onUnavailable: 'allow-cached',
          position: expect.objectContaining({ era: position.split(';')[0] }),
        }),
      )
    })

    test('a process that can’t be listed may not follow: receipts would be complete without it', async () => {
      const key = await aFollower()
      const tell = (n: number) => get(key, `/revocations?process=p-${n}`)
      for (let n = 0; n < MOST_A_KEY; n += 50)
        await Promise.all(Array.from({ length: 50 }, (_, more) => tell(n + more)))
      const refused = await tell(MOST_A_KEY)
      expect(refused.status).toBe(429)
      expect(refused.json.type).toMatch(/\/problems\/too-many-processes$/)
      expect((await tell(0)).status).toBe(200)
    })

    test('a lease longer than any that receipts wait for is refused in words', async () => {
      const refused = await get(await aFollower(), '/revocations?process=p-1&leaseMs=60001')
      expect([refused.status, refused.json.errors[0].path]).toEqual([400, 'leaseMs'])
    })

    test('it needs the scope', async () => {
      const { secret } = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:read'] })
      expect((await get(secret, '/revocations')).status).toBe(403)
      expect((await openStream(server.url, secret)).status).toBe(403)
    })
  })

  describe('the stream', () => {
    test('tells what is revoked as it happens, with the position that it follows on', async () => {
      const key = await aFollower()
      const stream = await follow(key)
      expect([stream.status, stream.headers.get('x-accel-buffering')]).toEqual([200, 'no'])
      const first = await stream.next()
      expect(first.data).toMatchObject({
        from: first.id,
        position: first.id,
        items: [],
        anew: false,
        networks: expect.any(Array),
      })
      const { session } = await aSession(database.db)
      await revoke(session.id)
      const second = await stream.next()
      expect(second.id).toBe(second.data.position)
      expect(second.data.items).toEqual([{ kind: 'session', target: session.id }])
    })

    test('who was away hears first what came meanwhile', async () => {
      const key = await aFollower()
      const before = await positionNow(key)
      const { session } = await aSession(database.db)
      await revoke(session.id)
      await applied()
      const { data } = await (await follow(key, since(before))).next()
      expect(data).toMatchObject({ from: before, items: [{ kind: 'session', target: session.id }] })
    })

    test('S-46 there is a heartbeat while nothing happens', async () => {
      const stream = await follow(await aFollower())
      await stream.next()
      await stream.hears('\n\n: here\n\n: here\n\n')
    })

    test('S-46 S-72 at shutdown it ends with a hint when to come back', async () => {
      const stream = await follow(await aFollower())
      await stream.next()
      server.services.revocationStreams.closeAll()
      expect(await stream.rest()).toMatch(/retry: \d+\n\n$/)
      expect(server.services.revocationStreams.open).toBe(0)
    })

    test('S-46 who asks for its head alone opens none', async () => {
      const openStreams = server.services.revocationStreams
      const secret = await aFollower()
      await expect.poll(() => openStreams.open).toBe(0)
      const headers = { authorization: `Bearer ${secret}` }
      const answer = await fetch(`${server.url}/api/v1/revocations/stream`, { method: 'HEAD', headers })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
      expect(openStreams.open).toBe(0)
    })

    test('S-60 it ends when its key is revoked, within the bound', async () => {
      const { secret, id } = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:verify'] })
      const { secret: admin } = await aKey(database.db)
      const stream = await follow(secret)
      await stream.next()
      await send(server.url, 'DELETE', `/keys/${id}`, { key: admin })
      const revoked = performance.now()
      await stream.rest()
      expect(performance.now() - revoked).toBeLessThan(server.services.node.leaseMs)
      expect((await openStream(server.url, secret)).status).toBe(401)
    })

    test('S-60 the stream of another key goes on', async () => {
      const revoked = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:verify'] })
      const { secret: admin } = await aKey(database.db)
      const stream = await follow(await aFollower())
      await stream.next()
      await send(server.url, 'DELETE', `/keys/${revoked.id}`, { key: admin })
      expect((await stream.next()).data.items).toEqual([{ kind: 'key', target: revoked.id }])
      const { session } = await aSession(database.db)
      await revoke(session.id)
      expect((await stream.next()).data.items).toEqual([{ kind: 'session', target: session.id }])
    })
  })

  describe('open connections', () => {
    test('which sessions are over is told with the reason, to their own app alone', async () => {
      const app = await anApp(database.db)
      const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
      const [live, ended, foreign] = [
        await aSession(database.db, { app }),
        await aSession(database.db, { app }),
        await aSession(database.db),
      ]
      await revoke(ended.session.id)
      const items = [live, ended, foreign].map(({ session }) => ({ id: session.id }))
      const told = await send(server.url, 'POST', '/sessions/over', { key: secret, body: { items } })
      expect(told.json.over).toHaveLength(2)
      expect(told.json.over).toContainEqual({ id: ended.session.id, reason: 'ended' })
      expect(told.json.over).toContainEqual({ id: foreign.session.id, reason: 'unknown' })
    })

    test('an id that is none names nothing, and keeps nobody else from an answer or a use', async () => {
      const app = await anApp(database.db)
      const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
      const { session } = await aSession(database.db, { app, idleFor: '1 hour' })
      const seenAt = async () => (await findSession(database.db, session.id))?.lastSeenAt.getTime() ?? 0
      const before = await seenAt()
      const ids = ['not-a-session', session.id]
      const ask = (path: string, more: object) =>
        send(server.url, 'POST', path, { key: secret, body: { items: ids.map((id) => ({ id, ...more })) } })
      expect((await ask('/sessions/over', {})).json.over).toEqual([{ id: 'not-a-session', reason: 'unknown' }])
      expect((await ask('/sessions/touch', { secondsAgo: 0 })).json.ended).toEqual(['not-a-session'])
      expect(await seenAt()).toBeGreaterThan(before)
    })

    test('the address that a connection came from is judged', async () => {
      const app = await anApp(database.db)
      const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
      await blockNetwork(database.db, { network: '100.64.0.0/10', reason: 'r' }, TERMINAL)
      const { session } = await aSession(database.db, { app, ip: '203.0.113.1' })
      const ask = (ip: string | null) =>
        send(server.url, 'POST', '/sessions/over', { key: secret, body: { items: [{ id: session.id, ip }] } })
      expect((await ask(null)).json.over).toEqual([])
      expect((await ask('100.64.0.7')).json.over).toEqual([{ id: session.id, reason: 'network-blocked' }])
    })
  })

  describe('a check with a position', () => {
    const verify = (key: string, body: object) => send(server.url, 'POST', '/sessions/verify', { key, body })

    test('tells for how long its verdict may be remembered', async () => {
      const app = await anApp(database.db)
      const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
      const { token, session } = await aSession(database.db, { app, ip: '203.0.113.1' })
      const position = await positionNow(secret)
      const first = await verify(secret, { token, position, client: aVisit() })
      expect(first.json.memory).toEqual({
        age: expect.any(Number),
        expiresInMs: expect.any(Number),
        idleInMs: expect.any(Number),
      })
      const untilExpiry = Date.parse(first.json.session.expiresAt) - Date.now()
      expect(Math.abs(first.json.memory.expiresInMs - untilExpiry)).toBeLessThan(1_000)
      expect(first.json.memory.idleInMs).toBeGreaterThan(session.app ? 1_000 : 0)
      expect((await verify(secret, { token, position })).json.memory.age).toBeLessThan(server.services.node.leaseMs)
      expect((await verify(secret, { token })).json).not.toHaveProperty('memory')
      expect((await verify(secret, { token: 'rcs_x', position })).json).toEqual({
        status: 'denied',
        reason: 'unknown',
        memory: { age: expect.any(Number) },
      })
    })

    test('S-14 a node that has applied less than who asks does not answer from memory', async () => {
      const app = await anApp(database.db)
      const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify'] })
      const { token } = await aSession(database.db, { app })
      const { engine } = server.services.node
      await verify(secret, { token })
      const position = await positionNow(secret)
      const [era = '', rest = ''] = position.split(';')
      const further = `${era};${rest.replace(/^\d+:\d+:.*/, '999999999999:999999999999:')}`
      const asked = async (body: object) => {
        const before = engine.stats().misses
        await verify(secret, { token, ...body })
        return engine.stats().misses - before
      }
      expect([await asked({ position }), await asked({ position: further }), await asked({ fresh: true })]).toEqual([
        0, 1, 1,
      ])
    })
  })
})

test('S-46 a key has its limit of streams, and all together have theirs', () => {
  const streams = createRevocationStreams({ mostAKey: 2, mostInAll: 3 })
  const enter = (key: string) => streams.enter(key as KeyId, () => {})
  const leave = enter('a')
  expect([enter('a'), enter('a'), enter('b'), enter('c')].map((entered) => entered !== undefined)).toEqual([
    true,
    false,
    true,
    false,
  ])
  leave?.()
  expect(enter('a')).toBeDefined()
})
