import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** An application that knows nothing of Rollcall: a page for each path that says what it was told, and a socket that does too. */
export async function startWiki(onSocket: (socket: WebSocket, headers: IncomingHttpHeaders) => void = () => {}) {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end(pageOf(request.url ?? '', request.headers))
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

const pageOf = (url: string, headers: IncomingHttpHeaders) => `<!doctype html>
  <title>Wiki</title><h1>Wiki ${url}</h1>
  <p><a href="/next">Next</a></p><p id="socket"></p>
  <pre>${JSON.stringify(told(headers))}</pre>
  <script>${SOCKET}</script>`

/** Says on the page what becomes of its socket. */
const SOCKET = `
  const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/socket')
  const say = (text) => { document.getElementById('socket').textContent = text }
  socket.onopen = () => say('open')
  socket.onclose = ({ code }) => say('closed with ' + code)`

/** All that looks like an identity, however it is spelled. */
const told = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name, value]) => /rollcall/i.test(name) && value !== ''))
