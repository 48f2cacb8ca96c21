import { EventEmitter } from 'node:events'
import { createServer, get, IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, Socket as NetSocket } from 'node:net'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DenialReason, endStream, endWithSession, type Socket, type Verifier } from '../../../src/client/index.js'

/** Watches as a verifier does, and ends what is watched when the test says so. */
function watcher() {
  const watched = new Map<string, (reason: DenialReason) => void>()
  const onEnded: Verifier['onEnded'] = (id, callback) => {
    watched.set(id, callback)
    return () => watched.delete(id)
  }
  return { verifier: { onEnded }, watched, end: (reason: DenialReason) => watched.get('s')?.(reason) }
}

describe('an open connection', () => {
  it.each([
    ['ended', 4401],
    ['expired', 4401],
    ['idle', 4401],
    ['unknown', 4401],
    ['blocked', 4403],
    ['network-blocked', 4403],
    ['unavailable', 1013],
  ] as const)('S-17 that is a socket closes when its session is %s, with %i', (reason, code) => {
    const { verifier, end } = watcher()
    const closed: unknown[] = []
    endWithSession(verifier, 's', { close: (...how) => closed.push(how) })
    end(reason)
    expect(closed).toEqual([[code, reason]])
  })

  it('S-17 that is a socket of ws hands on nothing that still arrives, and is cut when nobody answers', async () => {
    const { verifier, end } = watcher()
    const messages: string[] = []
    const socket = new EventEmitter()
    socket.on('message', (text) => messages.push(text))
    const cut = new Promise<void>((resolve) => {
      const ws: Socket = {
        close: () => socket.emit('message', 'too late'),
        terminate: resolve,
        removeAllListeners: (event) => socket.removeAllListeners(event),
      }
      endWithSession(verifier, 's', ws)
    })
    end('ended')
    await cut
    expect(messages).toEqual([])
  })

  it('is no longer watched once it has closed by itself', () => {
    const { verifier, watched } = watcher()
    const socket = new EventTarget()
    endWithSession(verifier, 's', { close() {}, addEventListener: (event, act) => socket.addEventListener(event, act) })
    const response = Object.assign(new EventEmitter(), { write: () => true, end() {} })
    expect(watched.size).toBe(1)
    socket.dispatchEvent(new Event('close'))
    expect(watched.size).toBe(0)
    endStream(verifier, 's', response)
    expect(watched.size).toBe(1)
    response.emit('close')
    expect(watched.size).toBe(0)
  })

  it('is not watched that had closed before, while somebody was asked whose it is', () => {
    const { verifier, watched } = watcher()
    endWithSession(verifier, 's', { close() {}, addEventListener() {}, readyState: 3 })
    expect(watched.size).toBe(0)
    const response = new ServerResponse(new IncomingMessage(new NetSocket()))
    response.destroy()
    endStream(verifier, 's', response)
    expect(watched.size).toBe(0)
  })

  it('is no longer watched that is a stream of Hono and has come to its end', async () => {
    const { verifier, watched } = watcher()
    const app = new Hono()
    let during = 0
    app.get('/', (c) =>
      streamSSE(c, async (stream) => {
        endStream(verifier, 's', stream)
        during = watched.size
        await stream.writeSSE({ data: 'all' })
      }),
    )
    expect(await (await app.request('/')).text()).toBe('data: all\n\n')
    expect([during, watched.size]).toEqual([1, 0])
  })

  it('S-17 that is a stream of Node ends with the event "ended" and the reason', async () => {
    const { verifier, end } = watcher()
    const written: string[] = []
    await new Promise<void>((resolve) => {
      endStream(verifier, 's', { write: (text) => written.push(text), end: resolve })
      end('blocked')
    })
    expect(written).toEqual(['event: ended\ndata: blocked\n\n'])
  })

  it.each([
    ['after', (response: ServerResponse, end: () => void) => [end(), setImmediate(() => response.write('too late'))]],
    ['before, with its own end', (response: ServerResponse, end: () => void) => [response.end(), end()]],
  ])(
    'S-17 that is a stream of Node whose reader has stalled is cut, and what the app wrote %s ends no process',
    async (_, endAndWrite) => {
      const { verifier, end } = watcher()
      const server = createServer((_request, response) => {
        response.write(Buffer.alloc(50_000_000))
        endStream(verifier, 's', response)
        endAndWrite(response, () => end('ended'))
        response.on('close', () => server.close())
      })
      onTestFinished(() => server.closeAllConnections())
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      get({ port: (server.address() as AddressInfo).port }, (answer) => answer.pause()).on('error', () => {})
      await new Promise((resolve) => server.on('close', resolve))
    },
  )

  it('S-17 that is a stream of Hono gives a slow reader nothing that the app wrote after the end', async () => {
    const { verifier, end } = watcher()
    const app = new Hono()
    app.get('/', (c) =>
      streamSSE(c, async (stream) => {
        endStream(verifier, 's', stream)
        void stream.write('before ')
        end('ended')
        void stream.write('after')
        await new Promise<void>((resolve) => stream.onAbort(resolve))
      }),
    )
    expect(await (await app.request('/')).text()).toBe('before event: ended\ndata: ended\n\n')
  })

  it('S-17 that is a stream of Hono ends the same way', async () => {
    const { verifier, end } = watcher()
    const app = new Hono()
    app.get('/', (c) =>
      streamSSE(c, async (stream) => {
        endStream(verifier, 's', stream)
        await new Promise<void>((resolve) => stream.onAbort(resolve))
      }),
    )
    const response = await app.request('/')
    end('ended')
    expect(await response.text()).toBe('event: ended\ndata: ended\n\n')
  })
})
