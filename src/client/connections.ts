import type { DenialReason } from '../follower/types.js'
import type { Verifier } from './types.js'

/** How long the other side may take to answer the end of a socket. */
const CLOSING_MS = 1_000

/** `readyState` of a WebSocket; what is above it is closing, or has closed. */
const OPEN = 1

const SOCKET_CODES: Record<DenialReason, number> = {
  ended: 4401,
  expired: 4401,
  idle: 4401,
  unknown: 4401,
  blocked: 4403,
  'network-blocked': 4403,
  unavailable: 1013,
}

/** What is used of a WebSocket: one of `ws`, of Deno, Hono's `WSContext`, and others. */
export interface Socket {
  close(code: number, reason: string): void
  /** Of `ws`. */
  terminate?(): void
  /** Of `ws`. */
  removeAllListeners?(event: 'message'): unknown
  /** Of `ws`. */
  pause?(): void
  /** Of `ws`. */
  resume?(): void
  /** Of `ws`. */
  on?(event: 'error', listener: () => void): unknown
  addEventListener?(event: 'close', listener: () => void): void
  readonly readyState?: number
}

/**
 * Closes a WebSocket when its session is over: with 4401 where it has ended (`ended`, `expired`, `idle`, `unknown`), 4403
 * where the person or the network was blocked, 1013 ("try again later") where nobody could tell for too long. The close
 * reason is the word. What still arrives of a socket of `ws` is handed to nobody, and its `error` events (a frame that breaks
 * the protocol, a message that is too long) end no process, whether the app listens to them or not.
 *
 * @example
 * sockets.on('connection', (ws, request) => {
 *   endWithSession(verifier, request.session.id, ws, { ip: request.socket.remoteAddress })
 * })
 *
 * @param from the connection's address, for blocks of networks
 * @returns what ends the watch; to be called on its closing only where the socket has no `addEventListener`
 */
export function endWithSession(
  verifier: Pick<Verifier, 'onEnded'>,
  sessionId: string,
  socket: Socket,
  from?: { ip?: string | null | undefined },
): () => void {
  const unwatch = verifier.onEnded(
    sessionId,
    (reason) => {
      socket.removeAllListeners?.('message')
      socket.close(SOCKET_CODES[reason], reason)
      // Whoever does not answer would keep the connection.
      setTimeout(() => socket.terminate?.(), CLOSING_MS)
    },
    from,
  )
  // Of a broken frame `ws` tells by an event that ends the process where nobody listens; it closes the socket itself.
  socket.on?.('error', ignore)
  socket.addEventListener?.('close', unwatch)
  // What closed while somebody was asked whose it is does not say so again.
  if ((socket.readyState ?? OPEN) > OPEN) unwatch()
  return unwatch
}

const ignore = () => {}

/** In the place of a verifier, for a connection that nobody may have: over at once. */
export const sessionIsOver = (reason: DenialReason): Pick<Verifier, 'onEnded'> => ({
  onEnded(_id, callback) {
    callback(reason)
    return () => {}
  },
})

/** What is used of an event stream: a `ServerResponse` of Node, or what Hono's `streamSSE` gives. */
export interface EventStream {
  write(text: string): unknown
  /** Of Node. */
  end?(): unknown
  /** Of Node. */
  once?(event: 'close', listener: () => void): unknown
  /** Of Node. */
  on?(event: 'error', listener: () => void): unknown
  /** Of Node. */
  destroy?(): unknown
  /** Of Node. */
  readonly destroyed?: boolean
  /** Of Hono. */
  close?(): unknown
  /** Of Hono. */
  onAbort?(listener: () => void): void
  /** Of Hono. */
  readonly aborted?: boolean
}

/**
 * Ends a server-sent event stream when its session is over: with the event `ended`, whose data is the reason. A response of
 * Node whose reader has stalled is cut a second later; what the app still writes is sent to nobody.
 *
 * A page closes its `EventSource` on that event. One that does not comes back once, is refused (any status but 200) by
 * what guards the route, and then stays away by itself: there is no loop.
 *
 * @example
 * app.get('/news', honoSession(verifier, { clientIp }), (c) =>
 *   streamSSE(c, async (stream) => {
 *     endStream(verifier, c.get('session').id, stream, { ip: clientIp(c) })
 *     ...
 *   }))
 * // in the page: source.addEventListener('ended', () => { source.close(); location.reload() })
 *
 * @param from the connection's address, for blocks of networks
 * @returns what ends the watch; it ends by itself when the stream does
 */
export function endStream(
  verifier: Pick<Verifier, 'onEnded'>,
  sessionId: string,
  stream: EventStream,
  from?: { ip?: string | null | undefined },
): () => void {
  const unwatch = verifier.onEnded(sessionId, (reason) => void end(stream, reason), from)
  stream.once?.('close', unwatch)
  stream.onAbort?.(unwatch)
  if (stream.destroyed || stream.aborted) unwatch()
  // Hono tells nobody that a stream has come to its end.
  const { close } = stream
  if (close)
    stream.close = () => {
      unwatch()
      return close.call(stream)
    }
  return unwatch
}

async function end(stream: EventStream, reason: DenialReason) {
  // What the app still writes to a response that waits for a slow reader is an error event: nobody else need listen.
  stream.on?.('error', ignore)
  setTimeout(() => stream.destroy?.(), CLOSING_MS)
  try {
    // Without an await between them, or what the app writes next would be read behind it.
    await Promise.all([stream.write(`event: ended\ndata: ${reason}\n\n`), (stream.end ?? stream.close)?.call(stream)])
  } catch {
    // It has broken off meanwhile, and is over all the same.
  }
}
