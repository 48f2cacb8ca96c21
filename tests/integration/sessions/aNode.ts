import { newId } from '../../../src/db/ids.js'
import { systemClock } from '../../../src/follower/clock.js'
import {
  createSqlTransport,
  type SqlTransport,
  type SqlTransportOptions,
} from '../../../src/sessions/log/sqlTransport.js'

/** A node's way to the database, by itself. */
export function aNode(
  open: SqlTransportOptions['open'],
  options: Partial<SqlTransportOptions> & { leaseMs?: number } = {},
): SqlTransport & { id: string } {
  const node = { id: newId<string>() as string, name: 'node a', version: '1.2.3', leaseMs: options.leaseMs ?? 2_000 }
  const transport = createSqlTransport({
    open,
    node,
    clock: systemClock,
    stats: () => ({ hits: 1 }),
    apps: () => [],
    ...options,
  })
  // A transport has getters: a copy would freeze them.
  return Object.assign(transport, { id: node.id })
}
