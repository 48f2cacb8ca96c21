import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import { atLeast, ROLES, type Role } from '../../../src/accounts/types.js'
import { createApp } from '../../../src/app.js'
import { accounts, auditEvents } from '../../../src/db/schema.js'
import { allow, assertAllRoutesGuarded, listGuards } from '../../../src/http/authorise.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession, type TestAccount } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'

describe('who may use a route', () => {
  it('S-30 an app with a route that names no guard does not start', () => {
    const open = new Hono().get('/closed', allow('owner') as never).get('/open', (c) => c.text('hello'))
    expect(() => assertAllRoutesGuarded(open.routes)).toThrow('GET /open')
  })

  oneDatabase((database) => {
    const app = useApp(database)
    const people: Partial<Record<Role, { account: TestAccount; token: string }>> = {}
    const as = async (role: Role) => {
      const client = aBrowserLikeClient(app.url)
      const account = people[role]?.account ?? (await anAccount(database.db, { role, name: `The ${role}` }))
      const { token } = await aSession(database.db, { account, ip: '127.0.0.1' })
      people[role] = { account, token }
      client.cookies.set('rollcall', token)
      return client
    }
    const adminRoutes = () => listGuards(createApp(app.services).routes).filter(({ path }) => path.startsWith('/admin'))

    beforeAll(async () => {
      await anAccount(database.db, { role: 'owner', name: 'Another owner' })
    })

    it('S-30 every route names who may use it, and none of the panel is for everyone', () => {
      const guards = listGuards(createApp(app.services).routes)
      expect(guards.length).toBeGreaterThan(60)
      expect(guards.filter(({ who }) => who === undefined)).toEqual([])
      expect(adminRoutes().filter(({ who }) => who === 'anyone' || who === 'person')).toEqual([])
    })

    it('S-30 whoever is not signed in is sent to the sign-in page, on every route of the panel', async () => {
      for (const { method, path } of adminRoutes()) {
        const visit = await send(aBrowserLikeClient(app.url), method, path)
        expect([visit.status, visit.location?.split('?')[0]], `${method} ${path}`).toEqual([303, '/sign-in'])
      }
    })

    it.each(ROLES)(
      'S-30 S-35 a %s is refused, and the attempt audited, on every route that needs more',
      async (role) => {
        const client = await as(role)
        for (const { method, path, who } of adminRoutes()) {
          if (atLeast(role, who as Role)) continue
          const visit = await send(client, method, path)
          expect(visit.status, `${method} ${path} as ${role}`).toBe(403)
        }
        const id = people[role]?.account.id
        const refused = await database.db
          .select()
          .from(auditEvents)
          .where(eq(auditEvents.accountId, id as never))
        const expected = adminRoutes().filter(({ who }) => !atLeast(role, who as Role)).length
        expect(refused.filter((event) => event.action === 'access.refused')).toHaveLength(expected)
      },
    )

    it('S-61 S-62 one who goes on asking fills no log, and what they pasted into the address is not in it', async () => {
      const viewer = await anAccount(database.db, { role: 'viewer' })
      const { token } = await aSession(database.db, { account: viewer, ip: '127.0.0.1' })
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', token)
      for (let n = 0; n < 3; n += 1) expect((await client.post(`/admin/sessions/${token}/revoke`)).status).toBe(403)
      const lines = await database.db.select().from(auditEvents).where(eq(auditEvents.accountId, viewer.id))
      const refused = lines.filter(({ action }) => action === 'access.refused')
      expect(refused.map(({ details }) => details)).toMatchObject([{ path: '/admin/sessions/…/revoke' }])
    })

    it('S-31 a demotion takes effect at the next request of a session that is there already', async () => {
      const client = await as('responder')
      expect((await client.get('/admin/sessions')).status).toBe(200)
      await database.db
        .update(accounts)
        .set({ role: 'person' })
        .where(eq(accounts.id, people.responder?.account.id as never))
      expect((await client.get('/admin/sessions')).status).toBe(403)
    })
  })
})

async function send(client: ReturnType<typeof aBrowserLikeClient>, method: string, path: string) {
  const real = path.replace(/:\w+/g, '01900000-0000-7000-8000-000000000099')
  return method === 'GET' ? client.get(real) : client.post(real)
}
