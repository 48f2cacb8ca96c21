import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { endStream, endWithSession, honoSession, type SessionVariables } from '../../../src/client/honoDoor.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { aSession } from '../../support/builders.js'
import { oneDatabase } from '../../support/database.js'
import { type AppProcess, anAppProcess } from './anAppProcess.js'

const soon = { interval: 1, timeout: 1_000 }

describe('what is open in an app', () => {
  oneDatabase((database) => {
    const server = useApp(database)

    /** A server of sockets, and one socket of a session, open. */
    async function aSocket(app: AppProcess, sessionId: string, ip: string) {
      const http = createServer()
      const port = await portOf(http.listen(0, '127.0.0.1'))
      const sockets = new WebSocketServer({ server: http })
      const messages: string[] = []
      sockets.on('connection', (ws) => {
        endWithSession(app, sessionId, ws, { ip })
        ws.on('message', (message) => messages.push(String(message)))
      })
      onTestFinished(() => {
        for (const ws of sockets.clients) ws.terminate()
        http.close()
      })
      const socket = new WebSocket(`ws://127.0.0.1:${port}`)
      const closed = new Promise<{ code: number; reason: string }>((resolve) =>
        socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
      )
      await new Promise((resolve) => socket.on('open', resolve))
      await vi.waitFor(() => expect(app.stats().watching).toBe(1), soon)
      return { socket, closed, messages }
    }

    it('S-17 a socket of ws closes with 4401 when its session is signed out', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session, token } = await aSession(database.db, { app: app.appId })
      await app.verify(token)
      const { closed } = await aSocket(app, session.id, '198.51.100.1')
      const acted = performance.now()
      await revokeSession(database.db, session.id, TERMINAL, 'test')
      expect(await closed).toEqual({ code: 4401, reason: 'ended' })
      expect(performance.now() - acted).toBeLessThan(1_000)
      expect(app.stats().watching).toBe(0)
    })

    it('S-17 a socket closes with 4403 when the person, or the network, is blocked; not for others in between', async () => {
      const app = await anAppProcess(database.db, server.url)
      const person = await aSession(database.db, { app: app.appId })
      await app.verify(person.token)
      const ofPerson = await aSocket(app, person.session.id, '198.51.100.1')
      const other = await aSession(database.db, { app: app.appId })
      await blockAccount(database.db, other.account.id, { reason: 'test' }, TERMINAL)
      await blockNetwork(database.db, { network: '192.88.77.0/24', reason: 'test' }, TERMINAL)
      await vi.waitFor(() => expect(app.stats().applied).toBeGreaterThan(1), soon)
      expect(ofPerson.socket.readyState).toBe(WebSocket.OPEN)
      await blockAccount(database.db, person.account.id, { reason: 'test' }, TERMINAL)
      expect(await ofPerson.closed).toEqual({ code: 4403, reason: 'blocked' })

      const visitor = await aSession(database.db, { app: app.appId })
      const ofVisitor = await aSocket(app, visitor.session.id, '192.88.78.5')
      await blockNetwork(database.db, { network: '192.88.78.0/24', reason: 'test' }, TERMINAL)
      expect(await ofVisitor.closed).toEqual({ code: 4403, reason: 'network-blocked' })
    })

    it('S-17 a socket of a session that ended before it was watched closes at once', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session } = await aSession(database.db, { app: app.appId })
      await revokeSession(database.db, session.id, TERMINAL, 'test')
      const heard = new Promise((resolve) => app.onEnded(session.id, resolve))
      expect(await heard).toBe('ended')
    })

    it.each([
      ['its id is none', 'not-a-session', undefined],
      ['its address has a zone though it is IPv4', undefined, '192.0.2.1%eth0'],
      ['its zone is empty', undefined, 'fe80::1%'],
      ['its zone is longer than any', undefined, `fe80::1%${'z'.repeat(200)}`],
      ['its address is turned about', undefined, '192.0.2.1::'],
    ])(
      'S-17 a connection ends with its session, whatever else is open and can’t be asked about: %s',
      async (_, id, ip) => {
        const app = await anAppProcess(database.db, server.url)
        const { session, token } = await aSession(database.db, { app: app.appId })
        await app.verify(token)
        app.onEnded(id ?? (await aSession(database.db, { app: app.appId })).session.id, () => {}, { ip: ip ?? null })
        const heard = new Promise((resolve) => app.onEnded(session.id, resolve))
        await revokeSession(database.db, session.id, TERMINAL, 'test')
        expect(await heard).toBe('ended')
      },
    )

    it('a socket that closes by itself is no longer watched', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session } = await aSession(database.db, { app: app.appId })
      const { socket, closed } = await aSocket(app, session.id, '198.51.100.1')
      socket.close()
      await closed
      await vi.waitFor(() => expect(app.stats().watching).toBe(0), soon)
    })

    it('S-17 an event stream ends with the event "ended", and who comes back is refused', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session, token } = await aSession(database.db, { app: app.appId })
      const clientIp = (c: Context) => getConnInfo(c).remote.address
      const site = new Hono<{ Variables: SessionVariables }>()
      site.use('*', honoSession(app, { cookie: 'session', clientIp }))
      site.get('/news', (c) =>
        streamSSE(c, async (stream) => {
          endStream(app, c.get('session').id, stream, { ip: clientIp(c) ?? null })
          await stream.writeSSE({ data: `hello ${c.get('account').name}` })
          await new Promise<void>((resolve) => stream.onAbort(resolve))
        }),
      )
      const http = serve({ fetch: site.fetch, port: 0, hostname: '127.0.0.1' }) as Server
      onTestFinished(() => void http.close())
      const url = `http://127.0.0.1:${await portOf(http)}/news`
      const headers = { cookie: `theme=dark; session=${token}` }
      const response = await fetch(url, { headers })
      expect(response.status).toBe(200)
      await vi.waitFor(() => expect(app.stats().watching).toBe(1), soon)
      await revokeSession(database.db, session.id, TERMINAL, 'test')
      expect(await response.text()).toMatch(/^data: hello Ada.*\n\nevent: ended\ndata: ended\n\n$/)
      const again = await fetch(url, { headers })
      expect(again.status).toBe(401)
      expect(await again.json()).toEqual({ status: 'denied', reason: 'ended' })
    })
  })
})

async function portOf(server: Server): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}
