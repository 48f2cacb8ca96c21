import { sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import { revocations } from '../db/schema.js'

export type RevocationKind = (typeof revocations.$inferInsert)['kind']

/** Appends to the revocation log, in the transaction of what ends the trust. */
export async function appendRevocations(
  tx: Database,
  entries: { kind: RevocationKind; target: string }[],
): Promise<void> {
  if (entries.length > 0) await tx.insert(revocations).values(entries)
}

const KEPT = sql`interval '1 hour'`
const BATCH = 1_000

/** Removes what no follower can still need. Index: revocations_at. */
export async function pruneRevocations(db: Database): Promise<void> {
  await db.execute(sql`
    delete from ${revocations} where ${revocations.id} in (
      select ${revocations.id} from ${revocations} where ${revocations.at} < now() - ${KEPT} limit ${BATCH})`)
}
