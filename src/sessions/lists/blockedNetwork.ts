import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'
import type { Database } from '../../db/connect.js'
import { blocks } from '../../db/schema.js'
import { BLOCK_IN_FORCE } from '../live.js'

/** A block in force that holds all of the network that is listed. */
export interface NetworkBlockOver {
  network: string
  /** It spares its author, who alone can confirm it from there. */
  awaitsConfirmation: boolean
}

/** @param network canonical, in CIDR notation or one address. Index: blocks_networks */
export async function blockOver(db: Database, network: string): Promise<NetworkBlockOver | undefined> {
  const awaitsConfirmation = isNotNull(blocks.confirmBy).mapWith(Boolean)
  const [row] = await db
    .select({ network: blocks.network, awaitsConfirmation })
    .from(blocks)
    .where(and(eq(blocks.kind, 'network'), sql`${blocks.network} >>= ${network}::inet`, BLOCK_IN_FORCE))
    .orderBy(asc(awaitsConfirmation), asc(blocks.network))
    .limit(1)
  return row && { network: row.network ?? network, awaitsConfirmation: row.awaitsConfirmation }
}
