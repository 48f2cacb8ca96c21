import { createHash } from 'node:crypto'
import { hashWords } from '../../src/follower/token.js'
import type { Facts } from '../../src/follower/types.js'
import { ACCOUNTS, APPS, TOKENS } from './simulation/world.js'

export { ACCOUNTS, APPS, TOKENS, type Token } from './simulation/world.js'

/** Of the nth token: live, of one of three accounts and two apps. */
export function factsOf(n: number, other: Partial<Facts> = {}): Facts {
  const token = TOKENS[n]
  if (!token) throw new Error(`there is no token ${n}`)
  return {
    id: token.id,
    secretHash: hashWords(createHash('sha256').update(token.text.slice(26)).digest()),
    appId: APPS[n % 2] as string,
    method: 'password',
    createdAt: 1_000,
    expiresAt: 1_000_000,
    idleTimeoutMs: 600_000,
    account: { id: ACCOUNTS[n % 3] as string, name: 'Ada', email: 'ada@example.com', role: 'person' },
    over: undefined,
    expiryDeadline: 1_000_000,
    idleDeadline: 600_000,
    ...other,
  }
}
