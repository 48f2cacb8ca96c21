import { and, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../audit/record.js'
import { type Actor, SYSTEM } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import { announce } from '../db/notices.js'
import { accounts, blocks } from '../db/schema.js'
import { appendRevocations } from '../sessions/revocations.js'

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

/**
 * Lifts what has run out and what its author did not confirm in time, and writes it down. For the sweeper: a block that
 * is past its time refuses nobody even before this runs.
 *
 * @returns how many
 */
export async function liftExpiredBlocks(db: Database): Promise<number> {
  const expired = await db
    .select({ id: blocks.id })
    .from(blocks)
    .where(and(isNull(blocks.liftedAt), isOver))
    .limit(1_000)
  let lifted = 0
  for (const { id } of expired) {
    await db.transaction(async (tx) => {
      const [block] = await tx
        .select()
        .from(blocks)
        .where(and(eq(blocks.id, id), isOver))
        .for('update')
      if (!block) return
      const reason = block.confirmBy ? 'Not confirmed in time from the network that it covers' : 'Its time was over'
      if (await lift(tx, block, reason, SYSTEM)) lifted++
    })
  }
  return lifted
}

const isOver = sql`(${blocks.until} <= now() or ${blocks.confirmBy} <= now())`

async function nameOf(tx: Database, block: BlockRow): Promise<string> {
  if (!block.accountId) return block.network ?? ''
  const [account] = await tx.select({ name: accounts.name }).from(accounts).where(eq(accounts.id, block.accountId))
  return account?.name ?? ''
}
