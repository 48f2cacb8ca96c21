import type { Verdict } from '../../follower/types.js'
import type { Attached } from '../attached.js'
import type { Refusal } from '../gate.js'
import type { Verifier, VerifyRequest } from '../types.js'
import type { StoreRequest } from './options.js'

export interface AttachingRequest extends StoreRequest {
  session?: object | undefined
  rollcall?: Attached | undefined
  rollcallRefusal?: Refusal | undefined
}

/** Sets `req.rollcall` where somebody is signed in with the session that the store has loaded. */
export function attachRollcall(
  verifier: Pick<Verifier, 'verify' | 'verifyCached'>,
  of: {
    tokenOf: (req: AttachingRequest) => string | null | undefined
    requestOf: (req: StoreRequest) => VerifyRequest
  },
): (req: AttachingRequest, res: unknown, next: (error?: unknown) => void) => void {
  return (req, _res, next) => {
    const token = of.tokenOf(req)
    if (!token) return next()
    // What comes of the request counts as its use: a save or a touch.
    const request = { ...of.requestOf(req), background: true }
    const verifyAgain = () => verifier.verify(token, { ...request, fresh: true })
    const decide = (verdict: Verdict) => {
      if (verdict.status === 'active')
        req.rollcall = { session: verdict.session, account: verdict.account, verifyAgain }
      else req.rollcallRefusal = verdict.reason
      next()
    }
    const verdict = verifier.verifyCached(token, request)
    if (verdict !== 'ask') return decide(verdict)
    // What a route throws is the app's, and no rejection of ours.
    void verifier.verify(token, request).then((asked) => queueMicrotask(() => decide(asked)))
  }
}
