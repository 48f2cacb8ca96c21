import { followRollcall } from './follow.js'
import type { VerifierOptions } from './options.js'
import type { Verifier } from './types.js'

/**
 * Checks sessions in this process: a check is a look-up in memory, and what was ended is refused within milliseconds, at
 * the latest `leaseMs` after the act, whatever fails. It follows Rollcall until `stop` is called.
 *
 * @example
 * const verifier = createVerifier({ url: 'https://rollcall.example.com', key: process.env.ROLLCALL_KEY })
 * const verdict = await verifier.verify(token, { ip: '203.0.113.7' })
 * if (verdict.status === 'active') console.log(verdict.account.name)
 * else console.log('signed out:', verdict.reason)
 *
 * @throws TypeError that says which option is wrong
 */
export function createVerifier(options: VerifierOptions): Verifier {
  return followRollcall(options).verifier
}
