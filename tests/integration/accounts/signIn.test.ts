import { desc, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount, liftAccountBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { rememberDevice } from '../../../src/accounts/knownDevices.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { createPasswords } from '../../../src/accounts/passwords/passwords.js'
import { changeSettings } from '../../../src/accounts/settings.js'
import { checkSignIn, type SignInAttempt } from '../../../src/accounts/signIn.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { auditEvents, credentials, signInLimits } from '../../../src/db/schema.js'
import { startSession } from '../../../src/sessions/start.js'
import { anAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, oneDatabase } from '../../support/database.js'

const PASSWORD = 'purple monkey dishwasher'
const passwords = createPasswords()
const limits = createLimits()
let visitor = 0

/** Each attempt comes from a place of its own, so that tests do not wait for one another. */
const signIn = (db: Database, attempt: Partial<SignInAttempt> & { email: string }) => {
  visitor += 1
  const client = aClient({ ip: `10.${visitor >> 8}.${visitor & 255}.1` })
  return checkSignIn(db, { password: PASSWORD, client, ...attempt }, { limits, passwords })
}
const lastEvent = async (db: Database) =>
  (await db.select().from(auditEvents).orderBy(desc(auditEvents.id)).limit(1))[0]
const wrong = { status: 'refused', why: 'wrong' }

describe('signing in', () => {
  eachDatabase((database) => {
    it('lets the right password in, however the address is spelt', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      expect(await signIn(db, { email: `  ${account.email.toUpperCase()} ` })).toEqual({
        status: 'welcome',
        account: { id: account.id, generation: 0, name: account.name, role: 'person' },
        knownDevice: false,
      })
    })

    it('S-20 a password that was hashed with older parameters is hashed anew at the sign-in, and goes on working', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      await signIn(db, { email: account.email })
      const [stored] = await db.select().from(credentials).where(eq(credentials.accountId, account.id))
      expect(stored?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/)
      expect(await signIn(db, { email: account.email })).toMatchObject({ status: 'welcome' })
    })

    it('S-20 and never over one that was changed meanwhile', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      const changing = async () => {
        await db.update(credentials).set({ passwordHash: 'the new one' }).where(eq(credentials.accountId, account.id))
        return 'the old one, hashed anew'
      }
      const typed = { email: account.email, password: PASSWORD, client: aClient({ ip: '10.255.0.1' }) }
      await checkSignIn(db, typed, { limits, passwords: { ...passwords, hash: changing } })
      const [stored] = await db.select().from(credentials).where(eq(credentials.accountId, account.id))
      expect(stored?.passwordHash).toBe('the new one')
    })

    it('S-21 unknown, wrong, blocked with a wrong password and without a password are answered alike', async () => {
      const { db } = database
      const blocked = await anAccount(db, { password: PASSWORD })
      await blockAccount(db, blocked.id, { reason: 'stolen', message: 'Call 555.' }, SYSTEM)
      expect(await signIn(db, { email: 'nobody@example.com' })).toEqual(wrong)
      expect(await signIn(db, { email: 'not an address' })).toEqual(wrong)
      expect(await signIn(db, { email: (await anAccount(db, { password: PASSWORD })).email, password: 'x' })).toEqual(
        wrong,
      )
      expect(await signIn(db, { email: blocked.email, password: 'x' })).toEqual(wrong)
      expect(await signIn(db, { email: (await anAccount(db)).email })).toEqual(wrong)
    })

    it('S-21 a blocked person hears of it once the password is right: the message of the block', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      const until = new Date(Date.now() + 3_600_000)
      await blockAccount(db, account.id, { reason: 'stolen', message: 'Call 555.', until }, SYSTEM)
      expect(await signIn(db, { email: account.email })).toEqual({ status: 'blocked', message: 'Call 555.', until })
      expect(await lastEvent(db)).toMatchObject({
        action: 'sign-in.refused',
        accountId: account.id,
        details: { why: 'blocked' },
      })
    })

    it('a block without a message names whom the settings say to ask', async () => {
      const { db } = database
      await changeSettings(db, { contact: 'the help desk' }, SYSTEM)
      const account = await anAccount(db, { password: PASSWORD })
      await blockAccount(db, account.id, { reason: 'stolen' }, SYSTEM)
      expect(await signIn(db, { email: account.email })).toEqual({
        status: 'blocked',
        message: 'Contact the help desk.',
        until: null,
      })
      await liftAccountBlock(db, account.id, null, SYSTEM)
      expect(await signIn(db, { email: account.email })).toMatchObject({ status: 'welcome' })
    })

    it('a blocked network is answered like a wrong password, in any spelling of the address', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      await blockNetwork(db, { network: '198.51.100.0/24', reason: 'attack' }, SYSTEM)
      const client = aClient({ ip: '198.51.100.77' })
      expect(await signIn(db, { email: account.email, client })).toEqual(wrong)
      expect(await lastEvent(db)).toMatchObject({ details: { why: 'network-blocked' }, ip: '198.51.100.77' })
    })

    it('S-13 the generation is that from before the password was checked: a block in between voids the sign-in', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      const slow = {
        ...passwords,
        verify: async (hash: string | null | undefined, password: string) => {
          await blockAccount(db, account.id, { reason: 'stolen' }, SYSTEM)
          await liftAccountBlock(db, account.id, null, SYSTEM)
          return passwords.verify(hash, password)
        },
      }
      const answer = await checkSignIn(
        db,
        { email: account.email, password: PASSWORD, client: aClient({ ip: null }) },
        { limits, passwords: slow },
      )
      if (answer.status !== 'welcome') throw new Error(answer.status)
      const started = await startSession(db, {
        account: answer.account,
        appId: BUILT_IN_APP,
        client: aClient(),
        method: 'password',
      })
      expect(started).toEqual({ status: 'blocked', why: 'account' })
    })

    it('S-62 a refused sign-in is in the audit log with the account, the place and why', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      await signIn(db, { email: account.email, password: 'x', requestId: 'request-1' })
      expect(await lastEvent(db)).toMatchObject({
        action: 'sign-in.refused',
        result: 'refused',
        actorKind: 'stranger',
        actorName: account.email,
        accountId: account.id,
        country: 'DE',
        city: 'Berlin',
        requestId: 'request-1',
        details: { why: 'wrong-password' },
      })
    })

    it('S-61 what was typed into the address box is stored only if it is an address', async () => {
      const { db } = database
      await signIn(db, { email: 'my-secret-Passw0rd!', password: 'another-secret' })
      const everything = JSON.stringify([await db.select().from(auditEvents), await db.select().from(signInLimits)])
      expect(everything).not.toMatch(/my-secret|another-secret/)
      await signIn(db, { email: 'typed@example.com' })
      expect(await lastEvent(db)).toMatchObject({ actorName: 'typed@example.com', details: { why: 'unknown-account' } })
    })

    it('S-23 a device is known once its cookie was issued for this account, and to no other account', async () => {
      const { db } = database
      const [ada, bob] = [await anAccount(db, { password: PASSWORD }), await anAccount(db, { password: PASSWORD })]
      const deviceToken = await rememberDevice(db, ada.id, undefined)
      expect(await signIn(db, { email: ada.email, deviceToken })).toMatchObject({ knownDevice: true })
      expect(await signIn(db, { email: bob.email, deviceToken })).toMatchObject({ knownDevice: false })
      expect(await rememberDevice(db, bob.id, deviceToken)).toBe(deviceToken)
      expect(await signIn(db, { email: bob.email, deviceToken })).toMatchObject({ knownDevice: true })
    })

    it('S-23 a device cookie that this server did not issue is replaced', async () => {
      const { db } = database
      const account = await anAccount(db)
      const planted = 'A'.repeat(43)
      expect(await rememberDevice(db, account.id, planted)).not.toBe(planted)
    })
  })

  oneDatabase((database) => {
    it('S-21 the same work is done whatever is wrong: one hash, the same statements', async () => {
      const { db } = database
      const blocked = await anAccount(db, { password: PASSWORD })
      await blockAccount(db, blocked.id, { reason: 'stolen' }, SYSTEM)
      const work = async (email: string) => {
        let hashes = 0
        const counting = {
          ...passwords,
          verify: (...of: Parameters<typeof passwords.verify>) => {
            hashes += 1
            return passwords.verify(...of)
          },
        }
        const statements: string[] = []
        const answer = await checkSignIn(
          recording(db, statements),
          { email, password: 'x', client: aClient({ ip: `10.9.9.${++visitor & 255}` }) },
          { limits, passwords: counting },
        )
        expect(answer).toEqual(wrong)
        return { hashes, statements }
      }
      const unknown = await work('nobody@example.com')
      expect(unknown.hashes).toBe(1)
      expect(unknown.statements.length).toBeGreaterThan(2)
      expect(await work((await anAccount(db, { password: PASSWORD })).email)).toEqual(unknown)
      expect(await work((await anAccount(db)).email)).toEqual(unknown)
      expect(await work(blocked.email)).toEqual(unknown)
    })
  })
})

/** Notes which doors of the database are used, in order. */
function recording(db: Database, notes: string[]): Database {
  return new Proxy(db, {
    get(target, property, receiver) {
      const value = Reflect.get(target, property, receiver)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        notes.push(String(property))
        return value.apply(target, args)
      }
    },
  })
}
