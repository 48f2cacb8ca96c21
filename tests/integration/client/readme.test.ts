import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { TERMINAL } from '../../../src/audit/types.js'
import type { AppId } from '../../../src/db/ids.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { installClient } from '../../support/packedClient.js'
import { readmeBlock } from '../../support/readme.js'
import { temporaryFolder } from '../../support/server.js'
import { aKey, send } from '../api/client.js'

const soon = { interval: 5, timeout: 10_000 }

const WITH_SESSIONS = {
  needs: ['express', 'express-session'],
  before: `
      import express from 'express'
      import session from 'express-session'
      const secret = 'a secret'
      const app = express()`,
  after: `
      app.post('/sign-in', (req, res) => {
        Object.assign(req.session, { userId: 'priya', email: 'priya@example.com' })
        res.send('in')
      })
      app.get('/account', (req, res) => res.status(req.session.userId ? 200 : 401).send(req.session.email))
      const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))`,
} as const

/** What an app has around the README's lines: what they name, and what says where it listens. */
const FRAMES = {
  store: { ...WITH_SESSIONS, holds: "'rollcall/express-session'" },
  'store beside an old one': {
    ...WITH_SESSIONS,
    holds: 'movingFrom',
    before: `${WITH_SESSIONS.before}
      import { RollcallStore } from 'rollcall/express-session'
      const oldStore = new session.MemoryStore()`,
  },
  express: {
    holds: 'guardSocket(ws, request)',
    needs: ['express', 'ws'],
    before: `
      import { createServer } from 'node:http'
      import express from 'express'
      import { WebSocketServer } from 'ws'
      const app = express()
      const server = createServer(app)
      const sockets = new WebSocketServer({ server })
      const checkPassword = async () => ({ id: 'priya', email: 'priya@example.com' })
      const pay = (req, res) => res.send('paid')`,
    after: `server.listen(0, '127.0.0.1', () => console.log(server.address().port))`,
  },
  hono: {
    holds: "'rollcall/hono'",
    needs: ['hono', '@hono/node-server', 'ws'],
    before: `
      import { serve } from '@hono/node-server'
      import { Hono } from 'hono'
      import { WebSocketServer } from 'ws'
      const app = new Hono()
      const checkPassword = async () => ({ id: 'priya', email: 'priya@example.com' })
      const pay = (c) => c.text('paid')`,
    after: `
      const websocket = { server: new WebSocketServer({ noServer: true }) }
      serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', websocket }, ({ port }) => console.log(port))`,
  },
} as const
type Frame = keyof typeof FRAMES

/** As the README says: `import { a } from 'b'`, or `const { a } = require('b')`. */
const required = (code: string) =>
  code.replaceAll(/^\s*import (.+) from ('.+?')/gm, (_, names, from) => `const ${names} = require(${from})`)

describe.each([
  ['import', 'app.mjs'],
  ['require', 'app.cjs'],
] as const)('the README’s lines by %s, in an empty folder with the packed client', (how, file) => {
  oneDatabase((database) => {
    const rollcall = useApp(database)

    async function running(name: Frame) {
      const { holds, needs, before, after } = FRAMES[name]
      const environment = 'const { ROLLCALL_URL: url, ROLLCALL_KEY: key } = process.env'
      const code = [before, environment, readmeBlock('js', holds), after].join('\n')
      const folder = temporaryFolder()
      await installClient(folder, [...needs])
      writeFileSync(join(folder, file), how === 'import' ? code : required(code))
      const app = await anApp(database.db)
      const { secret } = await aKey(database.db, { app, scopes: ['sessions:verify', 'sessions:write'] })
      const child = spawn(process.execPath, [file], {
        cwd: folder,
        env: { PATH: process.env['PATH'], ROLLCALL_URL: rollcall.url, ROLLCALL_KEY: secret },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      const port = await new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (text: Buffer) => resolve(String(text).trim()))
        child.on('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
      })
      return { app, origin: `http://127.0.0.1:${port}` }
    }

    async function signedIn(origin: string) {
      const headers: Record<string, string> = {}
      const ask = (path: string, { method = 'GET', accept = '*/*' } = {}) =>
        fetch(origin + path, { method, headers: { ...headers, accept }, redirect: 'manual' })
      const answer = await ask('/sign-in', { method: 'POST' })
      expect(answer.status).toBeLessThan(400)
      // express-session sends the head before it has saved, and the end after it.
      await answer.text()
      headers['cookie'] = String(answer.headers.get('set-cookie')).split(';')[0] ?? ''
      return { ask, headers }
    }

    async function signOutInPanel(app: AppId) {
      const [session] = (await listSessions(database.db, { app })).items
      expect(session?.account.email).toBe('priya@example.com')
      await revokeSession(database.db, session?.id as never, TERMINAL, 'stolen')
    }

    it.each(['store', 'store beside an old one'] as const)(
      'the %s: who is signed in is in the panel, and whoever is signed out there is out',
      async (name) => {
        const { app, origin } = await running(name)
        const { ask } = await signedIn(origin)
        expect(await (await ask('/account')).text()).toBe('priya@example.com')
        await signOutInPanel(app)
        await vi.waitFor(async () => expect((await ask('/account')).status).toBe(401), soon)
      },
    )

    it('the store: what the API lists and ends is out at the next request, once the receipt has that process', async () => {
      const { app, origin } = await running('store')
      const { ask } = await signedIn(origin)
      expect((await ask('/account')).status).toBe(200)
      const { secret: key } = await aKey(database.db, {
        app,
        scopes: ['sessions:verify', 'sessions:read', 'sessions:write'],
      })
      const api = (method: string, path: string) => send(rollcall.url, method, path, { key })
      const { items } = (await api('GET', '/sessions?q=priya@example.com')).json
      expect(items).toMatchObject([{ state: 'live', app: { id: app } }])
      const ended = await api('DELETE', `/sessions/${items[0].id}?reason=stolen`)
      expect(ended).toMatchObject({ status: 200, json: { state: 'ended' } })
      const receipt = `/revocations/${ended.headers.get('rollcall-position')}/acknowledged`
      const applied = expect.objectContaining({ kind: 'app', state: 'applied' })
      await vi.waitFor(async () => {
        expect((await api('GET', receipt)).json).toEqual({ complete: true, nodes: expect.arrayContaining([applied]) })
      }, soon)
      expect((await ask('/account')).status).toBe(401)
    })

    it.each(['express', 'hono'] as const)(
      'the guards for %s: a page, a payment and a socket end with the session',
      async (name) => {
        const { app, origin } = await running(name)
        const { ask, headers } = await signedIn(origin)
        expect(await (await ask('/account')).json()).toMatchObject({ email: 'priya@example.com' })
        expect(await (await ask('/pay', { method: 'POST' })).text()).toBe('paid')
        const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, { headers })
        const closed = new Promise((resolve) => socket.on('close', resolve))
        await new Promise((resolve) => socket.on('open', resolve))
        await signOutInPanel(app)
        expect(await closed).toBe(4401)
        expect((await ask('/pay', { method: 'POST' })).status).toBe(401)
        const page = await ask('/account', { accept: 'text/html' })
        expect(page.headers.get('location')).toBe('/sign-in?return_to=%2Faccount')
      },
    )
  })
})
