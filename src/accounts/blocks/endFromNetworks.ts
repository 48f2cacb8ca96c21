import { asc, eq, sql } from 'drizzle-orm'
import type { Actor } from '../../audit/types.js'
import { type Database, rowsOf } from '../../db/connect.js'
import type { SessionId } from '../../db/ids.js'
import { blocks, sessions } from '../../db/schema.js'
import { endSessions } from '../../sessions/end.js'
import { inSteps, jobStep } from '../../sessions/many/jobStep.js'
import { among } from '../../sessions/read.js'
import { hasMoreFrom, sessionsFrom } from './liveSessions.js'
import { networksTable } from './networkReach.js'

/**
 * What the act itself ends: nobody signs in anywhere while a block is being set, so it must be short. Each row moves in a
 * dozen indexes, which of ten million sessions are read from the disk.
 */
const MOST_AT_ONCE = 100
/** Of each network it looks at these; not all of them are live. */
const MOST_WALKED = 2_000
/** What the job has in memory at a time. */
const MOST_AT_HAND = 100_000

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
  const asked = sql`asked.network`
  const found = rowsOf<{ id: SessionId | null; nth: number }>(
    await tx.execute(sql`
      select hit.id, asked.nth::int as nth
      from ${networksTable(there.map(({ network }) => network))} cross join lateral (
        (select id from ${sessionsFrom(asked, MOST_WALKED)} there where id is distinct from ${own}::uuid)
        union all
        select null where ${hasMoreFrom(asked, MOST_WALKED)}) hit
      limit ${MOST_AT_ONCE + 1}`),
  )
  const networkOf = new Map<SessionId, { network: string; reason: string }>()
  for (const { id, nth } of found.slice(0, MOST_AT_ONCE)) {
    const one = there[nth - 1]
    // Of two networks, one in the other, the first has it.
    if (one && id && !networkOf.has(id)) networkOf.set(id, one)
  }
  for (const [reason, ids] of byReason(networkOf)) {
    for (const { id } of await endSessions(tx, among(ids), { reason: 'network-blocked', by, note: reason })) {
      const network = networkOf.get(id)?.network ?? ''
      ended.set(network, (ended.get(network) ?? 0) + 1)
    }
  }
  return { ended, more: found.length > MOST_AT_ONCE || found.some(({ id }) => id === null) }
}

function byReason(networkOf: Map<SessionId, { reason: string }>): Map<string, SessionId[]> {
  const groups = new Map<string, SessionId[]>()
  for (const [id, { reason }] of networkOf) groups.set(reason, [...(groups.get(reason) ?? []), id])
  return groups
}

/**
 * Ends what the blocks of networks have still to end, each batch a transaction of its own: the network refuses them
 * meanwhile, and the row of the block says that something is left, so that anybody resumes after a kill -9. Lifting the
 * block does not stop it: that those sessions end for good was said when it was set. What its author has open from there
 * is left to the act itself.
 *
 * @param stopping ends it after the batch at hand
 * @returns how many sessions this call ended
 */
export async function endFromBlockedNetworks(db: Database, stopping?: AbortSignal): Promise<number> {
  let total = 0
  while (!stopping?.aborted) {
    const [block] = await db.select().from(blocks).where(eq(blocks.stillEnding, true)).orderBy(asc(blocks.id)).limit(1)
    if (!block?.network) break
    const found = await jobStep(db, (tx) => stillThere(tx, block))
    const steps = await inSteps(db, found, (tx, some) => endSome(tx, block, some), { stopping })
    total += steps.reduce((sum, n) => sum + n, 0)
    if (found.length < MOST_AT_HAND && !stopping?.aborted)
      await db.update(blocks).set({ stillEnding: false }).where(eq(blocks.id, block.id))
  }
  return total
}

type BlockRow = typeof blocks.$inferSelect

/** Who signed in later did so when the block was lifted again. */
async function stillThere(tx: Database, block: BlockRow): Promise<SessionId[]> {
  const found = rowsOf<{ id: SessionId }>(
    await tx.execute(sql`
      select there.id from ${sessionsFrom(sql`${block.network}::cidr`)} there join ${sessions} on ${sessions.id} = there.id
      where ${sessions.createdAt} <= ${block.createdAt.toISOString()}::timestamptz
        and there.account_id::text is distinct from ${block.createdById}::text
      limit ${MOST_AT_HAND}`),
  )
  return found.map(({ id }) => id)
}

/** The block first: who replaces it locks it before its sessions too. */
async function endSome(tx: Database, block: BlockRow, ids: SessionId[]): Promise<number> {
  await tx.select({ id: blocks.id }).from(blocks).where(eq(blocks.id, block.id)).for('no key update')
  const by = { kind: block.createdByKind, id: block.createdById, name: block.createdByName }
  const ended = await endSessions(tx, among(ids), { reason: 'network-blocked', by, note: block.reason })
  await tx
    .update(blocks)
    .set({ ended: sql`${blocks.ended} + ${ended.length}` })
    .where(eq(blocks.id, block.id))
  return ended.length
}
