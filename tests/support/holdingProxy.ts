import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface HoldingProxy {
  url: string
  /** Event streams stay open from now on, and nothing comes through them. */
  hold(): void
  /** What comes from now on is passed on. */
  letGo(): void
}

/** A proxy in front of a server that holds back what a stream says, as one does that buffers. */
export async function aHoldingProxy(to: string): Promise<HoldingProxy> {
  const { hostname, port } = new URL(to)
  let holds = false
  const server = createServer(({ url: path, method, headers }, response) => {
    const asked = request({ hostname, port, path, method, headers }, (from) => {
      response.writeHead(from.statusCode ?? 502, from.headers).flushHeaders()
      if (!from.headers['content-type']?.startsWith('text/event-stream')) return void from.pipe(response)
      from.on('data', (chunk) => holds || response.write(chunk)).once('close', () => response.end())
    })
    asked.once('error', () => response.destroy())
    response.once('close', () => asked.destroy())
    asked.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    hold: () => {
      holds = true
    },
    letGo: () => {
      holds = false
    },
  }
}
