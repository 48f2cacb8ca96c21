import type { createEngine } from '../../../src/follower/engine.js'
import type { isAtOrPast } from '../../../src/follower/snapshot.js'
import type { createHeldLog } from '../../../src/sessions/heldLog.js'

/** The code under proof: the real one, or a copy of it with a bug planted. */
export interface Modules {
  createEngine: typeof createEngine
  createHeldLog: typeof createHeldLog
  isAtOrPast: typeof isAtOrPast
}
