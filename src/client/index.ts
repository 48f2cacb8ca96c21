/** What apps import: `rollcall/client`, for any framework or none. */
export type { ActiveVerdict, DenialReason, Verdict } from '../follower/types.js'
export { type EventStream, endStream, endWithSession, type Socket } from './connections.js'
export { readCookie } from './cookie.js'
export { createVerifier } from './createVerifier.js'
export { type FailureCode, RollcallFailure } from './failure.js'
export type { VerifierOptions } from './options.js'
export type { Verifier, VerifierStats, VerifyRequest } from './types.js'
