import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A port that leads to a database and can be cut off from it. */
export interface Forwarder {
  url: string
  /** Begins to accept and to forward. */
  open(): Promise<void>
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>
  /** Leaves the connections half open: what is sent on them arrives nowhere, and nobody is told. New ones work. */
  stall(): void
}

/** Closed until it is opened, as a database is that has not started yet. */
export function forwarderTo(databaseUrl: string, port: number): Forwarder {
  const target = new URL(databaseUrl)
  const url = new URL(databaseUrl)
  url.port = String(port)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
  })
  const cut = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
      server.close(() => resolve())
    })
  onTestFinished(cut)
  return {
    url: url.href,
    open: () => new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve())),
    cut,
    stall: () => {
      for (const socket of sockets) {
        socket.unpipe()
        socket.pause()
      }
    },
  }
}
