import { setTimeout as wait } from 'node:timers/promises'
import type { Database } from './database.js'
import { hasCode } from './unavailable.js'

/** A dead-lock, and what could not be put in order with others: one of several is to begin anew. */
const LOST = new Set(['40P01', '40001'])

const MOST_RETRIES = 2
/** Apart, so that the same two do not meet again in step. */
const LONGEST_WAIT_MS = 50

const ATTEMPT = Symbol('one try of a transaction')

interface Tried {
  [ATTEMPT]?: { isLast: boolean }
}

/**
 * Has a handle begin a transaction anew that lost to another one, twice at most (S-74): all of it was taken back, so
 * whatever it did in the database is not there. Anything else that goes wrong is thrown as ever.
 *
 * So the function of a transaction may run more than once: what it does outside the database it does again, unless it
 * says `onlyOnce` before that.
 *
 * @param db is changed, and returned; savepoints within its transactions are left as they are
 */
export function retrying<D extends Database>(db: D): D {
  const once: Database['transaction'] = db.transaction.bind(db)
  const transaction: Database['transaction'] = async (act, config) => {
    for (let tries = 0; ; tries++) {
      const attempt = { isLast: tries === MOST_RETRIES }
      try {
        return await once((tx) => act(Object.assign(tx, { [ATTEMPT]: attempt })), config)
      } catch (error) {
        if (attempt.isLast || !hasCode(error, LOST)) throw error
        await wait(Math.random() * LONGEST_WAIT_MS)
      }
    }
  }
  return Object.assign(db, { transaction })
}

/** From here on a transaction reaches beyond the database. @param tx the outermost one */
export function onlyOnce(tx: Database & Tried): void {
  if (tx[ATTEMPT]) tx[ATTEMPT].isLast = true
}
