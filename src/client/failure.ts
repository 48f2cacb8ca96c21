/**
 * Why something could not be decided or told, for `onFailure`.
 *
 * - `key-refused`: Rollcall does not take the API key (any more). Every check is denied until it does.
 * - `no-answer`: nothing, or too late, came back from Rollcall.
 * - `odd-answer`: what came back is not an answer of Rollcall: a proxy's page, or a version that does not fit.
 * - `request-refused`: Rollcall answered that the request itself is wrong (400 and the like).
 * - `session-ended`: a save or a touch came after the session was over; nothing was saved.
 * - `blocked`: the person or the network is blocked: nobody was signed in, and nothing was saved.
 * - `stale-save`: somebody signed in under the same id since what was to be saved had been loaded; nothing was saved.
 * - `old-store`: the store that `movingFrom` names has failed.
 * - `callback-threw`: a callback that was passed in, such as that of `onEnded`, has thrown.
 */
export type FailureCode =
  | 'key-refused'
  | 'no-answer'
  | 'odd-answer'
  | 'request-refused'
  | 'session-ended'
  | 'blocked'
  | 'stale-save'
  | 'old-store'
  | 'callback-threw'

/** In words, with a code that stays. */
export class RollcallFailure extends Error {
  override readonly name = 'RollcallFailure'
  /** Where a request runs into it: what Express and others answer that with. */
  declare readonly status?: number

  constructor(
    readonly code: FailureCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}
