import { createServer } from 'node:http'
import { getRequestListener, type HttpBindings, type ServerType } from '@hono/node-server'
import type { Config } from './config.js'
import type { AnswerAtOnce } from './http/atOnce.js'
import { InWords } from './inWords.js'

/** The port or the address can't be had. */
export class CannotListen extends InWords {
  readonly code = 'cannot_listen'
}

/** What a server answers with. */
export interface Answering {
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>
  atOnce?: AnswerAtOnce
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
}

/**
 * Listens, with limits against clients that send slowly or much (headers: 10 s and 16 KiB, whole request: 30 s).
 *
 * @param answering asked for each request: while the database is opened it is another one
 * @throws CannotListen, in words
 */
export function listen(config: Config, answering: () => Answering): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const all = getRequestListener((request, env) => answering().fetch(request, env as HttpBindings), {
      hostname: config.host,
    })
    const server = createServer(LIMITS, (incoming, outgoing) => {
      const go = () => void all(incoming, outgoing)
      if (!answering().atOnce?.(incoming, outgoing, go)) go()
    })
    server.once('error', (error: NodeJS.ErrnoException) => reject(new CannotListen(inWords(error, config))))
    server.once('listening', () => resolve(server))
    server.listen(config.port, config.host)
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
