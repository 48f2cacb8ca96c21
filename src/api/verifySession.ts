import type { z } from '@hono/zod-openapi'
import { isAtOrPast } from '../follower/snapshot.js'
import type { Snapshot } from '../follower/types.js'
import type { RememberedFor } from '../follower/wire.js'
import type { ActiveSession, AppContext } from '../http/env.js'
import { unavailable } from '../http/errors.js'
import type { Node } from '../sessions/log/node.js'
import type { Verdict } from '../sessions/verify.js'
import type { Verified, VerifySession } from './routes/sessionSchemas.js'

type Asked = Pick<z.output<typeof VerifySession>, 'token' | 'client' | 'background' | 'fresh' | 'position'>

/**
 * Decides, and notes the use where the request of a client brought the token.
 *
 * @throws PublicError 503 where nobody can decide
 */
export async function verifySession(c: AppContext, asked: Asked): Promise<z.input<typeof Verified>> {
  const { verifier, node } = c.var
  const request = { ...requestOf(c, asked), fresh: asked.fresh || (await isBehind(node, asked.position)) }
  const { verdict, ageMs } = await verifier.verifyWithAge(asked.token, request)
  return answerOf(c, asked, verdict, ageMs)
}

/** A token of another app is unknown, whatever the key's scopes (S-38). */
const requestOf = (c: AppContext, { client, background = false }: Asked) => ({
  appId: c.var.apiKey.app.id,
  ip: client?.ip,
  use: client !== undefined && !background,
})

/** @throws PublicError 503 where nobody could decide: no answer is better than one that a program takes for "denied" */
function answerOf(
  c: AppContext,
  { client, background = false, position }: Asked,
  verdict: Verdict,
  ageMs: number,
): z.input<typeof Verified> {
  const wanted = position !== undefined
  if (verdict.status === 'denied') {
    const { status, reason } = verdict
    if (reason === 'unavailable') throw unavailable()
    return { status, reason, ...(wanted ? { memory: { age: ageMs } } : {}) }
  }
  const { id } = verdict.session
  if (client) c.var.touches.note(id, client.ip, { background })
  return { ...activeOut(verdict), ...(wanted ? { memory: rememberedFor(c.var.node, id, ageMs) } : {}) }
}

export function activeOut({ status, session, account }: ActiveSession) {
  const { createdAt, expiresAt } = session
  return {
    status,
    session: { ...session, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() },
    account,
  }
}

/** Who has applied less than the asking process reads on first; where that does not help, the database is asked (S-14). */
async function isBehind({ engine: { follower } }: Node, applied: Snapshot | undefined): Promise<boolean> {
  if (!applied || isPast(follower.position, applied)) return false
  await follower.nudge()
  return !isPast(follower.position, applied)
}

const isPast = (position: Snapshot | undefined, applied: Snapshot) =>
  position !== undefined && isAtOrPast(position, applied)

function rememberedFor({ engine, deadlines }: Node, id: string, age: number): RememberedFor {
  const until = deadlines(id)
  const inMs = (deadline: number | undefined) =>
    deadline === undefined ? 0 : Math.max(0, deadline - engine.follower.now())
  return {
    age,
    expiresInMs: inMs(until?.expiry),
    idleInMs: inMs(until?.idle),
  }
}
