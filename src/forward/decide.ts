import { isLetIn, roleNeeded } from '../accounts/apps/hostRules.js'
import type { ActiveSession, Services } from '../http/env.js'
import type { Verdict } from '../sessions/verify.js'
import type { Asked } from './asked.js'
import type { MatchedHost } from './rememberedHosts.js'

/** May this request pass? */
export type Decision =
  /** `current`: who it is; nobody where anyone is let in. */
  | { status: 'let-in'; current: ActiveSession | undefined }
  /** Nobody is signed in there. */
  | { status: 'nobody' }
  | { status: 'refused'; why: 'blocked' | 'network-blocked' | 'role' }
  /** Nobody can tell: nothing is let in (S-16). */
  | { status: 'unavailable' }

type Checks = Pick<Services, 'verifier' | 'touches' | 'handedTo'>

/**
 * Decides, and notes the use. A token of any other app, of Rollcall itself too, is unknown here (S-38).
 *
 * @param token of the cookie of this very host
 */
export async function decide(
  { verifier, touches, handedTo }: Checks,
  host: MatchedHost,
  asked: Asked,
  token: string | undefined,
): Promise<Decision> {
  const verdict = token ? await verifier.verify(token, requestOf(host, asked)) : undefined
  const elsewhere = verdict?.status === 'active' && !isGoodAt(host, await handedTo.find(verdict.session.id))
  return judge(touches, host, asked, elsewhere ? undefined : verdict)
}

/**
 * The application behind one host sees the cookie that its visitors bring, and could show it at another host: a session
 * is good where it was handed over to, and nowhere else. One that the app started itself is for the hosts that have a name.
 */
const isGoodAt = ({ host, pattern }: MatchedHost, handedTo: string | null): boolean =>
  handedTo === host || (handedTo === null && pattern === undefined)

/** The same from memory alone, for who is let in: undefined for everything else. */
export function letInCached(
  { verifier, touches, handedTo }: Checks,
  host: MatchedHost,
  asked: Asked,
  token: string,
): ActiveSession | undefined {
  const verdict = verifier.verifyCached(token, requestOf(host, asked))
  if (verdict === 'ask' || verdict.status !== 'active') return undefined
  const to = handedTo.findCached(verdict.session.id)
  if (to === undefined || !isGoodAt(host, to)) return undefined
  const decision = judge(touches, host, asked, verdict)
  return decision.status === 'let-in' ? decision.current : undefined
}

const requestOf = (host: MatchedHost, { ip, isBackground }: Asked) => ({
  appId: host.app.id,
  ip,
  use: !isBackground,
})

function judge(touches: Checks['touches'], host: MatchedHost, asked: Asked, verdict: Verdict | undefined): Decision {
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
