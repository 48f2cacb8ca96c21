import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import { recordAudit } from '../../audit/record.js'
import type { Actor } from '../../audit/types.js'
import type { Database } from '../../db/connect.js'
import type { ImportId } from '../../db/ids.js'
import { networkImportLines, networkImports } from '../../db/schema/imports.js'
import { blocks } from '../../db/schema.js'
import { BLOCK_IN_FORCE } from '../../sessions/live.js'
import { authorityOf } from '../authority.js'
import { atLeast } from '../types.js'
import { lift } from './liftBlock.js'

/** As many as one transaction lifts: each time one commits, every follower reads the refused networks anew. */
const BATCH = 200
/** Of one request: a longer list is lifted in several. */
export const MOST_LIFTED = 1_000

/** How many blocks of a list are in force as it made them. */
export const countImported = (db: Database, id: ImportId): Promise<number> => db.$count(blocks, madeBy(id))

/**
 * Lifts the blocks that a list made, by the road that every lifting takes; one that somebody changed since stays.
 *
 * @returns how many; `refused` without the right, which is looked at anew with each batch
 */
export async function liftImport(
  db: Database,
  { id, name }: { id: ImportId; name: string },
  reason: string | null,
  by: Actor,
  most = MOST_LIFTED,
): Promise<number | 'refused'> {
  for (let total = 0; ; ) {
    const lifted = await db.transaction((tx) => liftBatch(tx, { id, name }, reason, by, Math.min(BATCH, most - total)))
    if (lifted === 'refused') return lifted
    total += lifted
    if (lifted < BATCH || total >= most) return total
  }
}

async function liftBatch(
  tx: Database,
  { id, name }: { id: ImportId; name: string },
  reason: string | null,
  by: Actor,
  most: number,
): Promise<number | 'refused'> {
  if (!atLeast(await authorityOf(tx, by), 'responder')) {
    const target = { kind: 'list', id: null, name }
    await recordAudit(tx, by, 'network.block-lifted', { result: 'refused', target, details: { why: 'not-allowed' } })
    return 'refused'
  }
  const found = await tx
    .select()
    .from(blocks)
    .where(and(madeBy(id), isNull(blocks.liftedAt)))
    .orderBy(asc(blocks.id))
    .limit(most)
    .for('update')
  let lifted = 0
  for (const block of found) if (await lift(tx, block, reason, by)) lifted += 1
  return lifted
}

/**
 * In force, on a network that the list blocked, since then (blocks are dated to the millisecond) and by its terms. Index:
 * network_import_lines_pkey.
 */
const madeBy = (id: ImportId) => sql`(${eq(blocks.kind, 'network')} and ${BLOCK_IN_FORCE} and exists (
  select 1 from ${networkImportLines} join ${networkImports} on ${networkImports.id} = ${networkImportLines.importId}
  where ${networkImportLines.importId} = ${id} and ${networkImportLines.outcome} = 'blocked'
    and ${networkImportLines.network} = ${blocks.network} and ${networkImportLines.reason} = ${blocks.reason}
    and ${networkImportLines.until} is not distinct from ${blocks.until}
    and date_trunc('milliseconds', ${networkImports.createdAt}) <= ${blocks.createdAt}))`
