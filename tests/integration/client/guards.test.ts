import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createAdaptorServer, upgradeWebSocket, type WebSocketServerLike } from '@hono/node-server'
import express from 'express'
import { type Context, Hono } from 'hono'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { blockAccount, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { TERMINAL } from '../../../src/audit/types.js'
import * as ofExpress from '../../../src/client/express.js'
import * as ofHono from '../../../src/client/honoDoor.js'
import type { AccountId, AppId } from '../../../src/db/ids.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { aKey } from '../api/client.js'

interface Made {
  url: string
  verifier: ofExpress.Verifier
  /** What came over its sockets. */
  said: string[]
}
type Options = { url: string; key: string; cookie: string | null; header: string; method: string; origins: string[] }
const PARTNER = 'https://partner.example.com'
const PAGE = { accept: 'text/html,*/*' }
const soon = { interval: 2, timeout: 5_000 }
let count = 0

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function anExpressApp(options: Options): Promise<Made> {
  const rollcall = ofExpress.createRollcall({
    ...options,
    clientIp: (req) => String(req.headers['x-test-ip'] ?? '203.0.113.8'),
  })
  onTestFinished(() => rollcall.stop())
  const { requireSession, requireRole, fresh } = ofExpress
  const app = express()
  app.use(rollcall.attach())
  app.get('/open', (req, res) => void res.send(req.rollcall?.account.name ?? 'nobody'))
  app.get('/sign-in/:user', async (req, res, next) => {
    const { user } = req.params
    rollcall.startSession(req, res, { id: user, email: `${user}@example.com` }).then(() => res.send('in'), next)
  })
  app.get('/token/:user', (req, res, next) => {
    const account = { id: req.params.user, email: `${req.params.user}@example.com` }
    rollcall.startSession(req, res, account).then((started) => res.json(started), next)
  })
  app.get('/sign-out', (req, res, next) => void rollcall.endSession(req, res).then(() => res.send('out'), next))
  app.get('/me', requireSession({ signIn: '/welcome' }), (req, res) => void res.json(req.rollcall?.account))
  app.get('/pay', fresh({ signIn: '/welcome' }), (req, res) => void res.json(req.rollcall?.account))
  app.get('/viewers', requireRole(['viewer', 'owner'], { signIn: '/welcome' }), (_req, res) => void res.send('hello'))
  app.use((error: ofExpress.RollcallFailure, _req: unknown, res: express.Response, _next: unknown) => {
    res.status(error.status ?? 500).send(error.code)
  })
  const server = createServer(app)
  const said: string[] = []
  const sockets = socketsOf({ server })
  sockets.on('connection', (socket, request) => {
    void rollcall.guardSocket(socket, request).then((who) => {
      if (!who) return
      socket.on('message', (message) => {
        said.push(String(message))
        socket.send(`${who.account.name}: ${message}`)
      })
    })
  })
  return { url: await listening(server), verifier: rollcall.verifier, said }
}

async function aHonoApp(options: Options): Promise<Made> {
  const rollcall = ofHono.createRollcall({
    ...options,
    clientIp: (c: Context) => c.req.header('x-test-ip') ?? '203.0.113.8',
  })
  onTestFinished(() => rollcall.stop())
  const { requireSession, requireRole, fresh } = ofHono
  const app = new Hono<{ Variables: ofHono.RollcallVariables }>()
  app.use(rollcall.attach())
  app.get('/open', (c) => c.text(c.get('account')?.name ?? 'nobody'))
  app.get('/sign-in/:user', async (c) => {
    const user = c.req.param('user')
    await rollcall.startSession(c, { id: user, email: `${user}@example.com` })
    return c.text('in')
  })
  app.get('/token/:user', async (c) => {
    const user = c.req.param('user')
    return c.json(await rollcall.startSession(c, { id: user, email: `${user}@example.com` }))
  })
  app.get('/sign-out', async (c) => {
    await rollcall.endSession(c)
    return c.text('out')
  })
  app.get('/me', requireSession({ signIn: '/welcome' }), (c) => c.json(c.get('account')))
  app.get('/pay', fresh({ signIn: '/welcome' }), (c) => c.json(c.get('account')))
  app.get('/viewers', requireRole(['viewer', 'owner'], { signIn: '/welcome' }), (c) => c.text('hello'))
  app.onError((error, c) =>
    error instanceof ofHono.RollcallFailure ? c.text(error.code, error.status as 403) : c.text('oops', 500),
  )
  const said: string[] = []
  app.get(
    '/socket',
    upgradeWebSocket(
      rollcall.guardSocket((_c, { account }) => ({
        onMessage(event, socket) {
          said.push(String(event.data))
          socket.send(`${account.name}: ${event.data}`)
        },
      })),
    ),
  )
  const sockets = socketsOf({ noServer: true })
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: { server: sockets as WebSocketServerLike },
  }) as Server
  return { url: await listening(server), verifier: rollcall.verifier, said }
}

