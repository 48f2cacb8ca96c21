import type { Database } from '../db/connect.js'
import type { AccountId, SessionId } from '../db/ids.js'
import type { Ending } from '../sessions/end.js'
import { type EndedAll, endAll } from '../sessions/endings.js'

/**
 * Ends everything that an account has open, and every sign-in that is under way at this moment: the generation rises,
 * so that a session born with the old one is dead on arrival (S-13).
 *
 * @param except goes on, by the new generation
 * @returns the new generation, and how many sessions this ended: see `endAll`
 */
export async function endTrust(
  tx: Database,
  accountId: AccountId,
  ending: Pick<Ending, 'reason' | 'by' | 'note'>,
  except?: SessionId,
): Promise<EndedAll> {
  const ended = await endAll(tx, { kind: 'account', target: accountId }, ending, except)
  if (!ended) throw new Error(`account ${accountId} is gone`)
  return ended
}
