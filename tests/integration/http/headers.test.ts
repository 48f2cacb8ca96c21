import { request } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { useApp } from '../../support/app.js'
import { anAccount, aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type BrowserLikeClient } from '../../support/http.js'

describe('what every answer carries', () => {
  oneDatabase((database) => {
    const app = useApp(database)
    const secure = useApp(database, { ROLLCALL_PUBLIC_URL: 'https://rollcall.example.com' })
    const local = useApp(database, { ROLLCALL_PUBLIC_URL: 'http://localhost:3000' })
    let viewer: BrowserLikeClient

    beforeAll(async () => {
      const account = await anAccount(database.db, { role: 'viewer' })
      const { token } = await aSession(database.db, { account, ip: '127.0.0.1' })
      viewer = aBrowserLikeClient(app.url)
      viewer.cookies.set('rollcall', token)
    })

    it.each(['/sign-in', '/admin', '/admin/sessions', '/nowhere', '/api/v1/sessions', '/healthz'])(
      'S-40 S-42 the strict policy and headers are on %s',
      async (path) => {
        const { headers } = await viewer.get(path)
        const policy = headers.get('content-security-policy') ?? ''
        for (const part of [
          "default-src 'none'",
          "style-src 'self'",
          "form-action 'self'",
          "base-uri 'none'",
          "frame-ancestors 'none'",
          "require-trusted-types-for 'script'",
        ]) {
          expect(policy).toContain(part)
        }
        expect(policy).toMatch(/script-src 'nonce-[A-Za-z0-9+/=]{24}'/)
        expect(policy).not.toMatch(/unsafe/)
        expect(Object.fromEntries(headers)).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
        })
        expect(headers.has('permissions-policy')).toBe(true)
        expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull()
      },
    )

    it('S-40 no two answers share a nonce', async () => {
      const nonces = await Promise.all(
        Array.from({ length: 20 }, async () => (await viewer.get('/sign-in')).headers.get('content-security-policy')),
      )
      expect(new Set(nonces).size).toBe(20)
    })

    it('S-42 https is made to stay https, and plain http is not', async () => {
      const overHttps = await aBrowserLikeClient(secure.url).get('/sign-in')
      expect(overHttps.headers.get('strict-transport-security')).toMatch(/max-age=63072000/)
      expect((await viewer.get('/sign-in')).headers.has('strict-transport-security')).toBe(false)
    })

    it.each(['/verify', '/.rollcall/sign-out'])('S-42 binds no host but its own to https: %s', async (path) => {
      const seenElsewhere = await aBrowserLikeClient(secure.url).get(path, { 'x-forwarded-host': 'wiki.example.com' })
      expect(seenElsewhere.status).toBe(403)
      expect(seenElsewhere.headers.has('strict-transport-security')).toBe(false)
    })

    it('S-45 S-09 private pages are stored nowhere, static files for good', async () => {
      const page = await viewer.get('/admin/sessions')
      expect(page.headers.get('cache-control')).toBe('no-store')
      const css = /\/static\/[^"]+\.css/.exec(page.body)?.[0] ?? ''
      const file = await viewer.get(css)
      expect([file.status, file.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    })

    it.each([
      '/admin/sessions/x.css',
      '/admin/sessions.css',
      '/account/sessions/a.png',
      '/static/../package.json',
      '/static/%2e%2e%2fpackage.json',
      '/static/rollcall.css',
    ])('S-45 %s is not found', async (path) => {
      expect((await viewer.get(path)).status).toBe(404)
    })

    it.each([
      ['cross-site', { 'sec-fetch-site': 'cross-site' }],
      ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    ])('S-41 a post from %s is refused and changes nothing', async (_, headers) => {
      const visit = await viewer.post('/sign-out', {}, headers)
      expect(visit.status).toBe(403)
      expect((await viewer.get('/admin/sessions')).status).toBe(200)
    })

    it('S-41 where the browser says no more than its origin, another origin is refused', async () => {
      const response = await fetch(new URL('/sign-out', app.url), {
        method: 'POST',
        headers: { origin: 'https://evil.example', cookie: `rollcall=${viewer.cookies.get('rollcall')}` },
        redirect: 'manual',
      })
      expect(response.status).toBe(403)
    })

    it.each([
      ['https://rollcall.example.com', 303],
      ['http://rollcall.example.com', 403],
      ['https://proxy.internal', 403],
    ])(
      'S-41 behind a proxy its own origin is the address that people use, whatever Host says: %s',
      async (origin, status) => {
        const response = await fetch(new URL('/sign-out', secure.url), {
          method: 'POST',
          headers: { origin, host: 'proxy.internal' },
          redirect: 'manual',
        })
        expect(response.status).toBe(status)
      },
    )

    it.each([
      ['no address', () => app.url],
      ['an address on localhost', () => local.url],
    ])('S-02 over plain http to anything but localhost nothing is served, with %s configured', async (_, url) => {
      expect(await statusFor('rollcall.internal', url())).toBe(421)
      expect(await statusFor('localhost', url())).toBe(200)
    })

    it('S-65 an unexpected error is a number and plain words', async () => {
      const broken = await viewer.get('/admin/sessions?ip=%00')
      expect(broken.status).toBe(400)
      for (const visit of [broken, await viewer.get('/admin/sessions/not-an-id')]) {
        expect(visit.body).not.toMatch(/at \w+ \(|node_modules|select .* from |drizzle|postgres/i)
      }
    })
  })
})

/** Of the sign-in page, asked for by a name that may not be the server's own. */
function statusFor(host: string, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url)
    request({ host: '127.0.0.1', port, path: '/sign-in', headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
