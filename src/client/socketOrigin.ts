import { endWithSession, type Socket, sessionIsOver } from './connections.js'

export interface SocketOrigins {
  /**
   * Pages of which other origins may open a WebSocket: `['https://www.example.com']`. None by default: a browser sends
   * cookies along whatever page it is that opens one, so only pages of the app's own host may. Behind a proxy that does
   * not pass on `Host`, name the app's own here. What is no browser sends no `Origin` and is let through.
   */
  origins?: readonly string[]
}

/** @throws TypeError for what is no origin: it would never match */
export function readOrigins({ origins = [] }: SocketOrigins): ReadonlySet<string> {
  for (const origin of origins)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new TypeError(`Rollcall: origins: "${origin}" must be an origin such as https://www.example.com`)
  return new Set(origins)
}

/**
 * Cross-site WebSocket hijacking: no same-origin policy holds for the handshake of a socket.
 *
 * @see https://cheatsheetseries.owasp.org/cheatsheets/WebSocket_Security_Cheat_Sheet.html
 */
export function isOfAnotherSite(header: (name: string) => string | undefined, allowed: ReadonlySet<string>): boolean {
  const origin = header('origin')
  if (origin === undefined || allowed.has(origin)) return false
  const host = hostOf(origin)
  // "null", of a sandboxed page, is no address.
  return host === undefined || host !== hostOf(`${origin.split(':')[0]}://${header('host')}`)
}

/** Without the port that the scheme has anyway. */
const hostOf = (text: string) => (URL.canParse(text) ? new URL(text).host : undefined)

/** Closes it with 4403 and the reason `cross-site`; what it still sends is handed to nobody. */
export function refusePage(socket: Socket): void {
  const close = (code: number) => socket.close(code, 'cross-site')
  const { terminate, removeAllListeners, on } = socket
  endWithSession(sessionIsOver('blocked'), '', {
    close,
    ...(terminate ? { terminate: () => terminate.call(socket) } : {}),
    ...(removeAllListeners ? { removeAllListeners: (event) => removeAllListeners.call(socket, event) } : {}),
    ...(on ? { on: (event, listener) => on.call(socket, event, listener) } : {}),
  })
}
