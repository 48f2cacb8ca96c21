import { asc, eq, sql } from 'drizzle-orm'
import type { Actor } from '../audit/types.js'
import { type Database, rowsOf } from '../db/connect.js'
import type { SessionId } from '../db/ids.js'
import { blocks, sessions } from '../db/schema.js'
import { endSessions } from '../sessions/end.js'
import { jobStep } from '../sessions/jobStep.js'
import { among } from '../sessions/markEndings.js'
import { sessionsFrom } from './liveSessions.js'
import { networksTable } from './networkReach.js'

/** What one transaction ends: nobody signs in anywhere while a block is being set, so it must be short. */
const MOST_AT_ONCE = 1_000

export interface EndedFrom {
  /** How many of each network. */
  ended: Map<string, number>
  /** There are more: the network refuses them, and `endFromBlockedNetworks` ends them. */
  more: boolean
}

/**
 * Ends what was last used from these networks, as many as one transaction takes. The author's own session is left alone.
 *
 * @param tx inside the transaction that blocks them
 */
export async function endFromNetworks(
  tx: Database,
  there: { network: string; reason: string }[],
  by: Actor,
): Promise<EndedFrom> {
  const ended = new Map<string, number>()
  if (there.length === 0) return { ended, more: false }
  const own = by.kind === 'account' ? by.sessionId : null
  const found = rowsOf<{ id: SessionId; nth: number }>(
    await tx.execute(sql`
      select hit.id, asked.nth::int as nth
      from ${networksTable(there.map(({ network }) => network))} cross join lateral (
        select id from ${sessionsFrom(sql`asked.network`)} there
        where id is distinct from ${own}::uuid limit ${MOST_AT_ONCE + 1}) hit
      limit ${MOST_AT_ONCE + 1}`),
  )
  const networkOf = new Map<SessionId, { network: string; reason: string }>()
  for (const { id, nth } of found.slice(0, MOST_AT_ONCE)) {
    const one = there[nth - 1]
    // Of two networks, one in the other, the first has it.
    if (one && !networkOf.has(id)) networkOf.set(id, one)
  }
  for (const [reason, ids] of byReason(networkOf)) {
    for (const { id } of await endSessions(tx, among(ids), { reason: 'network-blocked', by, note: reason })) {
      const network = networkOf.get(id)?.network ?? ''
      ended.set(network, (ended.get(network) ?? 0) + 1)
    }
  }
  return { ended, more: found.length > MOST_AT_ONCE }
}

function byReason(networkOf: Map<SessionId, { reason: string }>): Map<string, SessionId[]> {
  const groups = new Map<string, SessionId[]>()
  for (const [id, { reason }] of networkOf) groups.set(reason, [...(groups.get(reason) ?? []), id])
  return groups
}

/**
 * Ends what the blocks of networks have still to end, each batch a transaction of its own: the network refuses them
 * meanwhile, and the row of the block says what is left, so that anybody resumes after a kill -9. Lifting the block does
 * not stop it: that those sessions end for good was said when it was set. What its author has open from there is left to
 * the act itself.
 *
 * @param stopping ends it after the batch at hand
 * @returns how many sessions this call ended
 */
export async function endFromBlockedNetworks(db: Database, stopping?: AbortSignal): Promise<number> {
  let total = 0
  while (!stopping?.aborted) {
    const ended = await jobStep(db, endBatch)
    if (ended === undefined) break
    total += ended
  }
  return total
}

/** @returns undefined when nothing is left, or another process is at it. Index: blocks_still_ending */
async function endBatch(tx: Database): Promise<number | undefined> {
  const [block] = await tx
    .select()
    .from(blocks)
    .where(eq(blocks.stillEnding, true))
    .orderBy(asc(blocks.id))
    .limit(1)
    .for('no key update', { skipLocked: true })
  if (!block?.network) return undefined
  const found = rowsOf<{ id: SessionId }>(
    await tx.execute(sql`
      select there.id from ${sessionsFrom(sql`${block.network}::cidr`)} there
        join ${sessions} on ${sessions.id} = there.id
      where ${sessions.createdAt} <= ${block.createdAt.toISOString()}::timestamptz
        and there.account_id::text is distinct from ${block.createdById}::text
      limit ${MOST_AT_ONCE}`),
  )
  const by = { kind: block.createdByKind, id: block.createdById, name: block.createdByName }
  const ids = found.map(({ id }) => id)
  const ended =
    ids.length === 0 ? [] : await endSessions(tx, among(ids), { reason: 'network-blocked', by, note: block.reason })
  await tx
    .update(blocks)
    .set({ ended: sql`${blocks.ended} + ${ended.length}`, stillEnding: found.length === MOST_AT_ONCE })
    .where(eq(blocks.id, block.id))
  return ended.length
}
