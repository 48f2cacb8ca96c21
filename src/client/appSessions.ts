import { readToken, TOKEN_WORDS, uuidText } from '../follower/token.js'
import type { DenialReason } from '../follower/types.js'
import { createActs } from './acts.js'
import type { Started } from './attached.js'
import { oddAnswer } from './calls.js'
import { RollcallFailure } from './failure.js'
import type { Following } from './follow.js'
import { blocked } from './refusals.js'
import { type AppAccount, namedAccount } from './store/accounts.js'
import type { Visit } from './store/requests.js'
import { readable } from './transport.js'

const TIMEOUT_MS = 5_000

/** What an app that signs people in itself needs beside a check. The key needs the scope `sessions:write`. */
export interface AppSessions {
  /**
   * Starts a session for somebody whose credentials the app has checked; the one that the browser brought along ends, and
   * its token is never adopted (S-03).
   *
   * @param brought the token that came with the request
   * @throws RollcallFailure `blocked` where the person or the network is
   */
  start(account: AppAccount, visit: Visit, brought: string | null | undefined): Promise<Started>
  /** Ends the session that the token proves. @returns false where it proves none */
  end(token: string | null | undefined): Promise<boolean>
}

/** By whom it ends: the person either way. */
type Why = 'signed-out' | 'replaced'

export function createAppSessions(
  { calls, verifier }: Pick<Following, 'calls' | 'verifier'>,
  method: string,
): AppSessions {
  const act = createActs(calls)

  async function end(token: string | null | undefined, why: Why): Promise<boolean> {
    // An id alone proves nothing: it is public.
    const verdict = await verifier.verify(token, { background: true })
    if (verdict.status === 'active') await tell(verdict.session.id, why)
    else {
      if (verdict.reason === 'unavailable') throw notEnded()
      if (!token || !MAY_BE_GOOD_AGAIN.has(verdict.reason)) return false
      await tell(idIn(token), why)
    }
    return true
  }

  async function tell(id: string, why: Why): Promise<void> {
    const { status } = await act('DELETE', `/sessions/${id}?why=${why}`, { timeoutMs: TIMEOUT_MS })
    if (status !== 200 && status !== 404) throw notEnded()
  }

  return {
    end: (token) => end(token, 'signed-out'),
    async start(account, { ip, userAgent, headers }, brought) {
      const body = {
        account: namedAccount(account),
        client: { ip: readable(ip) ?? null, userAgent, headers },
        method,
      }
      const { code, body: answer } = await act('POST', '/sessions', { timeoutMs: TIMEOUT_MS, body, once: true })
      if (code === 'blocked' || code === 'app-disabled') throw blocked()
      const started = readStarted(answer)
      if (!started) throw oddAnswer('/sessions')
      if (typeof brought === 'string') await end(brought, 'replaced')
      return started
    },
  }
}

/** Who is told so has proven the token. Lifting a block, or a use that is told late, must give nothing back (S-09). */
const MAY_BE_GOOD_AGAIN: ReadonlySet<DenialReason> = new Set(['network-blocked', 'idle'])

function idIn(token: string): string {
  const words = new Int32Array(TOKEN_WORDS)
  readToken(token, words)
  return uuidText(words, 0)
}

const notEnded = () =>
  new RollcallFailure('no-answer', 'Rollcall could not be asked to end the session. Try again in a moment.')

function readStarted(answer: unknown): Started | undefined {
  const { token, session } = (answer ?? {}) as {
    token?: unknown
    session?: { createdAt?: unknown; expiresAt?: unknown }
  }
  // Durations, not instants: no two clocks are compared.
  const lasts = Date.parse(String(session?.expiresAt)) - Date.parse(String(session?.createdAt))
  return typeof token === 'string' && lasts > 0 ? { token, maxAge: Math.floor(lasts / 1_000) } : undefined
}

/**
 * The cookie of a session token. With the prefix `__Host-` it is `Secure` in any case, as browsers want it.
 *
 * @param token null: the cookie goes
 */
export function sessionCookie(
  name: string,
  token: string | null,
  { maxAge = 0, isHttps }: { maxAge?: number; isHttps: boolean },
): string {
  const secure = isHttps || name.startsWith('__') ? '; Secure' : ''
  return `${name}=${token ?? ''}; Path=/; Max-Age=${token === null ? 0 : maxAge}; HttpOnly; SameSite=Lax${secure}`
}
