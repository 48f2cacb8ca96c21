import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as passing } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

export interface Road {
  /** Bytes of a page that come together. */
  piece: number
  /** Between two pieces. */
  gapMs: number
  /** Until a font comes. */
  fontMs: number
}

/**
 * A bad connection to a server: a page comes in pieces, each painted before the next is there, and fonts come late.
 *
 * @returns the server's address at the end of it
 */
export async function aSlowRoad(to: string, { piece, gapMs, fontMs }: Road): Promise<string> {
  const { hostname, port } = new URL(to)
  const carry = async (from: IncomingMessage, response: ServerResponse) => {
    const status = from.statusCode ?? 502
    if (!from.headers['content-type']?.startsWith('text/html')) {
      if (from.headers['content-type']?.startsWith('font/')) await passing(fontMs)
      from.pipe(response.writeHead(status, from.headers))
      return
    }
    response.writeHead(status, from.headers)
    const whole = Buffer.concat(await from.toArray())
    for (let at = 0; at < whole.length; at += piece) {
      response.write(whole.subarray(at, at + piece))
      await passing(gapMs)
    }
    response.end()
  }
  const server = createServer(({ url: path, method, headers: asked }, response) => {
    const headers = { ...asked, 'accept-encoding': 'identity' }
    request({ hostname, port, path, method, headers }, (from) => void carry(from, response)).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
