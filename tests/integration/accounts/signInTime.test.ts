import { hash } from '@node-rs/argon2'
import { expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { createPasswords, type Passwords } from '../../../src/accounts/passwords/passwords.js'
import { checkSignIn } from '../../../src/accounts/signIn.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { credentials, signInLimits } from '../../../src/db/schema.js'
import { anAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { oneDatabase } from '../../support/database.js'

/** Long beside the statements of a sign-in, short enough for some hundreds of them. */
const COSTS = { memoryCost: 16 * 1024, timeCost: 4 }
const ROUNDS = 30
const MOST_ROUNDS = 150

/**
 * The cases take turns in an order drawn anew each round, so that whatever else the machine does falls on all of them
 * alike; it only ever makes one slower, so the fastest quarters are compared. A case that skips the hash is faster by one
 * hash: the bound is half of one, measured in the same rounds. Where the machine is too busy to tell, more rounds follow.
 */
oneDatabase((database) => {
  it('S-21 unknown, wrong, blocked with a wrong password and without a password take the same time', async () => {
    const passwords = createPasswords({ parameters: COSTS })
    expect(await tellApart(database.db, passwords)).toBe(false)
  }, 120_000)

  it('S-21 the measurement tells apart a case that skips the hash', async () => {
    const passwords = createPasswords({ parameters: COSTS })
    const careless: Passwords = {
      ...passwords,
      verify: async (stored, typed) => (stored ? passwords.verify(stored, typed) : false),
    }
    expect(await tellApart(database.db, careless, ROUNDS)).toBe(true)
  }, 120_000)
})

/** Whether somebody who measures hears which of the four it was. */
async function tellApart(db: Database, passwords: Passwords, mostRounds = MOST_ROUNDS): Promise<boolean> {
  const acts = await attempts(db, passwords)
  const times = acts.map((): number[] => [])
  // Unmeasured: the hash for accounts that there are not is made at the first.
  for (const act of acts) await act()
  for (let round = 1; round <= mostRounds; round++) {
    for (const n of shuffled(acts.length)) {
      // Nobody waits for the failures of the rounds before.
      await db.delete(signInLimits)
      const began = performance.now()
      await acts[n]?.()
      times[n]?.push(performance.now() - began)
    }
    if (round % ROUNDS > 0) continue
    const [hashing = 0, ...cases] = times.map(lowerQuartile)
    if (Math.max(...cases) - Math.min(...cases) < hashing / 2) return false
  }
  return true
}

/** One hash alone, and the four cases. */
async function attempts(db: Database, passwords: Passwords): Promise<(() => Promise<unknown>)[]> {
  const stored = await hash('the right password', { ...COSTS, parallelism: 1, outputLen: 32 })
  const known = async () => {
    const account = await anAccount(db)
    await db.insert(credentials).values({ accountId: account.id, passwordHash: stored })
    return account
  }
  const blocked = await known()
  await blockAccount(db, blocked.id, { reason: 'stolen' }, SYSTEM)
  const emails = ['nobody@example.com', (await known()).email, blocked.email, (await anAccount(db)).email]
  const limits = createLimits()
  return [
    () => passwords.verify(stored, 'a wrong one'),
    ...emails.map(
      (email) => () => checkSignIn(db, { email, password: 'a wrong one', client: aClient() }, { limits, passwords }),
    ),
  ]
}

function shuffled(length: number): number[] {
  return Array.from({ length }, (_, n) => ({ n, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ n }) => n)
}

const lowerQuartile = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)] ?? Number.NaN
