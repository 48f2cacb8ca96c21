/** What apps import: `rollcall/hono`. */
export type { DenialReason, Verdict } from '../follower/types.js'
export type { Attached, Started } from './attached.js'
export { type EventStream, endStream, endWithSession, type Socket } from './connections.js'
export { createVerifier } from './createVerifier.js'
export { type FailureCode, RollcallFailure } from './failure.js'
export type { Refusal, TokenPlaces } from './gate.js'
export { type HonoContext, type HonoSessionOptions, honoSession, type SessionVariables } from './hono.js'
export {
  createRollcall,
  fresh,
  type GuardOptions,
  type HonoContextLike,
  type HonoOptions,
  type HonoRollcall,
  type RollcallVariables,
  requireRole,
  requireSession,
  type SignedInVariables,
} from './honoGuard.js'
export type { SocketEvents } from './honoSocket.js'
export type { VerifierOptions } from './options.js'
export { guardSocket } from './socketGuard.js'
export type { AppAccount } from './store/accounts.js'
export type { Verifier, VerifyRequest } from './types.js'
