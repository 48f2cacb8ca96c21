import { and, eq, inArray, like, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { rememberDevice } from '../../../src/accounts/knownDevices.js'
import { type Attempt, createLimits, pruneLimits, resetLimits } from '../../../src/accounts/limits.js'
import { sha256 } from '../../../src/accounts/passwords/links.js'
import type { Passwords } from '../../../src/accounts/passwords/passwords.js'
import { checkSignIn } from '../../../src/accounts/signIn.js'
import type { Database } from '../../../src/db/connect.js'
import { type AccountId, newId } from '../../../src/db/ids.js'
import { auditEvents, knownDevices, signInLimits } from '../../../src/db/schema.js'
import { anAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'

const limits = createLimits()
const from = (ip: string | null, emailKey: string | null = null): Attempt => ({ ip, emailKey, knownDevice: null })
const device = (accountId: AccountId, token: string): Attempt => ({
  ip: '192.0.2.1',
  emailKey: null,
  knownDevice: { accountId, tokenHash: sha256(token) },
})

/** Guesses until told to wait. */
async function guess(db: Database, attempt: (n: number) => Attempt, most: number) {
  for (let tries = 0; tries < most; tries++) {
    const turn = await limits.take(db, attempt(tries))
    if (!turn.allowed) return { tries, waitMs: turn.retryAfterMs }
    await limits.failed(db, attempt(tries))
  }
  return { tries: most, waitMs: 0 }
}
const later = (db: Database, seconds: number) =>
  db.update(signInLimits).set({ at: sql`${signInLimits.at} - make_interval(secs => ${seconds})` })
/** Within one transaction the database's time stands still: how busy the machine is does not matter. */
const timeStandsStill = <T>(db: Database, test: (db: Database) => Promise<T>) => db.transaction(test)
const pass = (db: Database, seconds: number) => {
  const earlier = (column: AnyPgColumn) => sql`${column} - make_interval(secs => ${seconds})`
  const { at, notedAt, detectedAt } = signInLimits
  return db.update(signInLimits).set({ at: earlier(at), notedAt: earlier(notedAt), detectedAt: earlier(detectedAt) })
}
const detected = async (db: Database, ...ips: string[]) => {
  const found = await db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.action, 'detection.opened'), inArray(auditEvents.ip, ips)))
    .orderBy(auditEvents.id)
  return found.map(({ details, actorName, targetName, accountId, ip }) => {
    expect(details['ip']).toBe(ip)
    return [details['rule'], actorName, targetName, accountId, ip]
  })
}
const forgetAll = (db: Database) => db.delete(signInLimits)

/** Says "right" to one password without the work of a real hash: these tests are about the counting. */
const quick: Passwords = {
  hash: async () => '',
  verify: async (hash, password) => hash != null && password === 'right',
  needsRehash: () => false,
}
const signIn = (db: Database, email: string, ip: string, password = 'wrong', deviceToken?: string) =>
  checkSignIn(db, { email, password, client: aClient({ ip }), deviceToken }, { limits, passwords: quick })

