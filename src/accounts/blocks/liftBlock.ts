import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import { type Actor, SYSTEM } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import { announce } from '../../db/notices.js'
import { accounts, blocks } from '../../db/schema.js'
import { appendRevocations } from '../../sessions/log/revocations.js'

type BlockRow = typeof blocks.$inferSelect

/**
 * Lifts a block in the caller's transaction, with its line in the audit log. Nothing is given back: what ended stays
 * ended. The change goes into the revocation log too: memories that know the block must hear that it is gone.
 *
 * @returns the row as it now is, or undefined when another one lifted it first
 */
export async function lift(
  tx: Database,
  block: BlockRow,
  reason: string | null,
  by: Actor,
): Promise<BlockRow | undefined> {
  const [lifted] = await tx
    .update(blocks)
    .set({ liftedAt: sql`now()`, liftedByName: by.name, liftReason: reason })
    .where(and(eq(blocks.id, block.id), isNull(blocks.liftedAt)))
    .returning()
  if (!lifted) return undefined
  const name = await nameOf(tx, lifted)
  await appendRevocations(tx, [
    lifted.accountId
      ? { kind: 'account', target: lifted.accountId }
      : { kind: 'network', target: lifted.network ?? '' },
  ])
  await recordAudit(tx, by, lifted.kind === 'account' ? 'account.block-lifted' : 'network.block-lifted', {
    target: { kind: lifted.kind, id: lifted.accountId ?? lifted.network, name },
    accountId: lifted.accountId ?? undefined,
    reason,
    details: { before: { reason: lifted.reason, until: lifted.until?.toISOString() ?? null } },
  })
  await announce(tx, { kind: 'blocks' })
  if (lifted.kind === 'account') await announce(tx, { kind: 'accounts' })
  return lifted
}

/** As many as one transaction lifts: each time one commits, every follower reads the refused networks anew. */
const BATCH = 200

/**
 * Lifts what has run out and what its author did not confirm in time, and writes it down. For the sweeper: a block that
 * is past its time refuses nobody even before this runs.
 *
 * @returns how many
 */
export async function liftExpiredBlocks(db: Database): Promise<number> {
  for (let total = 0; ; ) {
    const { found, lifted } = await db.transaction(liftBatch)
    total += lifted
    if (found < BATCH) return total
  }
}

/** A scan of the open ones. What somebody else has at hand is left for the next time. */
async function liftBatch(tx: Database): Promise<{ found: number; lifted: number }> {
  const expired = await tx
    .select()
    .from(blocks)
    .where(and(isNull(blocks.liftedAt), isOver))
    .orderBy(asc(blocks.id))
    .limit(BATCH)
    .for('update', { skipLocked: true })
  let lifted = 0
  for (const block of expired) {
    const reason = block.confirmBy ? 'Not confirmed in time from the network that it covers' : 'Its time was over'
    if (await lift(tx, block, reason, SYSTEM)) lifted++
  }
  return { found: expired.length, lifted }
}

const isOver = sql`(${blocks.until} <= now() or ${blocks.confirmBy} <= now())`

async function nameOf(tx: Database, block: BlockRow): Promise<string> {
  if (!block.accountId) return block.network ?? ''
  const [account] = await tx.select({ name: accounts.name }).from(accounts).where(eq(accounts.id, block.accountId))
  return account?.name ?? ''
}
