import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { listAudit } from '../../../src/audit/list.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AppId, BUILT_IN_APP } from '../../../src/db/ids.js'
import { challengeOf, offerHandOver, takeHandOver } from '../../../src/sessions/handOver.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase } from '../../support/database.js'
import { useForwardAuth } from '../../support/forwardAuth.js'
import { aKey, send } from '../api/client.js'

const HOST = 'wiki.localhost:8080'
const NAVIGATES = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }

/** The token of a session that somebody's sign-in at Rollcall became on a host. */
async function handedOver(db: Database, host: string, appId: AppId): Promise<string> {
  const { session } = await aSession(db, { ip: '203.0.113.34' })
  const to = { host, appId, challenge: challengeOf('the secret of a browser') }
  const code = await offerHandOver(db, session.id, to)
  const taken = await takeHandOver(db, code, to, { client: aClient({ ip: '203.0.113.34' }) })
  return taken.status === 'started' ? taken.token : expect.fail(taken.status)
}

eachDatabase((database) => {
  const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.0/8' })

  const { aHost, verify, nudge } = useForwardAuth(database, app)

  describe('/verify', () => {
    it('lets in from memory, without a query, and is never cached', async () => {
      const { host, appId } = await aHost()
      const { token, account, session } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      expect((await verify(host, { token })).status).toBe(200)
      const misses = app.services.node.engine.stats().misses
      const again = await verify(host, { token })
      expect(app.services.node.engine.stats().misses).toBe(misses)
      expect(again.status).toBe(200)
      expect(again.headers.get('cache-control')).toBe('no-store')
      expect(Object.fromEntries([...again.headers].filter(([name]) => name.startsWith('x-rollcall')))).toEqual({
        'x-rollcall-account': account.id,
        'x-rollcall-email': account.email,
        'x-rollcall-session': session.id,
        'x-rollcall-roles': 'person',
      })
      await app.services.touches.flush()
    })

    it('answers a page with the way to the sign-in page, nginx with the same on a 401, and anything else with 401', async () => {
      const { host } = await aHost()
      const back = `/sign-in?return_to=${encodeURIComponent(`http://${host}/page?x=1`)}`
      const page = await verify(host, { headers: NAVIGATES })
      expect([page.status, page.headers.get('location')]).toEqual([302, app.url + back])
      const nginx = await verify(host, { headers: NAVIGATES, query: '?redirect=never' })
      expect([nginx.status, nginx.headers.get('location')]).toEqual([401, app.url + back])
      const script = await verify(host)
      expect([script.status, script.headers.get('location')]).toEqual([401, null])
      const posted = await verify(host, { headers: { ...NAVIGATES, 'x-forwarded-method': 'POST' } })
      expect(posted.status).toBe(401)
      for (const { headers } of [page, nginx, script, posted]) expect(headers.get('cache-control')).toBe('no-store')
    })

    it('leads back to the host that it was asked about and never elsewhere, whatever address it is told', async () => {
      const { host } = await aHost()
      for (const uri of [
        '//evil.example/',
        '/\\evil.example',
        'https://evil.example/',
        '@evil.example',
        '/%5cevil.example',
        '/%2f%2fevil.example',
      ]) {
        const answer = await verify(host, { headers: { ...NAVIGATES, 'x-forwarded-uri': uri } })
        const back = new URL(answer.headers.get('location') ?? '').searchParams.get('return_to') ?? ''
        expect(new URL(back).host, uri).toBe(host)
      }
    })

    it('S-50 believes nobody but a trusted proxy', async () => {
      const { host, appId } = await aHost()
      const { token } = await aSession(database.db, { app: appId })
      const trusted = app.services.trustedProxies
      Object.assign(app.services, { trustedProxies: [] })
      const answer = await verify(host, { token })
      Object.assign(app.services, { trustedProxies: trusted })
      expect(answer.status).toBe(403)
      expect(answer.body).toContain('ROLLCALL_TRUSTED_PROXIES')
    })

    it('lets nobody in to a host that is not set up, however it is spelled', async () => {
      const { host, appId } = await aHost()
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      for (const other of ['other.localhost', '', `x.${host}`, `${host}:1`, `${host},${host}`, `${host}/`, `${host}@x`])
        expect((await verify(other, { token })).status, other).toBe(403)
      for (const same of [host.toUpperCase(), `${host}.`, `${host}:80`])
        expect((await verify(same, { token })).status, same).toBe(200)
    })

    it('S-53 an address that is told twice, or holds a blank, is no address: the strictest rule counts', async () => {
      const rules = [
        { path: '/public', role: 'anyone' as const },
        { path: '/admin', role: 'owner' as const },
      ]
      const { host, appId } = await aHost({ rules })
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      const asks = async (uri: string | string[]) =>
        (await verify(host, { token, headers: { 'x-forwarded-uri': uri } })).status
      for (const plain of ['/public/x', '/page?x=1', '/public/a%20b']) expect(await asks(plain), plain).toBe(200)
      for (const twice of [
        ['/public/x', '/admin'],
        ['/page', '/admin'],
      ])
        expect(await asks(twice), twice.join()).toBe(403)
      expect(await asks('/public/x /admin')).toBe(403)
    })

    it('S-40 refuses with a page that needs nothing else, styled by the one sheet that its hash allows', async () => {
      const { host, appId } = await aHost({ role: 'viewer' })
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      for (const page of [await verify(host, { token }), await verify('other.localhost')]) {
        expect(page.status).toBe(403)
        const [, css = ''] = /<style>(.+)<\/style>/s.exec(page.body) ?? []
        const hash = createHash('sha256').update(css).digest('base64')
        expect(page.headers.get('content-security-policy')).toBe(
          `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
        )
        expect(page.body).not.toMatch(/<(script|link|img|iframe)\b|\sstyle=|\ssrc=|@import|@font-face|\/static\//)
        expect(css).toContain('light-dark(')
      }
    })

    it('a wildcard lets in to hosts of one label more, and to one with a name of its own by its own rules', async () => {
      const { host: named, appId } = await aHost()
      const below = named.replace('.localhost', '-below.localhost')
      await aHost({ appId, host: `*.${below}` })
      await aHost({ appId, host: `open.${below}`, role: 'anyone' })
      const handed = async (host: string) => handedOver(database.db, host, appId)
      const a = await handed(`a.${below}`)
      const at = async (host: string, token?: string) => (await verify(host, token ? { token } : {})).status
      expect(await at(`a.${below}`, a)).toBe(200)
      expect(await at(`A.${below.toUpperCase()}.`, a), 'in another spelling').toBe(200)
      expect(await at(`open.${below}`)).toBe(200)
      for (const other of [
        `a.b.${below}`,
        below,
        `*.${below}`,
        `.${below}`,
        `-.${below}`,
        `a.${below}:1`,
        `a.x${below}`,
      ])
        expect(await at(other, a), other).toBe(403)
      const sent = await verify(`new.${below}`, { headers: NAVIGATES })
      const back = new URL(sent.headers.get('location') ?? '').searchParams.get('return_to')
      expect(back).toBe(`http://new.${below}/page?x=1`)
    })

    it('a session is good at the host that it was handed over to, and at no other of the same app or wildcard', async () => {
      const { host: named, appId } = await aHost()
      const below = named.replace('.localhost', '-tenants.localhost')
      await aHost({ appId, host: `*.${below}` })
      const at = async (host: string, token: string) => (await verify(host, { token })).status
      const a = await handedOver(database.db, `a.${below}`, appId)
      const n = await handedOver(database.db, named, appId)
      const { token: own } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      for (const twice of ['asked', 'from memory']) {
        expect([await at(`a.${below}`, a), await at(`b.${below}`, a), await at(named, a)], twice).toEqual([
          200, 401, 401,
        ])
        expect([await at(named, n), await at(`a.${below}`, n)], twice).toEqual([200, 401])
        expect([await at(named, own), await at(`a.${below}`, own)], `the app's own, ${twice}`).toEqual([200, 401])
      }
    })

    it('S-38 a token of another app, or of Rollcall itself, is nobody’s there, asked and from memory', async () => {
      const { host } = await aHost()
      for (const other of [(await aHost()).appId, BUILT_IN_APP]) {
        const { token } = await aSession(database.db, { app: other, ip: '203.0.113.34' })
        const { secret: key } = await aKey(database.db, { app: other, scopes: ['sessions:verify'] })
        for (const twice of ['asked', 'from memory']) expect((await verify(host, { token })).status, twice).toBe(401)
        expect((await send(app.url, 'POST', '/sessions/verify', { key, body: { token } })).json).toMatchObject({
          status: 'active',
        })
        expect((await verify(host, { token })).status, 'remembered for its own app').toBe(401)
      }
    })

    it('S-51 from a blocked network nobody is let in, whoever they are, and the page says so', async () => {
      const { host, appId } = await aHost()
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      expect((await verify(host, { token })).status).toBe(200)
      await blockNetwork(database.db, { network: '198.18.41.0/24', reason: 'scanner' }, SYSTEM)
      await nudge()
      const there = await verify(host, { token, headers: { 'x-forwarded-for': '198.18.41.7' } })
      expect([there.status, there.body]).toEqual([403, expect.stringContaining('This network is blocked')])
      expect((await verify(host, { token })).status, 'elsewhere').toBe(200)
    })

    it('who is blocked is told so, where anyone is let in too: with the words for them, to who holds the whole token', async () => {
      for (const role of ['person', 'anyone'] as const) {
        const { host, appId } = await aHost({ role })
        const { token, account } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
        await blockAccount(database.db, account.id, { reason: 'stolen laptop', message: 'Call 555 0100.' }, SYSTEM)
        await nudge()
        const answer = await verify(host, { token })
        expect([answer.status, answer.body], role).toEqual([403, expect.stringContaining('Call 555 0100.')])
        expect(answer.body).not.toContain('stolen laptop')
        const forged = token.slice(0, -4) + (token.endsWith('AAAA') ? 'BBBB' : 'AAAA')
        const other = await verify(host, { token: forged })
        expect([other.status, other.body], role).toEqual([role === 'anyone' ? 200 : 401, ''])
      }
    })

    it('S-04 two cookies of its name are no session', async () => {
      const { host, appId } = await aHost()
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      expect((await verify(host, { headers: { cookie: `rollcall-app=${token}; rollcall-app=${token}` } })).status).toBe(
        401,
      )
    })

    it.each([
      ['as many bytes as a request may have', `pad=${'x'.repeat(12_000)}`],
      ['letters that are not ASCII', 'name=M\u00fcller'],
    ])('lets in beside a cookie of the application with %s', async (_, other) => {
      const { host, appId } = await aHost()
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      const cookies = { cookie: `${other}; rollcall-app=${token}` }
      for (const from of ['asked', 'from memory'])
        expect((await verify(host, { headers: cookies })).status, from).toBe(200)
      // A blank that only some take for one makes no other name of it.
      expect((await verify(host, { headers: { cookie: `\u00a0rollcall-app=${token}` } })).status).toBe(401)
    })

    it('says who it is never by what the request brought', async () => {
      const { host } = await aHost({ role: 'anyone' })
      const answer = await verify(host, { headers: { 'x-rollcall-account': 'forged', 'x-rollcall-roles': 'owner' } })
      expect(answer.status).toBe(200)
      expect([...answer.headers].filter(([name]) => name.startsWith('x-rollcall')).map(([, value]) => value)).toEqual([
        '',
        '',
        '',
        '',
      ])
    })

    it('an ended session is refused, and by a demoted account what needs its role', async () => {
      const { host, appId } = await aHost({ rules: [{ path: '/page', role: 'viewer' }] })
      const account = await anAccount(database.db, { role: 'viewer' })
      const { token, session } = await aSession(database.db, { app: appId, account, ip: '203.0.113.34' })
      expect((await verify(host, { token })).status).toBe(200)
      await changeRole(database.db, account.id, 'person', SYSTEM)
      await nudge()
      expect([401, 403]).toContain((await verify(host, { token })).status)
      await revokeSession(database.db, session.id, SYSTEM, null)
      await nudge()
      expect((await verify(host, { token })).status).toBe(401)
    })

    it('is a use of the session from where the visitor is; a timer of the page is none', async () => {
      const { host, appId } = await aHost()
      const { token, session } = await aSession(database.db, { app: appId, ip: '203.0.113.34', idleFor: '1 hour' })
      const seen = async () =>
        (await send(app.url, 'GET', `/sessions/${session.id}`, { key: (await aKey(database.db)).secret })).json
      await verify(host, { token, headers: { 'rollcall-background': '1' } })
      await app.services.touches.flush()
      const before = await seen()
      await verify(host, { token, headers: { 'x-forwarded-for': '203.0.113.99' } })
      await app.services.touches.flush()
      const after = await seen()
      expect(Date.parse(after.lastSeenAt) - Date.parse(before.lastSeenAt)).toBeGreaterThan(3_000_000)
      expect(after.lastIp).toBe('203.0.113.99')
    })

    it('S-07 is a use where the page sends something, whatever its header says', async () => {
      const { host, appId } = await aHost()
      const { token, session } = await aSession(database.db, { app: appId, ip: '203.0.113.34', idleFor: '1 hour' })
      await verify(host, { token, headers: { 'rollcall-background': '1', 'x-forwarded-method': 'POST' } })
      await app.services.touches.flush()
      const seenAt = (await findSession(database.db, session.id))?.lastSeenAt.getTime() ?? 0
      expect(Date.now() - seenAt).toBeLessThan(3_000_000)
    })

    it('S-07 a timer of the page keeps the session open in memory neither: once it has lain idle it is refused', async () => {
      const { host, appId } = await aHost()
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34', idleFor: '23:59:54' })
      const timer = async () => (await verify(host, { token, headers: { 'rollcall-background': '1' } })).status
      expect([await timer(), await timer()]).toEqual([200, 200])
      await expect.poll(timer, { timeout: 15_000 }).toBe(401)
    })

    it('is asked by GET: memory answers nothing else, as without it', async () => {
      const { host, appId } = await aHost()
      const { token } = await aSession(database.db, { app: appId, ip: '203.0.113.34' })
      const headers = { 'x-forwarded-host': host, 'x-forwarded-for': '203.0.113.34', cookie: `rollcall-app=${token}` }
      const post = async () => (await fetch(`${app.url}/verify`, { method: 'POST', headers })).status
      const before = await post()
      for (const _ of ['asked', 'remembered']) expect((await verify(host, { token })).status).toBe(200)
      expect([before, await post()]).toEqual([405, 405])
    })

    it('S-16 fails closed: when nobody can tell, it is 503', async () => {
      const { host } = await aHost()
      const { token } = await aSession(database.db, { app: (await aHost()).appId })
      const { verifier } = app.services
      Object.assign(app.services, {
        verifier: {
          ...verifier,
          verifyCached: () => 'ask',
          verify: async () => ({ status: 'denied', reason: 'unavailable' }),
        },
      })
      const answer = await verify(host, { token })
      Object.assign(app.services, { verifier })
      expect(answer.status).toBe(503)
    })
  })

  describe('protected hosts over the API', () => {
    const call = async (method: string, path: string, body?: unknown) =>
      send(app.url, method, `/protected-hosts${path}`, { key: (await aKey(database.db)).secret, body })

    it('are added, listed, changed and removed; each is in the audit log', async () => {
      const appId = await anApp(database.db, { name: `Handbook ${Date.now()}` })
      const added = await call('POST', '', {
        host: 'Handbook.localhost:8080',
        app: appId,
        rules: [{ path: '/admin/', role: 'owner' }],
      })
      expect([added.status, added.json]).toEqual([
        201,
        expect.objectContaining({
          host: 'handbook.localhost:8080',
          role: 'person',
          rules: [{ path: '/admin', role: 'owner' }],
        }),
      ])
      expect(added.headers.get('rollcall-position')).toMatch(/^x\d+/)
      const { id } = added.json
      expect((await call('GET', '')).json.items).toContainEqual(added.json)
      const changed = await call('PATCH', `/${id}`, { role: 'viewer', rules: [] })
      expect(changed.json).toMatchObject({ id, host: 'handbook.localhost:8080', role: 'viewer', rules: [] })
      expect((await call('DELETE', `/${id}`)).status).toBe(200)
      expect((await call('DELETE', `/${id}`)).status).toBe(404)
      const lines = (await listAudit(database.db, {}, { limit: 50 })).items.map(({ action }) => action)
      expect(lines).toEqual(expect.arrayContaining(['host.added', 'host.changed', 'host.removed']))
    })

    it.each([
      [{ host: 'https://wiki.localhost' }, 'host'],
      [{ host: 'wiki.localhost/path' }, 'host'],
      [{ host: 'wiki.example.com' }, 'host'],
      [{ host: 'user@wiki.localhost' }, 'host'],
      [{ host: 'w\u0000iki.localhost' }, ''],
      [{ host: '*.localhost' }, 'host'],
      [{ rules: [{ path: 'admin', role: 'owner' }] }, 'rules'],
      [{ rules: [{ path: '/a/../b', role: 'owner' }] }, 'rules'],
      [
        {
          rules: [
            { path: '/a', role: 'owner' },
            { path: '/a/', role: 'person' },
          ],
        },
        'rules',
      ],
      [{ rules: [{ path: '/a', role: 'king' }] }, 'rules.0.role'],
    ])('%j is refused in words, and nothing is kept', async (wrong, path) => {
      const appId = await anApp(database.db)
      const before = (await call('GET', '')).json.items
      const answer = await call('POST', '', { host: HOST, app: appId, ...wrong })
      expect(answer.status).toBe(400)
      if (path) expect(answer.json.errors[0].path).toBe(path)
      expect((await call('GET', '')).json.items).toEqual(before)
    })

    it('a host is protected once, and never for Rollcall itself', async () => {
      const { host, appId } = await aHost()
      expect((await call('POST', '', { host, app: appId })).status).toBe(409)
      const own = await call('POST', '', { host: 'own.localhost', app: '00000000-0000-7000-8000-000000000001' })
      expect([own.status, own.json.type.split('/').at(-1)]).toEqual([422, 'built-in-app'])
      expect(
        (await call('POST', '', { host: 'none.localhost', app: '01900000-0000-7000-8000-000000000099' })).status,
      ).toBe(404)
    })
  })
})
