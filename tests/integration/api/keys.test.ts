import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { SCOPES } from '../../../src/accounts/types.js'
import { api } from '../../../src/api/routes.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { listGuards } from '../../../src/http/authorise.js'
import { useApp } from '../../support/app.js'
import { anAccount, anApp } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, aVisit, send } from './client.js'

test('S-30 each API operation names the scope that it needs; only documentation is for anyone', () => {
  const guards = listGuards(api().routes)
  expect(guards.length).toBeGreaterThan(20)
  for (const { method, path, who } of guards) {
    const open = path === '/openapi.json' || /^\/problems(\/|$)/.test(path)
    expect([open ? 'anyone' : '', ...(open ? [] : SCOPES)], `${method} ${path}`).toContain(who)
  }
})

eachDatabase((database) => {
  const server = useApp(database)
  const call = (key: string | undefined, method: string, path: string, body?: unknown) =>
    send(server.url, method, path, { key, body })

  describe('keys', () => {
    test('S-60 a key is shown once, stored hashed, listed with its last use', async () => {
      const { secret: admin } = await aKey(database.db)
      const app = await anApp(database.db)
      const made = await call(admin, 'POST', '/keys', { app, name: 'Shop', scopes: ['sessions:read'] })
      expect(made.json.secret).toMatch(/^rck_[A-Za-z0-9_-]{43}$/)
      const { secret, key } = made.json
      expect(key).toMatchObject({ hint: secret.slice(-4), lastUsedAt: null, revokedAt: null })

      expect((await call(secret, 'GET', '/sessions')).status).toBe(200)
      const listed = await call(admin, 'GET', `/keys?app=${app}`)
      expect(listed.text).not.toContain(secret)
      expect(listed.json.items[0].lastUsedAt).not.toBeNull()
      expect(await dump(database.db)).not.toContain(secret)
      expect(server.log()).not.toContain(secret)
    })

    test('S-60 unknown, expired and revoked keys get one and the same answer, from the next request on', async () => {
      const revoked = await aKey(database.db, { scopes: ['sessions:read'] })
      const expired = await aKey(database.db, { scopes: ['sessions:read'] })
      const { secret: admin } = await aKey(database.db)
      expect((await call(revoked.secret, 'GET', '/sessions')).status).toBe(200)
      await call(admin, 'DELETE', `/keys/${revoked.id}`)
      await database.db.execute(
        sql`update api_keys set expires_at = now() - interval '1 second' where id = ${expired.id}`,
      )
      const answers = await Promise.all(
        [`rck_${'A'.repeat(43)}`, revoked.secret, expired.secret, 'nonsense', undefined].map((key) =>
          call(key, 'GET', '/sessions'),
        ),
      )
      const told = answers.map(({ status, headers, json: { requestId: _, ...problem } }) => ({
        status,
        problem,
        challenge: headers.get('www-authenticate'),
      }))
      expect(told[0]).toMatchObject({ status: 401, challenge: expect.stringContaining('Bearer') })
      for (const other of told) expect(other).toEqual(told[0])
    })

    test('S-60 a key can be replaced with overlap: both work until the old one is revoked', async () => {
      const { secret: admin } = await aKey(database.db)
      const app = await anApp(database.db)
      const [before, after] = await Promise.all([1, 2].map(() => aKey(database.db, { app, scopes: ['sessions:read'] })))
      expect((await call(before?.secret, 'GET', '/sessions')).status).toBe(200)
      expect((await call(after?.secret, 'GET', '/sessions')).status).toBe(200)
      await call(admin, 'DELETE', `/keys/${before?.id}`)
      expect((await call(before?.secret, 'GET', '/sessions')).status).toBe(401)
      expect((await call(after?.secret, 'GET', '/sessions')).status).toBe(200)
    })

    test('a key sent twice, or anywhere but in the header, is not read', async () => {
      const { secret } = await aKey(database.db)
      const headers = new Headers({ authorization: `Bearer ${secret}` })
      headers.append('authorization', `Bearer ${secret}`)
      expect((await fetch(`${server.url}/api/v1/apps`, { headers })).status).toBe(401)
      for (const path of [`/apps?key=${secret}`, `/apps?access_token=${secret}`])
        expect((await call(undefined, 'GET', path)).status).toBe(401)
      expect(server.log()).not.toContain(secret)
    })

    test('what a key lacks the scope for is refused and audited; admin has every scope', async () => {
      const reader = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:read'] })
      const refused = await call(reader.secret, 'POST', '/accounts', { name: 'Ada' })
      expect(refused).toMatchObject({ status: 403, json: { detail: expect.stringContaining('accounts:write') } })
      const { secret: admin } = await aKey(database.db)
      const { json: log } = await call(admin, 'GET', `/audit?actor=${reader.id}&action=access.refused`)
      expect(log.items[0]).toMatchObject({
        result: 'refused',
        details: { needed: 'accounts:write', path: '/api/v1/accounts' },
      })
      expect((await call(admin, 'POST', '/accounts', { name: 'Ada' })).status).toBe(201)
    })

    test('only a key with scope admin makes keys and apps, and none makes one for an app that is not there', async () => {
      const all = await aKey(database.db, {
        app: await anApp(database.db),
        scopes: SCOPES.filter((scope) => scope !== 'admin'),
      })
      expect((await call(all.secret, 'POST', '/apps', { name: 'Mine' })).status).toBe(403)
      expect((await call(all.secret, 'GET', '/keys')).status).toBe(403)
      const { secret: admin } = await aKey(database.db)
      const past = { app: await anApp(database.db), name: 'k', scopes: ['admin'], expiresAt: '2020-01-01T00:00:00Z' }
      expect((await call(admin, 'POST', '/keys', past)).json.errors).toEqual([
        { path: 'expiresAt', message: 'must lie ahead' },
      ])
    })
  })

  describe('tokens', () => {
    test('S-01 a token is in the answer to the sign-in and nowhere afterwards: not in the API, the log, the database', async () => {
      const { secret } = await aKey(database.db)
      const body = { account: { email: 'once@example.com' }, client: aVisit() }
      const headers = { 'idempotency-key': 'sealed-answer' }
      const started = await send(server.url, 'POST', '/sessions', { key: secret, body, headers })
      const { token, session } = started.json
      expect(token).toMatch(/^rcs_[A-Za-z0-9_-]{65}$/)
      const tokenSecret = token.slice(26)
      await call(secret, 'POST', '/sessions/verify', { token, client: aVisit() })
      await call(secret, 'DELETE', `/sessions/${session.id}`)
      const shown = await Promise.all(
        ['/sessions?state=all', `/sessions/${session.id}`, '/audit?limit=200', '/accounts'].map((path) =>
          call(secret, 'GET', path),
        ),
      )
      const everywhere = shown.map(({ text }) => text).join() + server.log() + (await dump(database.db))
      expect(everywhere).toContain(session.id)
      for (const secretPart of [
        tokenSecret,
        Buffer.from(tokenSecret).toString('hex'),
        Buffer.from(tokenSecret, 'base64url').toString('hex'),
      ])
        expect(everywhere).not.toContain(secretPart)
      // The answer can be had again by the one who made the request, and only with the key that made it.
      expect((await send(server.url, 'POST', '/sessions', { key: secret, body, headers })).json.token).toBe(token)
    })

    test('S-05 an id in the place of a token is denied, and so is any other spelling', async () => {
      const { secret } = await aKey(database.db)
      const started = await call(secret, 'POST', '/sessions', {
        account: { email: 'id@example.com' },
        client: aVisit(),
      })
      const { token, session } = started.json
      const tries = [
        session.id,
        `rcs_${session.id}`,
        token.slice(0, 26),
        `${token}=`,
        ` ${token}`,
        token.toUpperCase(),
        token.replace(/.$/, '~'),
        '',
      ]
      for (const tried of tries)
        expect((await call(secret, 'POST', '/sessions/verify', { token: tried })).json, tried).toEqual({
          status: 'denied',
          reason: 'unknown',
        })
      expect((await call(secret, 'POST', '/sessions/verify', { token })).json.status).toBe('active')
    })

    test('S-05 a token in the address is never read and never written', async () => {
      const { secret } = await aKey(database.db)
      const { json } = await call(secret, 'POST', '/sessions', {
        account: { email: 'url@example.com' },
        client: aVisit(),
      })
      const inQuery = await call(secret, 'POST', `/sessions/verify?token=${json.token}`, { token: 'x' })
      expect(inQuery.status).toBe(400)
      expect(inQuery.text).not.toContain(json.token)
      expect((await call(secret, 'GET', `/sessions/${json.token}`)).status).toBe(404)
      expect((await call(secret, 'GET', `/nothing/${json.token}/here`)).status).toBe(404)
      const { secret: poor } = await aKey(database.db, { scopes: ['audit:read'] })
      expect((await call(poor, 'GET', `/sessions/${json.token}`)).status).toBe(403)
      expect(await dump(database.db)).not.toContain(json.token.slice(26))
      expect(server.log()).not.toContain(json.token.slice(26))
    })
  })

  describe('apps', () => {
    async function twoApps() {
      const [one, two] = [await anApp(database.db), await anApp(database.db)]
      const scopes = SCOPES.filter((scope) => scope !== 'admin')
      const [keyOne, keyTwo] = [
        await aKey(database.db, { app: one, scopes }),
        await aKey(database.db, { app: two, scopes }),
      ]
      const visit = { account: { email: `both.${one}@example.com` }, client: aVisit() }
      const mine = await call(keyOne.secret, 'POST', '/sessions', visit)
      const theirs = await call(keyTwo.secret, 'POST', '/sessions', visit)
      return { one, two, keyOne: keyOne.secret, keyTwo: keyTwo.secret, mine: mine.json, theirs: theirs.json }
    }

    test('S-33 a key sees only its own app’s sessions; ids of others answer 404', async () => {
      const { two, keyOne, mine, theirs } = await twoApps()
      expect(mine.session.account.id).toBe(theirs.session.account.id)
      const listed = await call(keyOne, 'GET', '/sessions?state=all')
      expect(listed.json.items.map(({ id }: { id: string }) => id)).toEqual([mine.session.id])
      expect((await call(keyOne, 'GET', `/sessions?q=${theirs.session.id}`)).json.items).toEqual([])
      expect((await call(keyOne, 'GET', `/sessions?app=${two}`)).status).toBe(404)
      expect((await call(keyOne, 'GET', `/sessions/${theirs.session.id}`)).status).toBe(404)
      const { secret: admin } = await aKey(database.db)
      expect((await call(admin, 'GET', `/sessions/${theirs.session.id}`)).status).toBe(200)
    })

    test('S-33 a key ends only its own app’s sessions, one by one, by account, by filter, and touches no others', async () => {
      const { keyOne, keyTwo, two, mine, theirs } = await twoApps()
      const account = mine.session.account.id
      expect((await call(keyOne, 'DELETE', `/sessions/${theirs.session.id}`)).status).toBe(404)
      expect(
        (await call(keyOne, 'POST', '/sessions/revoke', { filter: { app: two, account }, reason: 'r' })).status,
      ).toBe(404)
      const touched = await call(keyOne, 'POST', '/sessions/touch', {
        items: [{ id: theirs.session.id, secondsAgo: 0, ip: '203.0.113.99' }],
      })
      expect(touched.json).toEqual({ ended: [theirs.session.id] })
      expect(
        (await call(keyOne, 'POST', '/sessions/revoke', { filter: { account }, reason: 'r', dryRun: true })).json,
      ).toEqual({ count: 1 })
      expect((await call(keyOne, 'POST', `/accounts/${account}/revoke-sessions`, { reason: 'r' })).json).toEqual({
        ended: 1,
      })
      expect((await call(keyTwo, 'POST', '/sessions/verify', { token: theirs.token })).json.status).toBe('active')
      expect((await call(keyTwo, 'GET', `/sessions/${theirs.session.id}`)).json.lastIp).toBe('203.0.113.30')
      expect((await call(keyTwo, 'GET', '/sessions?ip=203.0.113.99')).json.items).toEqual([])

      const { secret: admin } = await aKey(database.db)
      expect((await call(admin, 'POST', `/accounts/${account}/revoke-sessions`, { reason: 'r' })).json).toEqual({
        ended: 1,
      })
      expect((await call(keyTwo, 'POST', '/sessions/verify', { token: theirs.token })).json).toEqual({
        status: 'denied',
        reason: 'ended',
      })
    })

    test('S-33 a key starts sessions in its own app alone', async () => {
      const { two, keyOne } = await twoApps()
      const visit = { account: { email: 'x@example.com' }, client: aVisit() }
      expect((await call(keyOne, 'POST', '/sessions', { ...visit, app: two })).status).toBe(404)
      const { secret: admin } = await aKey(database.db)
      expect((await call(admin, 'POST', '/sessions', { ...visit, app: two })).json.session.app.id).toBe(two)
    })

    test('S-38 a token is unknown to every other app’s key, an admin’s too, and to the panel', async () => {
      const { keyOne, keyTwo, theirs } = await twoApps()
      const { secret: admin } = await aKey(database.db)
      const unknown = { status: 'denied', reason: 'unknown' }
      expect((await call(keyOne, 'POST', '/sessions/verify', { token: theirs.token })).json).toEqual(unknown)
      expect((await call(admin, 'POST', '/sessions/verify', { token: theirs.token })).json).toEqual(unknown)
      expect((await call(keyTwo, 'POST', '/sessions/verify', { token: theirs.token })).json.status).toBe('active')
    })

    test('S-38 an app that sends an owner’s e-mail gets a session in that app; one in the panel needs scope admin', async () => {
      const owner = await anAccount(database.db, { role: 'owner' })
      const visit = { account: { email: owner.email.toUpperCase() }, client: aVisit() }
      const app = await anApp(database.db)
      const outside = await aKey(database.db, { app, scopes: ['sessions:write'] })
      const started = await call(outside.secret, 'POST', '/sessions', visit)
      expect(started.json.session).toMatchObject({ app: { id: app }, account: { id: owner.id } })
      const inside = await aKey(database.db, { scopes: ['sessions:write'] })
      expect(await call(inside.secret, 'POST', '/sessions', visit)).toMatchObject({
        status: 403,
        json: { detail: expect.stringContaining('admin') },
      })
    })

    test('an app’s key changes and blocks people, and nobody with a role in the panel', async () => {
      const owner = await anAccount(database.db, { role: 'owner', password: 'long enough for a test' })
      await anAccount(database.db, { role: 'owner', password: 'long enough for a test' })
      const viewer = await anAccount(database.db, { role: 'viewer' })
      const person = await anAccount(database.db)
      const { secret } = await aKey(database.db, {
        app: await anApp(database.db),
        scopes: ['accounts:write', 'blocks:write'],
      })
      expect((await call(secret, 'PATCH', `/accounts/${viewer.id}`, { email: 'mine@example.com' })).status).toBe(403)
      expect((await call(secret, 'PUT', `/accounts/${owner.id}/block`, { reason: 'r' })).status).toBe(403)
      expect((await call(secret, 'POST', '/accounts', { name: 'New', role: 'owner' })).status).toBe(403)
      expect((await call(secret, 'PATCH', `/accounts/${person.id}`, { name: 'Renamed' })).json.name).toBe('Renamed')
      expect((await call(secret, 'PUT', `/accounts/${person.id}/block`, { reason: 'r' })).status).toBe(200)
    })
  })
})

/** Every row of every table, as text. */
async function dump(db: Database): Promise<string> {
  const tables = rowsOf<{ name: string }>(
    await db.execute(sql`select tablename as name from pg_tables where schemaname = 'public'`),
  )
  const parts: string[] = []
  for (const { name } of tables) {
    const rows = rowsOf<{ row: string }>(await db.execute(sql`select t::text as row from ${sql.identifier(name)} t`))
    parts.push(...rows.map(({ row }) => row))
  }
  return parts.join('\n')
}
