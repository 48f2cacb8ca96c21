import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safeReturnTo } from '../../../src/http/returnTo.js'
import { site } from '../../../src/site/routes.js'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'

const PASSWORD = 'seven purple bicycles'

/** What people and scanners have led astray with. */
const ASTRAY = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%2fevil.example',
  '/%5cevil.example',
  'https://evil.example',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/\t/evil.example',
  '/\n/evil.example',
  '/.//evil.example',
  '/x/..//evil.example',
  '/account\r\nSet-Cookie: a=b',
  '@evil.example',
  '.evil.example',
  `/${'a'.repeat(5_000)}`,
]

oneDatabase((database) => {
  const app = useApp(database)

  describe('S-26 return_to leads nowhere but to a path of ours', () => {
    const leads = (text: string) => {
      const safe = safeReturnTo(text)
      return safe === undefined ? undefined : new URL(safe, 'https://ours.example')
    }

    test('S-26 whatever string it is', () => {
      const nasty = fc.array(
        fc.constantFrom('/', '\\', '.', '..', '%2f', '%5c', '@', ':', '?', '#', '\t', '\r\n', 'evil.example'),
        { maxLength: 8 },
      )
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.webUrl(),
            nasty.map((parts) => `/${parts.join('')}`),
          ),
          (text) => {
            const url = leads(text)
            if (!url) return
            expect(url.origin).toBe('https://ours.example')
            expect(safeReturnTo(text)).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/)
          },
        ),
        { numRuns: 2_000 },
      )
    })

    test('S-26 the known ones are ignored by the page and by the form', async () => {
      const account = await anAccount(database.db, { password: PASSWORD })
      const signedIn = aBrowserLikeClient(app.url)
      for (const text of ASTRAY) {
        const page = await aBrowserLikeClient(app.url).get(`/sign-in?return_to=${encodeURIComponent(text)}`)
        expect(page.body, text).not.toContain('name="return_to"')
        const form = { email: account.email, password: PASSWORD, return_to: text }
        const entered = await signedIn.post('/sign-in', form)
        expect([entered.status, entered.location], text).toEqual([303, '/account/sessions'])
        expect((await signedIn.get(`/sign-in?return_to=${encodeURIComponent(text)}`)).location).toBe(
          '/account/sessions',
        )
        expect((await signedIn.post('/theme', { theme: 'dark', return_to: text })).location).toBe('/')
        expect((await signedIn.post('/look', { density: 'compact', return_to: text })).location).toBe('/')
      }
    })

    test('S-26 a path of ours is kept with its query', () => {
      for (const path of ['/admin', '/admin/sessions?q=a%20b&state=all', '/account/sessions'])
        expect(safeReturnTo(path)).toBe(path)
      for (const path of ['/sign-in', '/sign-out', '/setup?token=x', '/invitation'])
        expect(safeReturnTo(path)).toBeUndefined()
    })
  })

  describe('S-45 private answers', () => {
    const pages = [
      '/',
      '/sign-in',
      '/setup',
      '/invitation',
      '/account',
      '/account/sessions',
      '/account/security',
      '/nothing',
    ]

    test('S-45 S-09 none may be kept, by a proxy or by the browser’s back button', async () => {
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', (await aSession(database.db)).token)
      for (const visitor of [client, aBrowserLikeClient(app.url)])
        for (const path of pages) expect((await visitor.get(path)).headers.get('cache-control'), path).toBe('no-store')
    })

    test('S-45 a path with something behind it is not found, so that no proxy takes it for a file', async () => {
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', (await aSession(database.db)).token)
      for (const path of pages.slice(1))
        for (const suffix of ['/x.css', '.css', '/.js', ';x.css', '%2Fx.css'])
          expect((await client.get(path + suffix)).status, path + suffix).toBe(404)
    })
  })

  describe('S-41 what another site sends', () => {
    const posts = site.routes.filter((route) => route.method === 'POST').map((route) => route.path.replace(':id', 'x'))

    test('S-41 every form of the site is refused, with nothing done', async () => {
      expect(posts.length).toBeGreaterThan(6)
      const { token } = await aSession(database.db)
      for (const path of posts)
        for (const headers of [
          { 'sec-fetch-site': 'cross-site' },
          { 'sec-fetch-site': 'same-site' },
          { 'sec-fetch-site': 'cross-site', origin: app.url },
        ]) {
          const client = aBrowserLikeClient(app.url)
          client.cookies.set('rollcall', token)
          const answer = await client.post(path, {}, headers)
          expect([answer.status, answer.body], path).toEqual([403, expect.stringContaining('came from another site')])
          expect(answer.headers.getSetCookie()).toEqual([])
        }
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', token)
      expect((await client.get('/account')).status).toBe(200)
    })
  })

  describe('S-53 forms', () => {
    const forms: [path: string, valid: Record<string, string>][] = [
      ['/sign-in', { email: 'a@example.com', password: 'x' }],
      ['/sign-out', {}],
      ['/setup', { token: 'x', name: 'x', email: 'a@example.com', password: 'x' }],
      ['/invitation', { token: 'x', password: 'x' }],
      ['/theme', { theme: 'dark' }],
    ]

    test.each(forms)(
      'S-53 %s: an unknown field, one that is there twice, a NUL, a JSON body, too much',
      async (path, valid) => {
        const post = (fields: Record<string, string | string[]>, headers = {}) =>
          aBrowserLikeClient(app.url).post(path, fields, headers)
        const unknown = await post({ ...valid, planted: 'true' })
        expect([unknown.status, unknown.body]).toEqual([400, expect.stringContaining('planted')])
        expect(unknown.headers.getSetCookie()).toEqual([])
        for (const [name, value] of Object.entries(valid)) {
          expect((await post({ ...valid, [name]: [value, value] })).status, name).toBe(400)
          expect((await post({ ...valid, [name]: `${value}\0` })).status, name).toBe(400)
        }
        expect((await post(valid, { 'content-type': 'application/json' })).status).toBe(415)
        expect((await post({ ...valid, name: 'x'.repeat(70_000) })).status).toBe(413)
      },
    )

    test('S-53 whatever is typed, no form fails', async () => {
      const text = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constantFrom('<script>', '\ud800', '\u202e', 'a'.repeat(999)),
      )
      const client = aBrowserLikeClient(app.url)
      const fields = fc.record({ email: text, name: text, token: text, return_to: text })
      await fc.assert(
        fc.asyncProperty(fields, async ({ email, name, token, return_to }) => {
          const answers = [
            await client.get(`/sign-in?return_to=${encodeURIComponent(return_to.toWellFormed())}`),
            await client.post('/sign-in', { email, password: '', return_to }),
            await client.post('/setup', { token, name, email, password: name }),
            await client.post('/invitation', { token, password: name }),
            await client.get(`/setup?token=${encodeURIComponent(token.toWellFormed())}`),
          ]
          for (const answer of answers) expect(answer.status).toBeLessThan(500)
        }),
        { numRuns: 40 },
      )
    })
  })

  describe('S-65 error pages', () => {
    test('S-65 say what happened, what to do and the number of the request, and no more', async () => {
      const page = await aBrowserLikeClient(app.url).get('/nothing/<script>alert(1)</script>')
      expect(page.status).toBe(404)
      expect(page.body).toContain('There is no such page')
      expect(page.body).toContain(page.headers.get('x-request-id'))
      expect(page.body).toContain('href="/"')
      expect(page.body).not.toContain('alert(1)')
    })

    test('S-65 what goes wrong inside shows no stack, query or path', async () => {
      const find = app.services.places.find
      app.services.places.find = () => Promise.reject(new Error('select secret from /home/rollcall'))
      const page = await aBrowserLikeClient(app.url)
        .post('/sign-in', { email: 'a@example.com', password: 'x' })
        .finally(() => {
          app.services.places.find = find
        })
      expect(page.status).toBe(500)
      expect(page.body).toContain('Something went wrong on our side')
      expect(page.body).not.toMatch(/select secret|\/home|\.ts|Error:/)
    })

    test('S-16 a database that does not answer lets nobody in and says so', async () => {
      const { token } = await aSession(database.db)
      const verify = app.services.verifier.verify
      app.services.verifier.verify = async () => ({ status: 'denied', reason: 'unavailable' })
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', token)
      const page = await client.get('/account').finally(() => {
        app.services.verifier.verify = verify
      })
      expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5'])
      expect(page.body).toContain('The database does not answer')
      expect(client.cookies.get('rollcall')).toBe(token)
    })

    test('a part of a page is told in text, and swaps nothing', async () => {
      const answer = await aBrowserLikeClient(app.url).get('/nothing', { 'hx-request': 'true' })
      expect([answer.status, answer.headers.get('hx-reswap'), answer.headers.get('hx-push-url')]).toEqual([
        404,
        'none',
        'false',
      ])
      expect(answer.body).toBe('There is no such page. It may have been removed, or the address is mistyped.')
    })
  })

  test('the theme is kept in a cookie and drawn by the server', async () => {
    const client = aBrowserLikeClient(app.url)
    const answer = await client.post('/theme', { theme: 'dark', return_to: '/account/sessions' })
    expect(answer.location).toBe('/account/sessions')
    expect((await client.get('/sign-in')).body).toContain('data-theme="dark"')
  })
})

eachDatabase((database) => {
  const app = useApp(database)

  test('S-43 a name, an address and a user agent are text on every page of the person', async () => {
    const name = '<img src=x onerror=alert(1)>"\'&\u202egnp'
    const account = await anAccount(database.db, { name, password: PASSWORD })
    const { token } = await aSession(database.db, { account, userAgent: '"><script>alert(2)</script>' })
    const client = aBrowserLikeClient(app.url)
    client.cookies.set('rollcall', token)
    for (const path of ['/account', '/account/sessions', '/account/security']) {
      const { body } = await client.get(path)
      expect(body).not.toMatch(/<img src=x|<script>alert/)
      expect(body).toContain('&lt;img src=x')
    }
    const typed = await aBrowserLikeClient(app.url).post('/sign-in', { email: '"><b>x', password: 'y' })
    expect(typed.body).toContain('value="&quot;&gt;&lt;b&gt;x"')
  })
})
