import { eq, sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { AccountId } from '../db/ids.js'
import { accounts } from '../db/schema.js'
import { appendRevocations } from './revocations.js'

/**
 * Ends all of an account in O(1): whatever was born with the old number is not live any more, marked or not, committed
 * or about to (S-13).
 *
 * @returns the new number, or undefined when there is no such account
 */
export async function raiseAccountGeneration(tx: Database, accountId: AccountId): Promise<number | undefined> {
  const [account] = await tx
    .update(accounts)
    .set({ generation: sql`${accounts.generation} + 1` })
    .where(eq(accounts.id, accountId))
    .returning({ generation: accounts.generation })
  if (account) await appendRevocations(tx, [{ kind: 'account', target: accountId }])
  return account?.generation
}
