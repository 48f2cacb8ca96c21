import { sql } from 'drizzle-orm'
import { expect } from 'vitest'
import type { Database } from '../../../src/db/connect.js'
import { revocations } from '../../../src/db/schema.js'
import { pruneRevocations } from '../../../src/sessions/log/revocations.js'

/** Removes all that is old. What tests beside this one have under way in the same cluster holds the horizon back meanwhile. */
export async function pruneOld(db: Database): Promise<void> {
  const left = async () => {
    await pruneRevocations(db)
    return db.$count(revocations, sql`at < now() - interval '1 hour'`)
  }
  await expect.poll(left, { timeout: 30_000 }).toBe(0)
}
