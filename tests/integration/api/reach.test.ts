import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import type { Role, Scope } from '../../../src/accounts/types.js'
import { listAudit } from '../../../src/audit/list.js'
import { SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import { accounts } from '../../../src/db/schema.js'
import { NotAllowed } from '../../../src/sessions/notAllowed.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession, revokeSessions } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { acting, anAccount, anApp, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from './client.js'

const ADMINS: Role[] = ['viewer', 'responder', 'owner']

eachDatabase((database) => {
  const server = useApp(database)
  const call = (key: string, method: string, path: string, body?: unknown) =>
    send(server.url, method, path, { key, body })
  const refused = async (actor: string) => (await listAudit(database.db, { actor, result: 'refused' })).items
  const state = async (id: Parameters<typeof findSession>[1]) => (await findSession(database.db, id))?.state

  describe('what a key of the built-in app leaves alone', () => {
    const ENDING: Scope[] = ['sessions:write', 'sessions:read']

    test.each(ADMINS)('S-38 the session in the panel of a %s: only scope admin ends it', async (role) => {
      const { db } = database
      const { account, session } = await aSession(db, { account: await anAccount(db, { role }) })
      const key = await aKey(db, { scopes: ENDING })
      expect((await call(key.secret, 'DELETE', `/sessions/${session.id}?reason=test`)).status).toBe(403)
      const everywhere = `/accounts/${account.id}/revoke-sessions`
      expect((await call(key.secret, 'POST', everywhere, { reason: 'test' })).status).toBe(403)
      const matching = { filter: { account: account.id }, reason: 'test' }
      const dry = await call(key.secret, 'POST', '/sessions/revoke', { ...matching, dryRun: true })
      expect(dry.json).toEqual({ count: 0 })
      const done = await call(key.secret, 'POST', '/sessions/revoke', matching)
      expect(done.json.job).toMatchObject({ ended: 0, gone: 0, refused: 1 })
      expect(await state(session.id)).toBe('live')
      expect((await refused(key.id)).map(({ action, accountId }) => ({ action, accountId }))).toEqual([
        { action: 'session.revoked', accountId: account.id },
        { action: 'account.sessions-revoked', accountId: account.id },
        { action: 'session.revoked', accountId: account.id },
      ])

      const admin = await aKey(db)
      expect((await call(admin.secret, 'POST', '/sessions/revoke', matching)).json.job).toMatchObject({
        ended: 1,
        refused: 0,
      })
    })

    test('S-38 it ends what people have open there, and an app’s key what an owner has open in that app', async () => {
      const { db } = database
      const inside = await aKey(db, { scopes: ENDING })
      const person = await aSession(db)
      expect((await call(inside.secret, 'DELETE', `/sessions/${person.session.id}`)).json.state).toBe('ended')
      const app = await anApp(db)
      const owner = await anOwner(db)
      const panel = await aSession(db, { account: owner })
      const there = await aSession(db, { account: owner, app })
      const outside = await aKey(db, { app, scopes: ENDING })
      expect((await call(outside.secret, 'DELETE', `/sessions/${there.session.id}`)).json.state).toBe('ended')
      expect(
        (await call(outside.secret, 'POST', `/accounts/${owner.id}/revoke-sessions`, { reason: 'test' })).json,
      ).toEqual({ ended: 0 })
      expect(await state(panel.session.id)).toBe('live')
    })
  })

  test('S-33 what ended many at once is shown to the app whose key did it, and to a key with scope admin', async () => {
    const { db } = database
    const scopes: Scope[] = ['sessions:write', 'sessions:read']
    const [app, other] = [await anApp(db), await anApp(db)]
    const { account } = await aSession(db, { app })
    const own = await aKey(db, { app, scopes })
    const body = { filter: { account: account.id }, reason: 'test' }
    const { id } = (await call(own.secret, 'POST', '/sessions/revoke', body)).json.job
    const seenBy = async (key: { secret: string }) => (await call(key.secret, 'GET', `/jobs/${id}`)).status
    expect(await seenBy(own)).toBe(200)
    expect(await seenBy(await aKey(db))).toBe(200)
    expect(await seenBy(await aKey(db, { app: other, scopes }))).toBe(404)
  })

  describe('who ends sessions in the panel', () => {
    test('S-35 a responder ends no session of an owner, one by one, among others or all; each attempt is audited', async () => {
      const { db } = database
      const owner = await aSession(db, { account: await anOwner(db) })
      const person = await aSession(db)
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      await expect(revokeSession(db, owner.session.id, by, 'test')).rejects.toThrow(NotAllowed)
      await expect(revokeAccountSessions(db, owner.account.id, by, 'test')).rejects.toThrow(NotAllowed)
      expect(await revokeSessions(db, [owner.session.id, person.session.id], by, 'test')).toEqual({
        ended: [person.session.id],
        gone: [],
        refused: [owner.session.id],
      })
      expect(await state(owner.session.id)).toBe('live')
      const lines = await refused('id' in by ? by.id : '')
      expect(lines.map((event) => event.action)).toEqual([
        'session.revoked',
        'account.sessions-revoked',
        'session.revoked',
      ])
    })

    test.each(['blocked', 'demoted'])('S-31 an owner who was %s a moment ago ends nobody’s sessions', async (how) => {
      const { db } = database
      await anOwner(db)
      const owner = await anOwner(db)
      const by = await acting(db, owner)
      const { session, account } = await aSession(db)
      if (how === 'blocked') await blockAccount(db, owner.id, { reason: 'test' }, TERMINAL)
      else await db.update(accounts).set({ role: 'person' }).where(eq(accounts.id, owner.id))
      await expect(revokeSession(db, session.id, by, null)).rejects.toThrow(NotAllowed)
      await expect(revokeAccountSessions(db, account.id, by, null)).rejects.toThrow(NotAllowed)
      expect((await revokeSessions(db, [session.id], by, null)).refused).toEqual([session.id])
      expect(await state(session.id)).toBe('live')
      expect(await refused(owner.id)).toHaveLength(3)
    })
  })

  describe('what a key without admin is told and may change', () => {
    test('S-33 the note that an admin wrote when a session was ended is for admins', async () => {
      const { db } = database
      const app = await anApp(db)
      const { session } = await aSession(db, { app })
      await revokeSession(db, session.id, SYSTEM, 'HR case 4711')
      const { secret } = await aKey(db, { app, scopes: ['sessions:read', 'sessions:write'] })
      const told = [
        await call(secret, 'GET', `/sessions/${session.id}`),
        await call(secret, 'GET', '/sessions?state=ended'),
        await call(secret, 'DELETE', `/sessions/${session.id}`),
      ]
      for (const { status, text } of told) {
        expect(status).toBe(200)
        expect(text).toContain('"note":null')
        expect(text).not.toContain('4711')
      }
      const admin = await aKey(db)
      expect((await call(admin.secret, 'GET', `/sessions/${session.id}`)).json.end.note).toBe('HR case 4711')
    })

    test('S-38 it takes over nobody’s sign-in: who has a password here keeps name and address', async () => {
      const { db } = database
      const signsIn = await anAccount(db, { password: 'long enough for a test' })
      const vouched = await anAccount(db)
      const key = await aKey(db, { app: await anApp(db), scopes: ['accounts:write'] })
      const email = `mine.${key.id}@example.com`
      expect((await call(key.secret, 'PATCH', `/accounts/${signsIn.id}`, { email })).status).toBe(403)
      expect((await call(key.secret, 'PATCH', `/accounts/${vouched.id}`, { email })).json.email).toBe(email)
      const admin = await aKey(db)
      expect((await call(admin.secret, 'PATCH', `/accounts/${signsIn.id}`, { name: 'New' })).json.name).toBe('New')
    })

    test('S-62 a refused attempt at the panel, at an owner’s account or at another app is in the audit log', async () => {
      const { db } = database
      const viewer = await anAccount(db, { role: 'viewer' })
      const key = await aKey(db, { app: await anApp(db), scopes: ['accounts:write', 'sessions:write'] })
      const visit = { account: { email: `x.${key.id}@example.com` }, client: aVisit() }
      const attempts = [
        ['POST', '/sessions', { ...visit, app: await anApp(db) }, 404],
        ['POST', '/accounts', { name: 'Sneaky', role: 'owner' }, 403],
        ['PATCH', `/accounts/${viewer.id}`, { name: 'Sneaky' }, 403],
      ] as const
      for (const [method, path, body, status] of attempts)
        expect((await call(key.secret, method, path, body)).status, `${method} ${path}`).toBe(status)
      const inside = await aKey(db, { scopes: ['sessions:write'] })
      expect((await call(inside.secret, 'POST', '/sessions', visit)).status).toBe(403)
      const lines = [...(await refused(key.id)), ...(await refused(inside.id))]
      expect(lines.map((event) => event.action)).toEqual([
        'account.updated',
        'account.created',
        'access.refused',
        'access.refused',
      ])
      expect(lines.at(-1)?.details).toMatchObject({ path: '/api/v1/sessions', needed: 'admin' })
    })

    test('S-33 the document says which scopes reach beyond the app of the key', async () => {
      const { paths } = (await call('', 'GET', '/openapi.json')).json
      expect(paths['/audit'].get.description).toContain('all other apps')
      expect(paths['/accounts/{id}'].patch.description).toContain('all apps')
    })
  })
})
