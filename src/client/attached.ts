import type { ActiveVerdict } from '../follower/types.js'

/** Who makes a request of Express, where somebody is signed in. */
export interface Attached {
  session: ActiveVerdict['session']
  account: ActiveVerdict['account']
}

declare global {
  namespace Express {
    interface Request {
      /** Of Rollcall's middleware; undefined: nobody is signed in. */
      rollcall?: Attached | undefined
    }
  }
}
