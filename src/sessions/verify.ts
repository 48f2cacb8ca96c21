import type { Role } from '../accounts/types.js'
import type { AccountId, AppId, SessionId } from '../db/ids.js'
import type { Engine } from '../follower/engine.js'
import type { ActiveVerdict, CheckRequest } from '../follower/types.js'
import type { DenialReason } from './types.js'

export type VerifyRequest = CheckRequest

/** `src/follower` knows of no types of ours; on a node its ids come from the database's own columns. */
export type Verdict =
  | {
      status: 'active'
      session: ActiveVerdict['session'] & { id: SessionId; appId: AppId }
      account: ActiveVerdict['account'] & { id: AccountId; role: Role }
    }
  | { status: 'denied'; reason: DenialReason }

/**
 * The one door through which every check goes: the site, the panel, streams, the API.
 *
 * journey 1: verify(token) -> memory (`src/follower/memory.ts`), while the lease holds
 *                          -> else one query (`loadFacts.ts`), which many share while many ask (`together.ts`), and
 *                             whose answer memory keeps
 */
export interface Verifier {
  /**
   * Decides whether a token is good now. Never throws: what can't be decided is `denied`, `unavailable`.
   *
   * @param token as the client sent it; anything but a session token's one spelling is `unknown`
   */
  verify(token: string, request?: VerifyRequest): Promise<Verdict>
  /** The same from memory alone, without I/O or await; "ask" where memory can't tell. */
  verifyCached(token: string, request?: VerifyRequest): Verdict | 'ask'
  /** The same as `verify`, with how long ago what it rests on was known to be so (ms). */
  verifyWithAge(token: string, request?: VerifyRequest): Promise<{ verdict: Verdict; ageMs: number }>
}

export const createVerifier = (engine: Pick<Engine, keyof Verifier>): Verifier => engine as Verifier
