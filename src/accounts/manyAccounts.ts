import type { Actor } from '../audit/types.js'
import type { Database } from '../db/connect.js'
import type { AccountId, BlockId, SessionId } from '../db/ids.js'
import { NotAllowed } from '../sessions/notAllowed.js'
import { revokeAccountSessions } from '../sessions/revoke.js'
import { type AccountBlocked, blockAccount, liftAccountBlock } from './blocks/blocks.js'
import type { BlockTerms } from './blocks/blockTerms.js'

/** More are not done within one request. */
export const MOST_ACCOUNTS = 200

/** What came of one of many; `already`: there was nothing to do, and nothing was changed. */
export type Outcome =
  /** `block`: the one that it made. */
  | { id: AccountId; status: 'done'; ended: number; block?: BlockId }
  | { id: AccountId; status: 'already' | 'gone' }
  | { id: AccountId; status: 'left-out'; why: Refusal }

export type Refusal = Extract<AccountBlocked, { status: 'refused' }>['why']

/**
 * Blocks each of them, by the one road and in a transaction of its own: what is done is in force at once, one that is
 * refused undoes no other, and after a crash the rest can be blocked by asking again.
 *
 * One that is blocked already stays so, by the terms that it has.
 */
export const blockAccounts = (db: Database, ids: readonly AccountId[], terms: BlockTerms, by: Actor) =>
  each(ids, async (id) => {
    const answer = await blockAccount(db, id, terms, by, { keep: true })
    if (!answer) return { id, status: 'gone' }
    if (answer.status === 'refused') return { id, status: 'left-out', why: answer.why }
    return answer.kept ? { id, status: 'already' } : { id, status: 'done', ended: answer.ended, block: answer.block.id }
  })

/** Lifts the block of each of them, likewise. */
export const liftAccountBlocks = (db: Database, ids: readonly AccountId[], reason: string | null, by: Actor) =>
  each(ids, async (id) => {
    const answer = await liftAccountBlock(db, id, reason, by)
    if (!answer) return { id, status: 'already' }
    return answer.status === 'lifted' ? { id, status: 'done', ended: 0 } : { id, status: 'left-out', why: answer.why }
  })

/**
 * Ends every session of each of them, likewise.
 *
 * @param except the author's own session goes on
 */
export const signOutAccounts = (
  db: Database,
  ids: readonly AccountId[],
  reason: string | null,
  by: Actor,
  except: SessionId | undefined,
) =>
  each(ids, async (id) => {
    try {
      const own = by.kind === 'account' && by.id === id ? { except } : {}
      const ended = await revokeAccountSessions(db, id, by, reason, own)
      return ended === undefined ? { id, status: 'gone' } : { id, status: 'done', ended }
    } catch (error) {
      if (error instanceof NotAllowed) return { id, status: 'left-out', why: 'not-allowed' }
      throw error
    }
  })

async function each(ids: readonly AccountId[], act: (id: AccountId) => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const id of new Set(ids)) outcomes.push(await act(id))
  return outcomes
}