describe('limits on guessing', () => {
  eachDatabase((database) => {
    it('S-23 one account from one place: five wrong passwords, then waits that double up to 15 minutes', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const at = () => from('192.0.2.1', 'ada@example.com')
        expect(await guess(db, at, 20)).toMatchObject({ tries: 5 })
        const waited: number[] = []
        for (let round = 0; round < 11; round++) {
          const turn = await limits.take(db, at())
          if (turn.allowed) throw new Error('no wait')
          const seconds = Math.ceil(turn.retryAfterMs / 1000)
          waited.push(seconds)
          await later(db, seconds - 0.9)
          expect(await limits.take(db, at())).toMatchObject({ allowed: false })
          await later(db, 1)
          expect(await limits.take(db, at())).toEqual({ allowed: true })
          await limits.failed(db, at())
        }
        expect(waited.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32])
        expect(waited).toEqual([...waited].sort((a, b) => a - b))
        expect(Math.max(...waited)).toBeLessThanOrEqual(900)
      }))

    it('S-23 an attacker who tries all the time does not make the wait longer', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const at = () => from('192.0.2.1', 'ada@example.com')
        const { waitMs } = await guess(db, at, 20)
        for (let n = 0; n < 10; n++) expect(await limits.take(db, at())).toMatchObject({ allowed: false })
        const turn = await limits.take(db, at())
        expect(turn.allowed ? 0 : turn.retryAfterMs).toBeLessThanOrEqual(waitMs)
      }))

    it('S-23 guessing at an account from a hundred places is slowed too', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        expect((await guess(db, (n) => from(`10.${n}.0.1`, 'ada@example.com'), 200)).tries).toBe(30)
      }))

    it('S-23 one address that sprays over many accounts gets 60 guesses, then waits', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const { tries, waitMs } = await guess(db, (n) => from('192.0.2.1', `person${n}@example.com`), 300)
        expect(tries).toBe(60)
        expect(waitMs).toBe(1_000)
        expect(await limits.take(db, from('192.0.2.2', 'someone@example.com'))).toEqual({ allowed: true })
      }))

    it('S-23 guesses from everywhere at everybody are slowed together, if only a little', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const anywhere = (n: number) => from(`10.${n >> 8}.${n & 255}.1`, `person${n}@example.com`)
        expect(await guess(db, anywhere, 10)).toEqual({ tries: 10, waitMs: 0 })
        await db.update(signInLimits).set({ level: 2_000 }).where(eq(signInLimits.key, 'global'))
        expect(await limits.take(db, anywhere(11))).toMatchObject({ allowed: false, retryAfterMs: 1_000 })
        await later(db, 1)
        expect(await limits.take(db, anywhere(11))).toEqual({ allowed: true })
      }))

    it('S-23 all of an IPv6 /64 counts as one address, in every spelling', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const spelt = (n: number) => (n % 2 ? `2001:DB8:0:7::${n.toString(16)}` : `2001:db8::7:0:0:0:${n.toString(16)}`)
        expect((await guess(db, (n) => from(spelt(n), `person${n}@example.com`), 100)).tries).toBe(60)
        await forgetAll(db)
        const mapped = (n: number) => (n % 2 ? '::ffff:203.0.113.7' : '203.0.113.7')
        expect((await guess(db, (n) => from(mapped(n), `person${n}@example.com`), 100)).tries).toBe(60)
      }))

    it("S-23 an office of 200 behind one address signs in at nine o'clock, every tenth after a mistake", async () => {
      const { db } = database
      await forgetAll(db)
      const office = await Promise.all(Array.from({ length: 200 }, () => anAccount(db, { password: 'right' })))
      const answers = await Promise.all(
        office.map(async ({ email }, n) => {
          if (n % 10 === 0) await signIn(db, email, '203.0.113.9')
          return signIn(db, email, '203.0.113.9', 'right')
        }),
      )
      expect(answers.filter(({ status }) => status !== 'welcome')).toEqual([])
    })

    it('S-23 nobody locks another person out: a known device signs in while others guess at the account', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const ada = await anAccount(db, { password: 'right' })
        const token = await rememberDevice(db, ada.id, undefined)
        for (let n = 0; n < 40; n++) await signIn(db, ada.email, `10.${n}.0.1`)
        for (let n = 0; n < 70; n++) await signIn(db, `person${n}@example.com`, '203.0.113.9')
        expect(await signIn(db, ada.email, '203.0.113.9', 'right')).toMatchObject({ status: 'later' })
        expect(await signIn(db, ada.email, '203.0.113.9', 'right', token)).toMatchObject({
          status: 'welcome',
          knownDevice: true,
        })
      }))

    it('S-23 a stolen device cookie gives ten guesses, no more', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const id = newId<AccountId>()
        expect((await guess(db, () => device(id, 'stolen'), 50)).tries).toBe(10)
        expect(await limits.take(db, device(id, 'another'))).toEqual({ allowed: true })
      }))

    it('S-23 an account knows twenty browsers at most, those that were used last', async () => {
      const { db } = database
      const account = await anAccount(db)
      const tokens: string[] = []
      for (let n = 0; n < 22; n += 1) tokens.push(await rememberDevice(db, account.id, undefined))
      const known = await db.select().from(knownDevices).where(eq(knownDevices.accountId, account.id))
      const hashes = known.map(({ tokenHash }) => Buffer.from(tokenHash).toString('hex')).sort()
      expect(hashes).toEqual(
        tokens
          .slice(-20)
          .map((token) => Buffer.from(sha256(token)).toString('hex'))
          .sort(),
      )
    })

    it('S-23 only failures count, and a success makes the account start anew, not the place', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const ada = await anAccount(db, { password: 'right' })
        for (let n = 0; n < 70; n++)
          expect(await signIn(db, ada.email, '203.0.113.9', 'right')).toMatchObject({ status: 'welcome' })
        for (let n = 0; n < 4; n++) await signIn(db, ada.email, '203.0.113.9')
        await signIn(db, ada.email, '203.0.113.9', 'right')
        for (let n = 0; n < 5; n++)
          expect(await signIn(db, ada.email, '203.0.113.9')).toMatchObject({ status: 'refused' })
        expect(await signIn(db, ada.email, '203.0.113.9')).toMatchObject({ status: 'later' })
        const [place] = await db.select().from(signInLimits).where(eq(signInLimits.key, 'address:203.0.113.9'))
        expect(Math.round(place?.level ?? 0)).toBe(9)
      }))

    it('S-23 guesses at the same moment get no more tries than one after the other', async () => {
      const { db } = database
      await forgetAll(db)
      const ada = await anAccount(db, { password: 'right' })
      const answers = await Promise.all(Array.from({ length: 40 }, () => signIn(db, ada.email, '203.0.113.9')))
      // On a machine so busy that the first waits pass meanwhile, one more or two.
      expect(answers.filter(({ status }) => status === 'refused').length).toBeLessThanOrEqual(8)
    })

    it('S-23 an unknown account is limited like a known one', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const statuses = async (email: string, ip: string) => {
          const seen = []
          for (let n = 0; n < 7; n++) seen.push((await signIn(db, email, ip)).status)
          return seen
        }
        const known = await statuses((await anAccount(db, { password: 'right' })).email, '192.0.2.1')
        expect(await statuses('nobody@example.com', '198.51.100.1')).toEqual(known)
      }))

    it('S-62 a flood of limited tries writes one line a minute, not one a try', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const ada = await anAccount(db, { password: 'right' })
        for (let n = 0; n < 30; n++) await signIn(db, ada.email, '203.0.113.9')
        const events = await db.select().from(auditEvents).where(eq(auditEvents.accountId, ada.id))
        expect(events.filter(({ details }) => details['why'] === 'limited')).toHaveLength(1)
      }))

    it('guessing at an account is detected once an hour, as at one that is not there; a forgotten password is not', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const ada = await anAccount(db, { name: 'Ada Byrne', password: 'right' })
        const unknown = `nobody-${ada.id}@example.com`
        const both = async () => [
          await signIn(db, ada.email, '203.0.113.77'),
          await signIn(db, unknown, '198.51.100.77'),
        ]
        /** Tries too early, waits for as long as was said, and fails once more. */
        const goOn = async () => {
          const [answer] = await both()
          if (answer?.status !== 'later') throw new Error('no wait')
          await pass(db, answer.retryAfterMs / 1000)
          await both()
        }
        for (let n = 0; n < 5; n++) await both()
        for (let n = 0; n < 6; n++) await goOn()
        expect(await detected(db, '203.0.113.77', '198.51.100.77')).toEqual([])

        const once = [
          ['guessing', ada.email, 'Ada Byrne', ada.id, '203.0.113.77'],
          ['guessing', unknown, unknown, null, '198.51.100.77'],
        ]
        for (let n = 0; n < 4; n++) await goOn()
        expect(await detected(db, '203.0.113.77', '198.51.100.77')).toEqual(once)
        await pass(db, 3600)
        await both()
        await goOn()
        expect(await detected(db, '203.0.113.77', '198.51.100.77')).toEqual([...once, ...once])
      }))

    it('spraying is detected, by the place that it comes from', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const sprayed = Array.from({ length: 70 }, (_, n) => `sprayed${n}@example.com`)
        for (const email of sprayed) await signIn(db, email, '2001:db8:0:9::1')
        expect(await detected(db, '2001:db8:0:9::1')).toEqual([
          ['spraying', 'Somebody', '2001:db8:0:9::/64', null, '2001:db8:0:9::1'],
        ])
      }))

    it('failures are forgotten with time', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const at = () => from('192.0.2.1', 'ada@example.com')
        await guess(db, at, 10)
        await later(db, 86_400)
        expect((await guess(db, at, 10)).tries).toBe(5)
        await later(db, 86_400 * 2)
        await pruneLimits(db)
        expect(await db.$count(signInLimits)).toBe(0)
      }))

    it('S-37 the terminal forgets the waits of an account, and of no other', () =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const ada = await anAccount(db)
        for (const key of [ada.email, 'bob@example.com']) await guess(db, () => from('192.0.2.1', key), 10)
        await guess(db, () => device(ada.id, 'cookie'), 20)
        await resetLimits(db, ada.id, ada.email)
        expect(await limits.take(db, from('192.0.2.1', ada.email))).toEqual({ allowed: true })
        expect(await limits.take(db, device(ada.id, 'cookie'))).toEqual({ allowed: true })
        expect(await limits.take(db, from('192.0.2.1', 'bob@example.com'))).toMatchObject({ allowed: false })
        expect(await db.$count(signInLimits, like(signInLimits.key, 'pair:%'))).toBe(2)
      }))
  })

  oneDatabase((database) => {
    it.each([
      ['an IPv4 /24', (n: number) => `198.51.100.${n % 256}`],
      ['an IPv6 /48', (n: number) => `2001:db8:1:${(n % 250).toString(16)}::1`],
    ])('S-23 spraying from all over %s is slowed', (_, address) =>
      timeStandsStill(database.db, async (db) => {
        await forgetAll(db)
        const { tries } = await guess(db, (n) => from(address(n), `person${n}@example.com`), 320)
        expect(tries).toBe(200)
      }),
    )
  })
})
