import { createHttpTransport } from '../../../src/client/transport.js'
import { createEngine } from '../../../src/follower/engine.js'
import { isAtOrPast } from '../../../src/follower/snapshot.js'
import { createNode } from '../../../src/sessions/log/node.js'
import { createReceipts } from '../../../src/sessions/receipts/receipts.js'
import type { Modules } from './modules.js'

export const real: Modules = { createEngine, createHttpTransport, createNode, createReceipts, isAtOrPast }
