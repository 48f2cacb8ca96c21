import type { Database } from '../../src/db/connect.js'
import { systemClock } from '../../src/follower/clock.js'
import { createEngine } from '../../src/follower/engine.js'
import { loadedOf, loadRows, missOf } from '../../src/sessions/loadFacts.js'
import { createVerifier, type Verifier } from '../../src/sessions/verify.js'

/** Follows nothing, so that no lease ever holds: each check asks the database. */
export function aVerifier(db: Database, onFailure: (error: unknown) => void): Verifier {
  const nobody = () => Promise.reject(new Error('this verifier follows nothing'))
  return createVerifier(
    createEngine({
      transport: {
        async load(token, request) {
          const miss = missOf(token, request)
          const [row] = miss ? await loadRows(db, [miss]) : []
          return row ? loadedOf(row, undefined) : { status: 'unknown', idIsFree: false }
        },
        poll: nobody,
        read: nobody,
        over: nobody,
      },
      clock: systemClock,
      leaseMs: 2_000,
      cacheSize: 1_000,
      onFailure,
    }),
  )
}
