import { expect, test } from 'vitest'
import { useApp } from '../../support/app.js'
import { anApp } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from './client.js'

eachDatabase((database) => {
  const server = useApp(database)
  const call = (key: string, method: string, path: string, body?: unknown) =>
    send(server.url, method, path, { key, body })

  test('an app starts a session, checks it, and ends it; the next check is denied', async () => {
    const app = await anApp(database.db)
    const { secret } = await aKey(database.db, { app, scopes: ['sessions:write', 'sessions:verify', 'sessions:read'] })
    const started = await call(secret, 'POST', '/sessions', {
      account: { externalId: 'user-7', email: 'grace@example.com', name: 'Grace' },
      client: aVisit(),
      method: 'passkey',
      expiresIn: 3600,
      data: { cart: [1, 2] },
    })
    expect(started.status, started.text + server.log()).toBe(201)
    expect(started.json.session).toMatchObject({
      state: 'live',
      method: 'passkey',
      ip: '203.0.113.30',
      account: { name: 'Grace', email: 'grace@example.com', role: 'person' },
      app: { id: app },
      device: { browser: 'Firefox', os: 'Linux' },
    })
    const { token, session } = started.json

    const active = await call(secret, 'POST', '/sessions/verify', { token, client: aVisit({ ip: '203.0.113.31' }) })
    expect(active.json).toMatchObject({
      status: 'active',
      session: { id: session.id, appId: app },
      account: { name: 'Grace' },
    })
    await server.services.touches.flush()
    expect((await call(secret, 'GET', `/sessions/${session.id}`)).json).toMatchObject({
      lastIp: '203.0.113.31',
      requests: 2,
    })

    const ended = await call(secret, 'DELETE', `/sessions/${session.id}?reason=lost%20phone`)
    expect(ended.status).toBe(200)
    expect(ended.json).toMatchObject({
      state: 'ended',
      end: { reason: 'revoked', note: null, by: { kind: 'key' } },
    })
    const again = await call(secret, 'DELETE', `/sessions/${session.id}?reason=other`)
    expect(again.json.end).toEqual(ended.json.end)
    expect((await call(secret, 'POST', '/sessions/verify', { token })).json).toEqual({
      status: 'denied',
      reason: 'ended',
    })
  })
})