function socketsOf(options: ServerOptions): WebSocketServer {
  const sockets = new WebSocketServer(options)
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    sockets.close()
  })
  return sockets
}

/** A handshake, and behind it a frame whose reserved bits are set. @returns when the app has closed the connection */
async function sendBrokenFrame(url: string, headers: readonly string[]) {
  const { host, hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const wanted = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const key = `Sec-WebSocket-Key: ${Buffer.from('a key of 16 byte').toString('base64')}`
  socket.write(['GET /socket HTTP/1.1', `Host: ${host}`, ...wanted, key, ...headers, '', ''].join('\r\n'))
  socket.write(Buffer.from([0xff, 0x80, 0, 0, 0, 0]))
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
}

describe.each([
  ['Express', anExpressApp],
  ['Hono', aHonoApp],
] as const)('an app on %s', (_name, make) => {
  oneDatabase((database) => {
    const server = useApp(database)

    async function anAppBehind(cookie: string | null = 'session') {
      const app = await anApp(database.db)
      const { secret: key } = await aKey(database.db, { app, scopes: ['sessions:verify', 'sessions:write'] })
      const made = await make({
        url: server.url,
        key,
        cookie,
        header: 'authorization',
        method: 'password',
        origins: [PARTNER],
      })
      await made.verifier.started
      const user = `guarded${++count}-${process.pid}`
      const get = async (path: string, headers: Record<string, string> = {}) => {
        const response = await fetch(made.url + path, { headers, redirect: 'manual' })
        return { status: response.status, text: await response.text(), headers: response.headers }
      }
      const signIn = async (headers: Record<string, string> = {}) => {
        const { status, headers: answered } = await get(`/sign-in/${user}`, headers)
        expect(status).toBe(200)
        return String(answered.get('set-cookie'))
      }
      const session = async () => {
        const [found] = (await listSessions(database.db, { app: app as AppId })).items
        if (!found) throw new Error('no session')
        return found
      }
      const ends = async () => {
        const { items } = await listSessions(database.db, { app: app as AppId, state: 'ended' })
        return items.map(({ end }) => [end?.reason, end?.by?.kind])
      }
      return { ...made, get, signIn, session, ends, user, app }
    }

    it('sends pages to the sign-in and back, and tells everything else with problem+json', async () => {
      const { get } = await anAppBehind()
      expect(await get('/open')).toMatchObject({ status: 200, text: 'nobody' })
      const page = await get('/me?tab=2', PAGE)
      expect(page.status).toBe(303)
      expect(page.headers.get('location')).toBe('/welcome?return_to=%2Fme%3Ftab%3D2')
      const api = await get('/me')
      expect(api.headers.get('content-type')).toBe('application/problem+json')
      expect(api.headers.get('cache-control')).toBe('no-store')
      expect(JSON.parse(api.text)).toEqual({
        type: 'urn:rollcall:signed-out',
        title: 'You are not signed in',
        status: 401,
        reason: 'missing',
      })
      expect(await get('/viewers')).toMatchObject({ status: 401 })
    })

    it('signs in with a session of its own, by cookie or bearer, and out again', async () => {
      const { get, signIn, session, ends, user } = await anAppBehind()
      const set = await signIn({
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
      })
      expect(set).toMatch(/^session=rcs_[\w-]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/)
      const [cookie = ''] = set.split(';')
      const token = cookie.slice('session='.length)
      expect(JSON.parse((await get('/me', { cookie })).text)).toMatchObject({ email: `${user}@example.com` })
      expect(await get('/me', { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 })
      expect(await get('/me', { cookie, authorization: `Bearer ${token}` })).toMatchObject({ status: 401 })
      expect(await get(`/me?session=${token}`)).toMatchObject({ status: 401 })
      expect(await session()).toMatchObject({ ip: '203.0.113.8', method: 'password', device: { browser: 'Firefox' } })
      const out = await get('/sign-out', { cookie })
      expect(out.headers.get('set-cookie')).toMatch(/^session=; Path=\/; Max-Age=0/)
      await vi.waitFor(async () => expect(await get('/me', { cookie })).toMatchObject({ status: 401 }), soon)
      expect(await ends()).toEqual([['signed-out', 'account']])
    })

    it('S-09 signs out for good on a network that is blocked: lifting the block gives nothing back', async () => {
      const { get, signIn, ends } = await anAppBehind()
      const [cookie = ''] = (await signIn()).split(';')
      const blocked = await blockNetwork(database.db, { network: '203.0.113.8', reason: 'scans' }, TERMINAL)
      if (blocked.status !== 'blocked') return expect.fail(blocked.status)
      await vi.waitFor(async () => expect(await get('/me', { cookie })).toMatchObject({ status: 403 }), soon)
      expect(await get('/sign-out', { cookie })).toMatchObject({ status: 200 })
      await liftBlock(database.db, blocked.block.id, 'they stopped', TERMINAL)
      expect(await ends()).toEqual([['signed-out', 'account']])
      await vi.waitFor(async () => expect(await get('/me', { cookie })).toMatchObject({ status: 401 }), soon)
    })

    it('S-03 ends the session that the browser brought along to a new sign-in', async () => {
      const { get, signIn, ends } = await anAppBehind()
      const [first = ''] = (await signIn()).split(';')
      const [second = ''] = (await signIn({ cookie: first })).split(';')
      expect(second).not.toBe(first)
      await vi.waitFor(async () => expect(await get('/me', { cookie: first })).toMatchObject({ status: 401 }), soon)
      expect(await get('/me', { cookie: second })).toMatchObject({ status: 200 })
      expect(await ends()).toEqual([['replaced', 'account']])
    })

    it('is told at once of a sign-out, a block and a role', async () => {
      const { get, signIn, session } = await anAppBehind()
      const [cookie = ''] = (await signIn()).split(';')
      expect(await get('/viewers', { cookie, ...PAGE })).toMatchObject({
        status: 403,
        text: 'Your role does not allow this.\n',
      })
      const { account } = await session()
      await changeRole(database.db, account.id as AccountId, 'viewer', TERMINAL)
      await vi.waitFor(async () => expect(await get('/me', { cookie })).toMatchObject({ status: 401 }), soon)
      const [again = ''] = (await signIn()).split(';')
      expect(await get('/viewers', { cookie: again })).toMatchObject({ status: 200, text: 'hello' })
      await revokeSession(database.db, (await session()).id, TERMINAL, 'stolen')
      expect(await get('/pay', { cookie: again }), 'asks the database').toMatchObject({ status: 401 })
      await changeRole(database.db, account.id as AccountId, 'person', TERMINAL)
      const [third = ''] = (await signIn()).split(';')
      await blockAccount(database.db, account.id as AccountId, { reason: 'stolen' }, TERMINAL)
      await vi.waitFor(
        async () => expect(await get('/me', { cookie: third, ...PAGE })).toMatchObject({ status: 403 }),
        soon,
      )
      const { user } = { user: account.email?.split('@')[0] }
      expect(await get(`/sign-in/${user}`)).toMatchObject({ status: 403, text: 'blocked' })
    })

    it('lets no page of another site open a WebSocket with the person’s cookie, unless it is named', async () => {
      const { signIn, url, said } = await anAppBehind()
      const [cookie = ''] = (await signIn()).split(';')
      const open = (origin: string | undefined) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`, {
          headers: { cookie, ...(origin === undefined ? {} : { origin }) },
        })
        onTestFinished(() => socket.terminate())
        socket.on('open', () => socket.send(`from ${origin}`))
        return new Promise<string>((resolve) => {
          socket.on('message', () => resolve('let in'))
          socket.on('close', (code, reason) => resolve(`${code} ${reason}`))
        })
      }
      const { host } = new URL(url)
      const others = ['https://evil.example', 'null', `http://${host}.evil.example`, `http://evil.example/${host}`]
      for (const origin of [...others, `http://x${host}`, 'http://127.0.0.1:1', `${PARTNER}.evil.example`])
        expect(await open(origin), origin).toBe('4403 cross-site')
      expect(said).toEqual([])
      for (const origin of [url, url.toUpperCase().replace('HTTP', 'http'), PARTNER, undefined])
        expect(await open(origin), origin).toBe('let in')
      const wrong = { url: server.url, key: `rck_${'x'.repeat(43)}`, cookie: 'session', header: 'x', method: 'app' }
      for (const origin of ['partner.example.com', '*', `${PARTNER}/`])
        await expect(make({ ...wrong, origins: [origin] })).rejects.toThrow('must be an origin')
    })

    it('hands the token to the app, whose clients bring it in a header where no cookie holds it', async () => {
      const { get, user } = await anAppBehind(null)
      const signedIn = await get(`/token/${user}`)
      expect(signedIn.headers.get('set-cookie')).toBeNull()
      const { token, maxAge } = JSON.parse(signedIn.text)
      expect(maxAge).toBe(2_592_000)
      expect(await get('/me', { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 })
      expect(await get('/me', { cookie: `__Host-session=${token}` })).toMatchObject({ status: 401 })
    })

    it('refuses at the start to have no place for a token', async () => {
      const { header, ...options } = {
        url: server.url,
        key: `rck_${'x'.repeat(43)}`,
        header: 'x',
        method: 'app',
        origins: [],
      }
      await expect(make({ ...options, cookie: null } as never)).rejects.toThrow('leaves no place for the token')
    })

    it.each([{ cookie: 'my session' }, { cookie: '' }, { header: 'x session' }, { header: '' }])(
      'refuses at the start a name that no cookie or header has: %o',
      async (places) => {
        const key = `rck_${'x'.repeat(43)}`
        const options = { url: server.url, key, cookie: 'session', header: 'x', method: 'app', origins: [] }
        await expect(make({ ...options, ...places })).rejects.toThrow('must be a name without spaces')
      },
    )

    it('goes on after a broken frame of whoever opened a socket, be it nobody, a page of another site or a person', async () => {
      const { signIn, url, get } = await anAppBehind()
      const [cookie = ''] = (await signIn()).split(';')
      for (const headers of [[], [`Cookie: ${cookie}`, 'Origin: https://evil.example'], [`Cookie: ${cookie}`]]) {
        await sendBrokenFrame(url, headers)
        expect(await get('/open', { cookie }), headers.join()).toMatchObject({ status: 200 })
      }
    })

    it('S-17 lets a WebSocket go on while its session does, and closes it with 4401, blocked with 4403', async () => {
      const { signIn, session, url, verifier, said } = await anAppBehind()
      const open = (cookie = '') => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`, { headers: { cookie } })
        const heard: string[] = []
        socket.on('message', (message) => heard.push(String(message)))
        const closed = new Promise<number>((resolve) => socket.on('close', resolve))
        onTestFinished(() => socket.terminate())
        return { socket, heard, closed }
      }
      const nobody = open()
      nobody.socket.on('open', () => nobody.socket.send('let me in'))
      expect(await nobody.closed).toBe(4401)
      expect(said).toEqual([])

      /** Who has signed in and says hello, and what the app answered. */
      const talking = async () => {
        const one = open((await signIn()).split(';')[0])
        one.socket.on('open', () => one.socket.send('hello'))
        const { id, account } = await session()
        await vi.waitFor(() => expect(one.heard).toEqual([`${account.name}: hello`]), soon)
        return { ...one, id, account }
      }
      const signedOut = await talking()
      // Who does not answer the close is heard no more either.
      signedOut.socket.pause()
      await revokeSession(database.db, signedOut.id, TERMINAL, 'stolen')
      await vi.waitFor(() => expect(verifier.stats().watching).toBe(0), soon)
      signedOut.socket.send('and this')
      signedOut.socket.resume()
      expect(await signedOut.closed).toBe(4401)
      expect(said).toEqual(['hello'])

      const left = await talking()
      left.socket.close()
      await vi.waitFor(() => expect(verifier.stats().watching, 'of one that has closed').toBe(0), soon)

      const blocked = await talking()
      await blockAccount(database.db, blocked.account.id as AccountId, { reason: 'stolen' }, TERMINAL)
      expect(await blocked.closed).toBe(4403)
      expect(blocked.heard).toHaveLength(1)
    })
  })
})

describe('a Hono app without an error handler', () => {
  oneDatabase((database) => {
    const server = useApp(database)

    it('answers the sign-in of somebody who is blocked with 403, and with 503 while Rollcall is away', async () => {
      const ofApp = await anApp(database.db)
      const { secret: key } = await aKey(database.db, { app: ofApp, scopes: ['sessions:verify', 'sessions:write'] })
      const app = new Hono()
      const signIn = (path: string, url: string) => {
        const rollcall = ofHono.createRollcall({ url, key, clientIp: () => '203.0.113.8', onFailure: () => {} })
        onTestFinished(() => rollcall.stop())
        app.post(path, async (c) => {
          await rollcall.startSession(c, { id: 'hana', email: 'hana@example.com' })
          return c.text('in')
        })
      }
      signIn('/sign-in', server.url)
      signIn('/away', 'http://127.0.0.1:1')
      expect((await app.request('/sign-in', { method: 'POST' })).status).toBe(200)
      const [session] = (await listSessions(database.db, { app: ofApp as AppId })).items
      await blockAccount(database.db, session?.account.id as AccountId, { reason: 'stolen' }, TERMINAL)
      const blocked = await app.request('/sign-in', { method: 'POST' })
      expect([blocked.status, await blocked.json()]).toMatchObject([403, { title: 'You are blocked' }])
      const away = await app.request('/away', { method: 'POST' })
      expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1'])
    })
  })
})
