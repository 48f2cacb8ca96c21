import { and, eq } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import type { AccountId } from '../../db/ids.js'
import { blocks, settings } from '../../db/schema.js'
import { BLOCK_IN_FORCE } from '../../sessions/live.js'

/** What people may know of a block on their own account: never why, nor by whom. */
export interface OwnBlock {
  /** What an admin wrote for them. */
  message: string | null
  until: Date | null
  /** Whom to ask. */
  contact: string
}

/** The block in force on an account, for who has proved to be that person. Index: blocks_one_an_account */
export async function findOwnBlock(db: Database, accountId: AccountId): Promise<OwnBlock | undefined> {
  const [block] = await db
    .select({ message: blocks.message, until: blocks.until, contact: settings.contact })
    .from(blocks)
    .innerJoin(settings, eq(settings.id, 1))
    .where(and(eq(blocks.accountId, accountId), BLOCK_IN_FORCE))
  return block
}
