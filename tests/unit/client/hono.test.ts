import { type Context, Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import {
  type HonoSessionOptions,
  honoSession,
  type SessionVariables,
  type Verdict,
  type Verifier,
  type VerifyRequest,
} from '../../../src/client/honoDoor.js'

const ACTIVE: Verdict = {
  status: 'active',
  session: {
    id: 's',
    appId: 'a',
    method: 'password',
    createdAt: new Date(0),
    expiresAt: new Date(1),
    idleTimeoutMs: 1,
  },
  account: { id: 'p', name: 'Priya', email: null, role: 'person' },
}

/** An app behind the middleware, over a verifier that knows one token. */
function anApp(options: Partial<HonoSessionOptions<Context>> = {}, cached: Verdict | 'ask' = ACTIVE) {
  const asked: { token: string | null | undefined; request: VerifyRequest | undefined }[] = []
  const awaited: (string | null | undefined)[] = []
  const verifier: Pick<Verifier, 'verify' | 'verifyCached'> = {
    verifyCached(token, request) {
      asked.push({ token, request })
      return token === 'good' ? cached : { status: 'denied', reason: 'ended' }
    },
    async verify(token) {
      awaited.push(token)
      return ACTIVE
    },
  }
  const app = new Hono<{ Variables: SessionVariables }>()
  app.use('/me', honoSession(verifier, { clientIp: () => '203.0.113.7', ...options }))
  app.get('/me', (c) => c.json({ name: c.get('account')?.name ?? null, session: c.get('session')?.id ?? null }))
  const get = async (headers: Record<string, string>, path = '/me') => {
    const response = await app.request(path, { headers })
    return { status: response.status, body: await response.json(), headers: response.headers }
  }
  return { get, asked, awaited }
}

const cookie = (value: string) => ({ cookie: `__Host-session=${value}` })
const denied = (reason: string) => ({ status: 'denied', reason })

describe('the middleware for Hono', () => {
  it('sets the session and the account of a good token from memory, without asking', async () => {
    const { get, asked, awaited } = anApp()
    expect(await get(cookie('good'))).toMatchObject({ status: 200, body: { name: 'Priya', session: 's' } })
    expect(asked).toEqual([{ token: 'good', request: { ip: '203.0.113.7', fresh: false, background: undefined } }])
    expect(awaited).toEqual([])
  })

  it('asks where memory can’t tell', async () => {
    const { get, awaited } = anApp({}, 'ask')
    expect(await get(cookie('good'))).toMatchObject({ status: 200, body: { name: 'Priya' } })
    expect(awaited).toEqual(['good'])
  })

  it('refuses by reason: 401, 403 where somebody is blocked, 503 where nobody could tell', async () => {
    for (const [reason, status] of [
      ['ended', 401],
      ['idle', 401],
      ['unknown', 401],
      ['blocked', 403],
      ['network-blocked', 403],
      ['unavailable', 503],
    ] as const) {
      const { get } = anApp({}, { status: 'denied', reason })
      const refused = await get(cookie('good'))
      expect(refused).toMatchObject({ status, body: denied(reason) })
      expect(refused.headers.get('cache-control')).toBe('no-store')
      expect(refused.headers.get('retry-after')).toBe(status === 503 ? '1' : null)
    }
    expect(await anApp().get({})).toMatchObject({ status: 401, body: denied('missing') })
  })

  it('S-04 denies two cookies of that name, and a cookie beside the header', async () => {
    const { get, asked } = anApp({ header: 'authorization' })
    expect(await get({ cookie: '__Host-session=good; __Host-session=good' })).toMatchObject({ body: denied('unknown') })
    expect(await get({ ...cookie('good'), authorization: 'Bearer good' })).toMatchObject({ body: denied('unknown') })
    expect(asked).toEqual([])
    expect(await get({ authorization: 'Bearer good' })).toMatchObject({ status: 200 })
    expect(await get({ authorization: 'Basic good' })).toMatchObject({ body: denied('missing') })
    expect(await get({ ...cookie('good'), authorization: 'Basic good' })).toMatchObject({ status: 200 })
  })

  it('S-05 reads no token from the address', async () => {
    const { get, asked } = anApp()
    expect(await get({}, '/me?__Host-session=good&token=good')).toMatchObject({ status: 401 })
    expect(asked).toEqual([])
  })

  it('takes the cookie’s name, a header alone, what is in the background, and what is fresh', async () => {
    expect(await anApp({ cookie: 'sid' }).get({ cookie: 'sid=good' })).toMatchObject({ status: 200 })
    const byHeader = anApp({ cookie: null, header: 'x-session' })
    expect(await byHeader.get({ 'x-session': 'good' })).toMatchObject({ status: 200 })
    expect(await byHeader.get(cookie('good'))).toMatchObject({ status: 401 })
    const told = anApp({ isBackground: (c) => c.req.header('x-timer') !== undefined, fresh: true })
    await told.get({ ...cookie('good'), 'x-timer': '1' })
    expect(told.asked[0]?.request).toMatchObject({ background: true, fresh: true })
  })

  it('leaves what a refused request gets to the app, which may let it pass without a session', async () => {
    const { get } = anApp({ onDenied: (c, reason) => c.redirect(`/sign-in?why=${reason}`) })
    expect((await get(cookie('bad')).catch(() => undefined)) ?? 'no json').toBe('no json')
    const passing = anApp({ onDenied: (_c, _reason, next) => next() })
    expect(await passing.get(cookie('bad'))).toMatchObject({ status: 200, body: { name: null, session: null } })
  })

  it('refuses at the start a name that no cookie has', () => {
    expect(() => anApp({ cookie: 'my session' })).toThrow('Rollcall: cookie: "my session" must be a name')
  })
})
