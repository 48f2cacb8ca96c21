import { sql } from 'drizzle-orm'
import type { Database } from '../db/connect.js'
import type { AccountId, SessionId } from '../db/ids.js'
import { sessions } from '../db/schema.js'
import { type Ending, endSessions } from '../sessions/end.js'
import { raiseAccountGeneration } from '../sessions/generation.js'

/**
 * Ends everything that an account has open, and every sign-in that is under way at this moment: the generation rises,
 * so that a session born with the old one is dead on arrival (S-13).
 *
 * @param except its row stays unmarked; it needs a new token all the same, because its generation has passed
 * @returns the new generation, and how many sessions this ended
 */
export async function endTrust(
  tx: Database,
  accountId: AccountId,
  ending: Omit<Ending, 'covered'>,
  except?: SessionId,
): Promise<{ generation: number; ended: number }> {
  const generation = await raiseAccountGeneration(tx, accountId)
  if (generation === undefined) throw new Error(`account ${accountId} is gone`)
  const which = except
    ? sql`${sessions.accountId} = ${accountId} and ${sessions.id} <> ${except}`
    : sql`${sessions.accountId} = ${accountId}`
  const ended = await endSessions(tx, which, { ...ending, covered: true })
  return { generation, ended: ended.length }
}
