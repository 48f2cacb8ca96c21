import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** An application that knows nothing of Rollcall: a page for each path that says what it was told, and a socket that does too. */
export async function startWiki(onSocket: (socket: WebSocket, headers: IncomingHttpHeaders) => void = () => {}) {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(
      `<!doctype html><title>Wiki</title><h1>Wiki ${request.url}</h1><pre>${JSON.stringify(told(request.headers))}</pre>`,
    )
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => {
    socket.send(JSON.stringify(told(request.headers)))
    onSocket(socket, request.headers)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** All that looks like an identity, however it is spelled. */
const told = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name, value]) => /rollcall/i.test(name) && value !== ''))
