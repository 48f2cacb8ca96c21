import type { createHttpTransport } from '../../../src/client/transport.js'
import type { createEngine } from '../../../src/follower/engine.js'
import type { isAtOrPast } from '../../../src/follower/snapshot.js'
import type { createNode } from '../../../src/sessions/log/node.js'
import type { createReceipts } from '../../../src/sessions/receipts/receipts.js'

/** The code under proof: the real one, or a copy of it with a bug planted. */
export interface Modules {
  createEngine: typeof createEngine
  createHttpTransport: typeof createHttpTransport
  createNode: typeof createNode
  createReceipts: typeof createReceipts
  isAtOrPast: typeof isAtOrPast
}
