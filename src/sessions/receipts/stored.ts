import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type Database, rowsOf } from '../../db/connect.js'
import { receipts } from '../../db/schema.js'
import type { Position } from '../log/positions.js'
import type { LateFollower, Receipt } from './summary.js'

const Late: z.ZodType<LateFollower> = z.object({
  name: z.string(),
  kind: z.enum(['node', 'app']),
  app: z.string().nullable(),
  state: z.enum(['waiting', 'lease-over']),
  leaseEndsInMs: z.number().nullable(),
  allowsCached: z.boolean(),
})

/**
 * Keeps receipts that are complete, in one statement. The first one of an act stays: each node has them all, and in one
 * order none waits for another in a circle.
 */
export async function storeReceipts(db: Database, complete: Receipt[]): Promise<void> {
  if (complete.length === 0) return
  const rows = complete.map((receipt) => ({ ...receipt, xid: receipt.position.slice(1) }))
  await db.execute(sql`
    insert into ${receipts} (xid, nodes, nodes_total, apps, apps_total, after_ms, late, complete)
    select xid::xid8, (nodes->>'have')::int, (nodes->>'of')::int, (apps->>'have')::int, (apps->>'of')::int, "afterMs", late, true
    from json_to_recordset(${JSON.stringify(rows)}::text::json)
      as kept (xid text, nodes json, apps json, "afterMs" int, late jsonb)
    order by xid::xid8
    on conflict do nothing`)
}

/**
 * Those that were kept, of several acts. Index: the primary key.
 *
 * @param boundMs what every process that follows was held to
 */
export async function readReceipts(
  db: Database,
  positions: readonly Position[],
  boundMs: number,
): Promise<Map<Position, Receipt>> {
  if (positions.length === 0) return new Map()
  const rows = rowsOf<{ position: Position } & typeof receipts.$inferSelect>(
    await db.execute(sql`
      select 'x' || ${receipts.xid} as position, ${receipts.nodes}, ${receipts.nodesTotal} as "nodesTotal", ${receipts.apps},
        ${receipts.appsTotal} as "appsTotal", ${receipts.afterMs} as "afterMs", ${receipts.late}, ${receipts.complete}
      from ${receipts}
      where ${receipts.xid} in (select jsonb_array_elements_text(${JSON.stringify(positions.map((one) => one.slice(1)))}::text::jsonb)::xid8)`),
  )
  return new Map(
    rows.map(({ position, nodes, nodesTotal, apps, appsTotal, afterMs, late, complete }) => [
      position,
      {
        position,
        complete,
        afterMs,
        boundMs,
        nodes: { have: nodes, of: nodesTotal },
        apps: { have: apps, of: appsTotal },
        late: z.array(Late).catch([]).parse(late),
        waitedMs: null,
      },
    ]),
  )
}

const BATCH = 1_000

/** Removes the oldest, in small batches, by the primary key: transactions are numbered in their order. */
export async function pruneReceipts(db: Database, keptDays = 90): Promise<void> {
  let removed: number
  do {
    const gone = rowsOf(
      await db.execute(sql`
        delete from ${receipts} where ${receipts.xid} = any(array(
          select xid from (select ${receipts.xid}, ${receipts.at} from ${receipts} order by ${receipts.xid} limit ${BATCH}) oldest
          where at < now() - make_interval(days => ${keptDays})))
        returning 1`),
    )
    removed = gone.length
  } while (removed === BATCH)
}
