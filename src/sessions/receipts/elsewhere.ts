import { sql } from 'drizzle-orm'
import { type Database, rowsOf } from '../../db/connect.js'
import type { Clock } from '../../follower/types.js'
import { readFollowers } from '../log/followers.js'
import type { Node } from '../log/node.js'
import { type Position, xidOf } from '../log/positions.js'
import { readReceipts } from './stored.js'
import { type Receipt, summarise } from './summary.js'
import { type Acknowledgement, createTally, type Tally } from './tally.js'

/** Of acts that this node has not watched: another one did them, or they are long ago. Nothing is measured here. */
export interface Elsewhere {
  /** What was kept, else who has it now. @returns undefined for a position that no act can have */
  read(position: Position): Promise<Receipt | undefined>
  acknowledged(position: Position): Promise<{ followers: Acknowledgement[]; complete: boolean } | undefined>
}

export interface ElsewhereOptions {
  db: Database
  node: Pick<Node, 'leaseMs' | 'engine'>
  clock: Clock
}

export function createElsewhere({ db, node, clock }: ElsewhereOptions): Elsewhere {
  const { leaseMs } = node

  async function tallyNow(position: Position): Promise<Tally | undefined> {
    if (!(await canBe(position))) return undefined
    const tally = createTally({ xid: xidOf(position), since: null })
    tally.count(await readFollowers(db), clock.monotonicMs())
    return tally
  }

  async function canBe(position: Position): Promise<boolean> {
    const here = node.engine.follower.position
    if (here && xidOf(position) < here.xmax) return true
    const [row] = rowsOf<{ xmax: string }>(
      await db.execute(sql`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`),
    )
    return xidOf(position) < Number(row?.xmax)
  }

  const kept = async (position: Position) => (await readReceipts(db, [position], leaseMs)).get(position)

  return {
    async read(position) {
      const receipt = await kept(position)
      if (receipt) return receipt
      const tally = await tallyNow(position)
      return tally && summarise(position, tally, clock.monotonicMs(), { boundMs: leaseMs, waitedMs: null })
    },
    async acknowledged(position) {
      const tally = await tallyNow(position)
      if (!tally) return undefined
      const receipt = await kept(position)
      return {
        followers: tally.list(clock.monotonicMs()),
        complete: tally.complete || receipt?.complete === true,
      }
    },
  }
}
