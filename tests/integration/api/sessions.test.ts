import { expect, test } from 'vitest'
import { listAudit } from '../../../src/audit/list.js'
import { auditSentence, sentenceText } from '../../../src/audit/sentence.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { findSession } from '../../../src/sessions/read.js'
import { useApp } from '../../support/app.js'
import { anApp } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from './client.js'

eachDatabase((database) => {
  const server = useApp(database)
  const call = (key: string, method: string, path: string, body?: unknown) =>
    send(server.url, method, path, { key, body })

  test('a request that says nothing of itself signs in and passes, and counts as a use', async () => {
    const app = await anApp(database.db)
    const { secret } = await aKey(database.db, { app, scopes: ['sessions:write', 'sessions:verify', 'sessions:read'] })
    const account = { externalId: 'user-8', name: 'Quiet' }
    const started = await call(secret, 'POST', '/sessions', { account, client: { ip: null, userAgent: null } })
    expect(started.status, started.text).toBe(201)
    expect(started.json.session).toMatchObject({ ip: null, userAgent: '', device: { browser: null, os: null } })
    const { token, session } = started.json
    for (const client of [{ ip: '203.0.113.31' }, { ip: '203.0.113.32', userAgent: null }]) {
      const { json } = await call(secret, 'POST', '/sessions/verify', { token, client })
      expect(json, JSON.stringify(json)).toMatchObject({ status: 'active' })
    }
    await server.services.touches.flush()
    expect((await call(secret, 'GET', `/sessions/${session.id}`)).json).toMatchObject({
      lastIp: '203.0.113.32',
      requests: 3,
    })
  })

  test('whoever names an account by their own id where Rollcall’s is meant is told where it goes', async () => {
    const { secret } = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:write'] })
    const answer = await call(secret, 'POST', '/sessions', { account: { id: '42' }, client: aVisit() })
    expect(answer.status).toBe(400)
    expect(answer.json.detail).toContain('your own user id is externalId')
  })

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

  test('an app says that the person has signed out in it: by them, of the app, with the key that told', async () => {
    const app = await anApp(database.db)
    const { secret, id } = await aKey(database.db, { app, scopes: ['sessions:write', 'sessions:verify'] })
    const name = `Ines ${app}`
    const begin = async (key = secret, of?: string) =>
      (await call(key, 'POST', '/sessions', { app: of, account: { externalId: name, name }, client: aVisit() })).json
    const { session, token } = await begin()
    const out = await call(secret, 'DELETE', `/sessions/${session.id}?why=signed-out`)
    expect(out.status, out.text).toBe(200)
    expect(out.headers.get('rollcall-position')).toBeTruthy()
    expect(out.json.end).toMatchObject({ reason: 'signed-out', by: { kind: 'account' } })
    expect((await call(secret, 'POST', '/sessions/verify', { token })).json.status).toBe('denied')
    const anew = await call(secret, 'DELETE', `/sessions/${(await begin()).session.id}?why=replaced`)
    expect(anew.json.end).toMatchObject({ reason: 'replaced', by: { kind: 'account' } })
    const { items } = await listAudit(database.db, { account: session.account.id }, { limit: 10 })
    const lines = items.filter(({ action }) => action === 'session.ended')
    expect(lines.map((line) => sentenceText(auditSentence(line)))).toEqual([
      expect.stringMatching(new RegExp(`^${name} signed in anew, instead of the session in .+ on Firefox`)),
      expect.stringMatching(new RegExp(`^${name} signed out of .+ on Firefox`)),
    ])
    expect(lines[0]?.details).toMatchObject({ key: { id } })
  })

  test('an app can’t say anything else for a person, nor of another app’s people', async () => {
    const app = await anApp(database.db)
    const other = await aKey(database.db, { app: await anApp(database.db), scopes: ['admin'] })
    const { secret } = await aKey(database.db, { app, scopes: ['sessions:write'] })
    const { json } = await call(secret, 'POST', '/sessions', { account: { externalId: 'u' }, client: aVisit() })
    const end = (key: string, why: string) => call(key, 'DELETE', `/sessions/${json.session.id}?why=${why}`)
    for (const why of ['idle', 'revoked', 'blocked', 'signed-out-elsewhere', 'Signed-Out']) {
      const refused = await end(secret, why)
      expect(refused.status, why).toBe(400)
      expect(refused.json.errors).toEqual([{ path: 'why', message: expect.stringContaining('signed-out') }])
    }
    expect((await end(other.secret, 'signed-out')).status, 'an admin’s key speaks for its own app alone').toBe(404)
    const ofRollcall = await aKey(database.db, { app: BUILT_IN_APP, scopes: ['admin'] })
    expect((await end(ofRollcall.secret, 'signed-out')).json.type).toMatch(/built-in-app$/)
    expect((await findSession(database.db, json.session.id))?.state).toBe('live')
    const ended = await call(other.secret, 'DELETE', `/sessions/${json.session.id}`)
    expect(ended.json.end, 'what it ends itself stays its own act').toMatchObject({
      reason: 'revoked',
      by: { kind: 'key' },
    })
  })
})
