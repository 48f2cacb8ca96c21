import type { Database } from '../../src/db/connect.js'
import { systemClock } from '../../src/follower/clock.js'
import { createEngine } from '../../src/follower/engine.js'
import { type Asked, loadFacts, loadRows } from '../../src/sessions/loadFacts.js'
import { createVerifier, type Verifier } from '../../src/sessions/verify.js'

/** Follows nothing, so that no lease ever holds: each check asks the database. */
export function aVerifier(db: Database, onFailure: (error: unknown) => void): Verifier {
  const askOne = async (asked: Asked) => {
    const [row] = await loadRows(db, [asked])
    return row ?? Promise.reject(new Error('a query that answers for every id did not'))
  }
  const nobody = () => Promise.reject(new Error('this verifier follows nothing'))
  return createVerifier(
    createEngine({
      transport: {
        load: (token, request) => loadFacts(askOne, token, request, undefined),
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
