import type { Database } from '../db/connect.js'
import { revocations } from '../db/schema.js'

export type RevocationKind = (typeof revocations.$inferInsert)['kind']

/** Appends to the revocation log, in the transaction of what ends the trust. */
export async function appendRevocations(tx: Database, entries: { kind: RevocationKind; target: string }[]): Promise<void> {
  if (entries.length > 0) await tx.insert(revocations).values(entries)
}
