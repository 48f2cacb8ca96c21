import type { Database } from '../../src/db/connect.js'
import { createSweep } from '../../src/sessions/sweep.js'

/** One sweep from the newest session on. */
export const sweepSessions = (db: Database): Promise<number> => createSweep()(db)
