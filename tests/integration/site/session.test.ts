import { connect } from 'node:net'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { sessionActivity } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { parseToken } from '../../../src/sessions/token.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'

const PASSWORD = 'seven purple bicycles'

eachDatabase((database) => {
  const app = useApp(database)
  const browser = () => aBrowserLikeClient(app.url)
  /** What a request with this Cookie header gets: the page, or the way to the sign-in page. */
  const visit = (cookie: string, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/account`, { headers: { cookie, ...headers }, redirect: 'manual' })
  const isIn = async (cookie: string) => (await visit(cookie)).status === 200

  const signedIn = async () => {
    const account = await anAccount(database.db, { password: PASSWORD })
    const client = browser()
    const answer = await client.post('/sign-in', { email: account.email, password: PASSWORD })
    const token = client.cookies.get('rollcall') ?? expect.fail('not signed in')
    return { account, client, answer, token, id: parseToken(token)?.id ?? expect.fail('no token') }
  }

  describe('S-02 the cookie', () => {
    test('S-02 on localhost is HttpOnly, SameSite=Lax, for the whole site and no other host', async () => {
      const { answer } = await signedIn()
      const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('rollcall=')) ?? ''
      expect(cookie).toMatch(/^rollcall=rcs_[\w-]{65}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/)
      expect(Number(/Max-Age=(\d+)/.exec(cookie)?.[1])).toBeLessThanOrEqual(30 * 86_400)
    })
  })

  describe('S-04 cookies that could be read in two ways are read in none', () => {
    test('S-04 two of the same name', async () => {
      const { token } = await signedIn()
      expect(await isIn(`rollcall=${token}`)).toBe(true)
      expect(await isIn(`rollcall=${token}; rollcall=${token}`)).toBe(false)
      expect(await isIn(`rollcall=x; rollcall=${token}`)).toBe(false)
      expect(await isIn(`rollcall=${token}; rollcall=`)).toBe(false)
    })

    test('S-04 a header sent twice', async () => {
      const { token } = await signedIn()
      const answer = await raw(app.url, [`Cookie: rollcall=${token}`, `Cookie: rollcall=${token}`])
      expect(answer).toMatch(/^HTTP\/1\.1 303 /)
    })

    test('S-04 an oversized header, and one that is not ASCII', async () => {
      const { token } = await signedIn()
      expect(await isIn(`pad=${'x'.repeat(9_000)}; rollcall=${token}`)).toBe(false)
      expect(await isIn(`name=\u00e9; rollcall=${token}`)).toBe(false)
    })

    test('S-04 other spellings: quotes, spaces within, another case of the name, the https name', async () => {
      const { token } = await signedIn()
      for (const cookie of [
        `rollcall="${token}"`,
        `rollcall= ${token}`,
        `Rollcall=${token}`,
        `__Host-rollcall=${token}`,
        `rollcall=${token}=`,
        `rollcall=${encodeURIComponent(token)}%20`,
      ])
        expect(await isIn(cookie), cookie).toBe(false)
    })
  })

  describe('S-05 a token counts in the cookie alone', () => {
    test('S-05 never in the URL, a header or a form field', async () => {
      const { token } = await signedIn()
      const path = `/account?rollcall=${token}&token=${token}&session=${token}`
      expect((await browser().get(path)).status).toBe(303)
      expect((await browser().get('/account', { authorization: `Bearer ${token}` })).status).toBe(303)
      expect((await browser().get('/account', { 'x-rollcall': token })).status).toBe(303)
      expect((await browser().post('/account/sessions/revoke-others', { rollcall: token })).status).toBe(303)
    })

    test('S-05 an id in the place of a token is refused', async () => {
      const { id } = await signedIn()
      expect(await isIn(`rollcall=${id}`)).toBe(false)
      expect(await isIn(`rollcall=rcs_${id}`)).toBe(false)
    })

    test('S-05 neither token nor password is on a page or in the log', async () => {
      const { client, token } = await signedIn()
      for (const path of ['/account', '/account/sessions', '/account/security', '/nothing'])
        expect((await client.get(path)).body).not.toContain(token)
      await client.post('/sign-in', { email: 'x@example.com', password: 'planted secret 417' })
      expect(app.log()).not.toContain(token)
      expect(app.log()).not.toContain('planted secret 417')
      expect(app.log()).not.toContain(PASSWORD)
    })
  })

  describe('S-06 sessions run out by the database’s clock', () => {
    const lives = async (options: Parameters<typeof aSession>[1]) =>
      isIn(`rollcall=${(await aSession(database.db, options)).token}`)

    test('S-06 a person: 24 hours idle, 30 days at most', async () => {
      expect(await lives({ idleFor: '23 hours 58 minutes' })).toBe(true)
      expect(await lives({ idleFor: '24 hours 1 minute' })).toBe(false)
      expect(await lives({ signedInFor: '29 days 23 hours' })).toBe(true)
      expect(await lives({ signedInFor: '30 days 1 minute' })).toBe(false)
    })

    test.each(['viewer', 'responder', 'owner'] as const)('S-06 %s: 15 minutes idle, 8 hours at most', async (role) => {
      const account = await anAccount(database.db, { role })
      expect(await lives({ account, idleFor: '14 minutes' })).toBe(true)
      expect(await lives({ account, idleFor: '15 minutes 1 second' })).toBe(false)
      expect(await lives({ account, signedInFor: '7 hours 58 minutes' })).toBe(true)
      expect(await lives({ account, signedInFor: '8 hours 1 second' })).toBe(false)
    })
  })

  describe('S-07 what an open page does by itself is no activity', () => {
    const lastSeen = async (id: Awaited<ReturnType<typeof signedIn>>['id']) => {
      await app.services.touches.flush()
      const [row] = await database.db.select().from(sessionActivity).where(eq(sessionActivity.sessionId, id))
      return row?.lastSeenAt.getTime()
    }

    test('S-07 a refresh in the background and a stream do not count; a page that a person opens does', async () => {
      const { session, token } = await aSession(database.db, { idleFor: '10 minutes' })
      const before = await lastSeen(session.id)
      const background = await visit(`rollcall=${token}`, { 'rollcall-background': '1' })
      expect(background.status).toBe(200)
      expect(await lastSeen(session.id)).toBe(before)

      const stream = new AbortController()
      const headers = { cookie: `rollcall=${token}`, accept: 'text/event-stream' }
      await fetch(`${app.url}/account/stream`, { headers, signal: stream.signal })
      stream.abort()
      expect(await lastSeen(session.id)).toBe(before)

      await visit(`rollcall=${token}`)
      expect(await lastSeen(session.id)).toBeGreaterThan(before ?? 0)
    })

    test('S-07 an owner whose page only polls is signed out after 15 minutes', async () => {
      const owner = await anOwner(database.db)
      const { token } = await aSession(database.db, { account: owner, idleFor: '16 minutes' })
      const answer = await visit(`rollcall=${token}`, { 'rollcall-background': '1' })
      expect(answer.status).toBe(303)
    })
  })

  describe('S-09 sign-out', () => {
    test('S-09 ends the session on the server, clears the cookie and what the browser keeps', async () => {
      const { client, token, id } = await signedIn()
      const answer = await client.post('/sign-out')
      expect(answer.location).toBe('/sign-in')
      expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"')
      expect(client.cookies.has('rollcall')).toBe(false)
      expect((await findSession(database.db, id))?.end?.reason).toBe('signed-out')
      expect(await isIn(`rollcall=${token}`)).toBe(false)
    })

    test('S-09 keeps the cookie that knows the device: it gives no access, and guards the next sign-in', async () => {
      const { client } = await signedIn()
      const device = client.cookies.get('rollcall-device')
      await client.post('/sign-out')
      expect(client.cookies.get('rollcall-device')).toBe(device)
      expect((await client.get('/account')).status).toBe(303)
    })

    test('S-09 says so once, and calmly', async () => {
      const { client } = await signedIn()
      const page = await client.follow(await client.post('/sign-out'))
      expect(page.body).toContain('You are signed out.')
      expect((await client.get('/sign-in')).body).not.toContain('You are signed out.')
    })

    test('S-09 twice is as good as once', async () => {
      const { client } = await signedIn()
      await client.post('/sign-out')
      expect((await client.post('/sign-out')).location).toBe('/sign-in')
    })

    test('S-09 by GET does nothing', async () => {
      const { client, token } = await signedIn()
      expect((await client.get('/sign-out')).status).toBe(405)
      expect(await isIn(`rollcall=${token}`)).toBe(true)
    })
  })
})

oneDatabase((database) => {
  const app = useApp(database, { ROLLCALL_PUBLIC_URL: 'https://rollcall.example.com' })

  test('S-02 behind https every cookie has the __Host- prefix and is Secure; the plain names are not read', async () => {
    const account = await anAccount(database.db, { password: PASSWORD })
    const client = aBrowserLikeClient(app.url)
    const origin = { origin: 'https://rollcall.example.com' }
    const answer = await client.post('/sign-in', { email: account.email, password: PASSWORD }, origin)
    const lines = answer.headers.getSetCookie()
    expect(lines.map((line) => line.split('=')[0]).sort()).toEqual(['__Host-rollcall', '__Host-rollcall-device'])
    for (const line of lines) {
      expect(line).toMatch(/; Secure/)
      expect(line).toMatch(/; HttpOnly; SameSite=Lax/)
      expect(line).toMatch(/; Path=\/;/)
      expect(line).not.toMatch(/domain/i)
    }
    expect((await client.get('/account')).status).toBe(200)
    client.cookies.set('rollcall', client.cookies.get('__Host-rollcall') ?? '')
    client.cookies.delete('__Host-rollcall')
    expect((await client.get('/account')).status).toBe(303)
  })

  test.each([
    ['/theme', { theme: 'dark' }],
    ['/look', { density: 'compact', columns: 'chosen', single_keys: 'off' }],
    ['/sign-out', {}],
  ])('S-02 behind https those of %s are Secure and SameSite too', async (path, form) => {
    const origin = { origin: 'https://rollcall.example.com' }
    const lines = (await aBrowserLikeClient(app.url).post(path, form, origin)).headers.getSetCookie()
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(line).toMatch(/; Path=\/;.*; SameSite=Lax; Secure$/)
  })
})

/** One request, byte for byte. */
function raw(url: string, headers: string[]): Promise<string> {
  const { host, hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () =>
      socket.write(['GET /account HTTP/1.1', `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n')),
    )
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('end', () => resolve(answer))
    socket.on('error', reject)
  })
}
