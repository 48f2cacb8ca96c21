import type { ActiveVerdict, Verdict } from '../follower/types.js'
import type { Refusal } from './gate.js'

/** Who makes a request, where somebody is signed in. */
export interface Attached {
  session: ActiveVerdict['session']
  account: ActiveVerdict['account']
  /** Asks the database, whatever is remembered: before a payment. */
  verifyAgain(): Promise<Verdict>
}

declare global {
  namespace Express {
    interface Request {
      /** Of Rollcall's middleware; undefined: nobody is signed in. */
      rollcall?: Attached | undefined
      /** Why nobody is. */
      rollcallRefusal?: Refusal | undefined
    }
  }
}

/** A session that was started: its token, and for how many seconds its cookie may last. */
export interface Started {
  token: string
  maxAge: number
}
