import type { Attached } from './attached.js'
import { endWithSession, type Socket, sessionIsOver } from './connections.js'
import { refusePage } from './socketOrigin.js'
import type { Verifier } from './types.js'

/** What is used of the events that Hono's `upgradeWebSocket` takes, of whatever runtime. */
export interface SocketEvents {
  // biome-ignore lint/suspicious/noExplicitAny: the runtime's own event and socket; the app's types say which
  onOpen?: (event: any, socket: any) => void
  // biome-ignore lint/suspicious/noExplicitAny: the same
  onMessage?: (event: any, socket: any) => void
  // biome-ignore lint/suspicious/noExplicitAny: the same
  onClose?: (event: any, socket: any) => void
}

/** Of Hono's `WSContext`; `raw` is the runtime's own socket. */
interface HonoSocket {
  close(code: number, reason: string): void
  raw?: unknown
}

/**
 * The app's events, for as long as the session lasts: then the socket is closed, and nothing that still arrives is handed
 * on.
 *
 * @param ip the connection's address, for blocks of networks
 */
export function whileItLasts<E extends SocketEvents>(
  verifier: Pick<Verifier, 'onEnded'>,
  { session }: Pick<Attached, 'session'>,
  events: E,
  ip: string | null | undefined,
): E {
  let isOver = false
  let unwatch = () => {}
  return {
    ...events,
    onOpen(event: unknown, socket: HonoSocket) {
      const closing = closable(socket, () => {
        isOver = true
      })
      unwatch = endWithSession(verifier, session.id, closing, { ip: ip ?? null })
      if (!isOver) events.onOpen?.(event, socket)
    },
    onMessage(event: unknown, socket: HonoSocket) {
      if (!isOver) events.onMessage?.(event, socket)
    },
    onClose(event: unknown, socket: HonoSocket) {
      unwatch()
      events.onClose?.(event, socket)
    },
  }
}

/** A browser can't read the status of a handshake that was refused, but it can read a close code. */
export function refusing<E extends SocketEvents>(reason: Parameters<typeof sessionIsOver>[0]): E {
  const events: SocketEvents = {
    onOpen: (_event, socket: HonoSocket) => void endWithSession(sessionIsOver(reason), '', closable(socket)),
  }
  return events as E
}

export function refusingPage<E extends SocketEvents>(): E {
  const events: SocketEvents = { onOpen: (_event, socket: HonoSocket) => refusePage(closable(socket)) }
  return events as E
}

function closable(socket: HonoSocket, onClosing: () => void = () => {}): Socket {
  const { terminate } = (socket.raw ?? {}) as Pick<Socket, 'terminate'>
  return {
    close(code, reason) {
      onClosing()
      socket.close(code, reason)
    },
    ...(typeof terminate === 'function' ? { terminate: () => terminate.call(socket.raw) } : {}),
  }
}
