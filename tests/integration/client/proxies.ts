import { createServer as createHttpServer, request } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Line {
  url: string
  /** What goes through from now on: late by `delayMs`, or not at all while the connections stay open. */
  delayMs: number
  swallows: boolean
  /** Of all its connections together: how many bytes get through in a millisecond. */
  bytesAMs: number
  /** Connections that were made so far. */
  connections: number
}

/** A wire to a server whose faults are the test's. */
export async function aLineTo(url: string): Promise<Line> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let freeAt = 0
  const server = createServer((near) => {
    line.connections += 1
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.on('data', (bytes) => {
        if (line.swallows) return
        if (line.bytesAMs < Number.POSITIVE_INFINITY) {
          from.pause()
          freeAt = Math.max(freeAt, performance.now()) + bytes.length / line.bytesAMs
          const carry = () => {
            if (to.destroyed) return
            to.write(bytes, () => from.resume())
          }
          setTimeout(carry, freeAt - performance.now())
        } else if (line.delayMs === 0) to.write(bytes)
        else setTimeout(() => line.swallows || to.destroyed || to.write(bytes), line.delayMs)
      })
    }
  })
  const port = await listening(server)
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const line: Line = {
    url: `http://127.0.0.1:${port}`,
    delayMs: 0,
    swallows: false,
    bytesAMs: Number.POSITIVE_INFINITY,
    connections: 0,
  }
  return line
}

/** One address before several nodes: each request goes where `to` says. */
export async function aBalancer(to: (path: string) => string): Promise<string> {
  const server = createHttpServer((incoming, outgoing) => {
    const { method, headers, url: path = '' } = incoming
    const onward = request(new URL(path, to(path)), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  const port = await listening(server)
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${port}`
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
