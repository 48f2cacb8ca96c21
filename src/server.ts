import { type ServerType, serve } from '@hono/node-server'
import type { Config } from './config.js'

/** The port or the address can't be had. */
export class CannotListen extends Error {
  readonly code = 'cannot_listen'
}

type Fetch = Parameters<typeof serve>[0]['fetch']

/**
 * Listens, with limits against clients that send slowly or much (headers: 10 s and 16 KiB, whole request: 30 s).
 *
 * @throws CannotListen, in words
 */
export function listen(config: Config, fetch: Fetch): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({
      fetch,
      port: config.port,
      hostname: config.host,
      serverOptions: {
        maxHeaderSize: 16 * 1024,
        headersTimeout: 10_000,
        requestTimeout: 30_000,
        keepAliveTimeout: 5_000,
      },
    })
    server.once('error', (error: NodeJS.ErrnoException) => reject(new CannotListen(inWords(error, config))))
    server.once('listening', () => resolve(server))
  })
}

function inWords(error: NodeJS.ErrnoException, { host, port }: Config): string {
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use by another program. Stop that one, or choose another port: PORT=${port + 1} npm start`
  }
  if (error.code === 'EACCES')
    return `Port ${port} may not be used by this user. Choose one above 1023: PORT=3000 npm start`
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return `HOST=${host} is not an address of this machine. Use 127.0.0.1 for this machine alone, or 0.0.0.0 for every network it is on.`
  }
  return `Rollcall can’t listen on ${host}:${port}: ${error.message}`
}

/** Stops accepting, lets what is under way finish, and cuts off what has not after `graceMs`. */
export function closeServer(server: ServerType, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), graceMs)
    // A connection whose last answer goes out from now on would stay open, idle, until its keep-alive runs out.
    const idle = setInterval(() => 'closeIdleConnections' in server && server.closeIdleConnections(), 50)
    server.close(() => {
      clearTimeout(cut)
      clearInterval(idle)
      resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
