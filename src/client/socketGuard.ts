import type { ActiveVerdict } from '../follower/types.js'
import { endWithSession, type Socket, sessionIsOver } from './connections.js'
import type { Verifier, VerifyRequest } from './types.js'

/**
 * Lets a WebSocket go on while its session does; else closes it: with 4401 where nobody is signed in, 4403 where the
 * person or the network is blocked, 1013 where nobody could tell. Whoever calls it has looked at the `Origin`: a browser
 * sends cookies along from pages of other sites too. The `guardSocket` of `createRollcall` does.
 *
 * @returns who it is; undefined: it is being closed
 */
export async function guardSocket(
  verifier: Pick<Verifier, 'verify' | 'onEnded'>,
  socket: Socket,
  token: string | null | undefined,
  request: VerifyRequest,
): Promise<ActiveVerdict | undefined> {
  // What arrives before it is known who sends it waits.
  socket.pause?.()
  const verdict = await verifier.verify(token, request)
  if (verdict.status === 'denied') {
    socket.resume?.()
    endWithSession(sessionIsOver(verdict.reason), '', socket)
    return undefined
  }
  endWithSession(verifier, verdict.session.id, socket, { ip: request.ip ?? null })
  // Only when whoever awaits this has begun to listen.
  setTimeout(() => socket.resume?.())
  return verdict
}
