import type { Database } from '../../db/connect.js'
import { foldLookups } from '../../db/foldLookups.js'
import type { SessionId } from '../../db/ids.js'
import { findSessions } from '../lists/walk.js'
import type { Position } from '../log/positions.js'
import type { Receipts } from '../receipts/receipts.js'
import type { Receipt } from '../receipts/summary.js'
import type { Session } from '../types.js'
import { lookAgain, type SeenAgain } from './lookAgain.js'

/**
 * What open pages ask for again and again of the rows that they show: mostly the same ones. What comes within a moment is
 * asked for together, so that many pages cost the node little more than one.
 */
export interface OpenScreens {
  lookAgain(ids: readonly SessionId[]): Promise<Map<SessionId, SeenAgain>>
  findSessions(ids: readonly SessionId[]): Promise<Map<SessionId, Session>>
  readReceipts(positions: readonly Position[]): Promise<Map<Position, Receipt>>
}

/** Nobody sees that a row's times are that much late. */
const MOST_WAITED_MS = 500
/** Of the pace of a page: the more pages, the longer the first one waits for the others. One that is alone hardly waits. */
const SHARE_OF_PACE = 0.1

/** @param paceMs how long one page waits between two requests */
export function createOpenScreens(db: Database, receipts: Receipts, paceMs: () => number): OpenScreens {
  const waitMs = () => Math.min(MOST_WAITED_MS, paceMs() * SHARE_OF_PACE)
  return {
    lookAgain: foldLookups(async (ids: SessionId[]) => byId(await lookAgain(db, ids)), waitMs),
    findSessions: foldLookups(async (ids: SessionId[]) => byId(await findSessions(db, ids)), waitMs),
    readReceipts: foldLookups((positions: Position[]) => receipts.readMany(positions), waitMs),
  }
}

const byId = <Row extends { id: SessionId }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]))
