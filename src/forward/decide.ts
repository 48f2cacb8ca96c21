import { isLetIn, roleNeeded } from '../accounts/hostRules.js'
import type { ProtectedHost } from '../accounts/protectedHosts.js'
import type { ActiveSession, Services } from '../http/env.js'
import type { Verdict } from '../sessions/verify.js'
import type { Asked } from './asked.js'

/** May this request pass? */
export type Decision =
  /** `current`: who it is; nobody where anyone is let in. */
  | { status: 'let-in'; current: ActiveSession | undefined }
  /** Nobody is signed in there. */
  | { status: 'nobody' }
  | { status: 'refused'; why: 'blocked' | 'network-blocked' | 'role' }
  /** Nobody can tell: nothing is let in (S-16). */
  | { status: 'unavailable' }

type Checks = Pick<Services, 'verifier' | 'touches'>

/**
 * Decides, and notes the use. A token of any other app, of Rollcall itself too, is unknown here (S-38).
 *
 * @param token of the cookie of this very host
 */
export async function decide(
  { verifier, touches }: Checks,
  host: ProtectedHost,
  asked: Asked,
  token: string | undefined,
): Promise<Decision> {
  const verdict = token ? await verifier.verify(token, requestOf(host, asked)) : undefined
  return judge(touches, host, asked, verdict)
}

/** The same from memory alone, for who is let in: undefined for everything else. */
export function letInCached(
  { verifier, touches }: Checks,
  host: ProtectedHost,
  asked: Asked,
  token: string,
): ActiveSession | undefined {
  const verdict = verifier.verifyCached(token, requestOf(host, asked))
  if (verdict === 'ask' || verdict.status !== 'active') return undefined
  const decision = judge(touches, host, asked, verdict)
  return decision.status === 'let-in' ? decision.current : undefined
}

const requestOf = (host: ProtectedHost, { ip, isBackground }: Asked) => ({
  appId: host.app.id,
  ip,
  use: !isBackground,
})

function judge(touches: Checks['touches'], host: ProtectedHost, asked: Asked, verdict: Verdict | undefined): Decision {
  const needed = roleNeeded(host, asked.uri)
  const current = verdict?.status === 'active' ? verdict : undefined
  if (current && isLetIn(current.account.role, needed)) {
    touches.note(current.session.id, asked.ip, { background: asked.isBackground })
    return { status: 'let-in', current }
  }
  if (verdict?.status === 'denied') {
    const { reason } = verdict
    if (reason === 'unavailable') return { status: 'unavailable' }
    if (reason === 'blocked' || reason === 'network-blocked') return { status: 'refused', why: reason }
  }
  if (needed === 'anyone') return { status: 'let-in', current: undefined }
  return current ? { status: 'refused', why: 'role' } : { status: 'nobody' }
}
