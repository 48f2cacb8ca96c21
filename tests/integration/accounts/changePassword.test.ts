import { and, desc, eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount, liftAccountBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { rememberDevice } from '../../../src/accounts/knownDevices.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { changePassword, type PasswordChange } from '../../../src/accounts/passwords/changePassword.js'
import { findAccount } from '../../../src/accounts/read.js'
import { checkSignIn } from '../../../src/accounts/signIn.js'
import { type Actor, SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { auditEvents } from '../../../src/db/schema.js'
import { UNKNOWN_PLACE } from '../../../src/devices/place.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession } from '../../../src/sessions/revoke.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { anAccount, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { quickPasswords } from '../../support/passwords.js'
import { aVerifier } from '../../support/verifier.js'
import { whileItWaits } from './interleave.js'

const OLD = 'purple monkey dishwasher'
const NEW = 'seven quiet harbours at dusk'
const limits = createLimits()
const passwords = quickPasswords()
const fail = (error: unknown) => {
  throw error
}
const verify = (db: Database, token: string) => aVerifier(db, fail).verify(token)

async function signedIn(db: Database) {
  const account = await anAccount(db, { password: OLD })
  const own = await aSession(db, { account })
  const other = await aSession(db, { account, on: 'Safari on iPhone', from: 'Lisbon' })
  const by: Extract<Actor, { kind: 'account' }> = {
    kind: 'account',
    id: account.id,
    name: account.name,
    sessionId: own.session.id,
    ip: own.session.ip,
  }
  const change = (changes: Partial<PasswordChange> = {}, deps = { limits, passwords }) =>
    changePassword(
      db,
      account.id,
      { present: OLD, next: NEW, signOutOthers: true, client: aClient(), ...changes },
      by,
      deps,
    )
  const signIn = (password: string) =>
    checkSignIn(db, { email: account.email, password, client: aClient() }, { limits, passwords })
  return { account, own, other, change, signIn }
}

describe('changing the own password', () => {
  eachDatabase((database) => {
    it('S-27 needs the present password; a wrong one changes nothing and is audited', async () => {
      const { db } = database
      const { account, own, change, signIn } = await signedIn(db)
      expect(await change({ present: 'wrong' })).toEqual({ status: 'wrong' })
      expect(await signIn(OLD)).toMatchObject({ status: 'welcome' })
      expect(await verify(db, own.token)).toMatchObject({ status: 'active' })
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.result, 'refused')))
      expect(event).toMatchObject({ action: 'account.password-changed', actorId: account.id })
    })

    it('S-27 signs out the other devices when asked, and is audited', async () => {
      const { db } = database
      const { account, other, change, signIn } = await signedIn(db)
      expect(await change()).toMatchObject({ status: 'changed', ended: 1 })
      expect(await verify(db, other.token)).toEqual({ status: 'denied', reason: 'ended' })
      expect(await findSession(db, other.session.id)).toMatchObject({ end: { reason: 'password-changed' } })
      expect(await signIn(OLD)).toMatchObject({ status: 'refused' })
      expect(await signIn(NEW)).toMatchObject({ status: 'welcome' })
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.action, 'account.password-changed')))
      expect(event).toMatchObject({ result: 'done', details: { how: 'by the person', ended: 1 } })
      expect(JSON.stringify(event)).not.toContain(NEW)
    })

    it('S-27 leaves the other devices signed in when not', async () => {
      const { db } = database
      const { other, change } = await signedIn(db)
      expect(await change({ signOutOthers: false })).toMatchObject({ status: 'changed', ended: 0 })
      expect(await verify(db, other.token)).toMatchObject({ status: 'active' })
    })

    it.each([true, false])(
      'S-03 this device goes on under a new token, the old one is ended (others too: %s)',
      async (signOutOthers) => {
        const { db } = database
        const { own, change } = await signedIn(db)
        const result = await change({ signOutOthers })
        if (result.status !== 'changed') throw new Error(result.status)
        expect(await verify(db, result.token)).toMatchObject({ status: 'active' })
        expect(await verify(db, own.token)).toEqual({ status: 'denied', reason: 'ended' })
        expect(await findSession(db, own.session.id)).toMatchObject({ end: { reason: 'replaced' } })
      },
    )

    it('S-13 signing out the others voids a sign-in that is under way: the generation rises', async () => {
      const { db } = database
      const { account, change } = await signedIn(db)
      await change()
      expect(
        await checkSignIn(db, { email: account.email, password: NEW, client: aClient() }, { limits, passwords }),
      ).toMatchObject({ account: { generation: 1 } })
    })

    it('S-22 a weak new password, and the present one again, are refused in words', async () => {
      const { db } = database
      const { account, change, signIn } = await signedIn(db)
      expect(await change({ next: 'password1234' })).toMatchObject({ status: 'weak' })
      expect(await change({ next: account.email })).toMatchObject({ status: 'weak' })
      expect(await change({ next: OLD })).toMatchObject({
        status: 'weak',
        problem: expect.stringMatching(/present one/),
      })
      expect(await signIn(OLD)).toMatchObject({ status: 'welcome' })
    })

    it('S-23 guessing the present password in a stolen session is slowed and audited, and does not slow the sign-in', async () => {
      const { db } = database
      const { account, change, signIn } = await signedIn(db)
      for (let n = 0; n < 10; n++) expect(await change({ present: 'wrong' })).toEqual({ status: 'wrong' })
      expect(await change()).toMatchObject({ status: 'later', retryAfterMs: expect.any(Number) })
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.result, 'refused')))
        .orderBy(desc(auditEvents.id))
      expect(event).toMatchObject({ action: 'account.password-changed', details: { why: 'limited' } })
      expect(await signIn(OLD)).toMatchObject({ status: 'welcome' })
    })

    it('S-23 of the devices that were known, only the one at hand is after a change of the password', async () => {
      const { db } = database
      const { account, change } = await signedIn(db)
      const here = await rememberDevice(db, account.id, undefined)
      const there = await rememberDevice(db, account.id, undefined)
      await change({ deviceToken: here })
      const from = (deviceToken: string) =>
        checkSignIn(db, { email: account.email, password: NEW, client: aClient(), deviceToken }, { limits, passwords })
      expect(await from(here)).toMatchObject({ status: 'welcome', knownDevice: true })
      expect(await from(there)).toMatchObject({ status: 'welcome', knownDevice: false })
    })

    it('S-13 a network that is blocked meanwhile gets no new token, and the password stays', async () => {
      const { db } = database
      const { change, signIn } = await signedIn(db)
      const slow = {
        ...passwords,
        hash: async (password: string) => {
          await blockNetwork(db, { network: '203.0.113.192/26', reason: 'attack' }, SYSTEM)
          return passwords.hash(password)
        },
      }
      const client = aClient({ ip: '203.0.113.200' })
      expect(await change({ client }, { limits, passwords: slow })).toEqual({ status: 'wrong' })
      expect(await signIn(OLD)).toMatchObject({ status: 'welcome' })
    })

    it('S-27 a password that somebody changed meanwhile is not overwritten', async () => {
      const { db } = database
      const { change, signIn } = await signedIn(db)
      const slow = {
        ...passwords,
        hash: async (password: string) => {
          await change({ next: 'four brave lanterns drift' })
          return passwords.hash(password)
        },
      }
      expect(await change({}, { limits, passwords: slow })).toEqual({ status: 'wrong' })
      expect(await signIn('four brave lanterns drift')).toMatchObject({ status: 'welcome' })
    })

    it('S-13 a session that is signed out meanwhile does not come back under a new token', async () => {
      const { db } = database
      const { own, change, signIn } = await signedIn(db)
      const slow = {
        ...passwords,
        hash: async (password: string) => {
          await revokeSession(db, own.session.id, SYSTEM, 'stolen')
          return passwords.hash(password)
        },
      }
      expect(await change({}, { limits, passwords: slow })).toEqual({ status: 'wrong' })
      expect(await signIn(OLD)).toMatchObject({ status: 'welcome' })
    })

    it('S-13 is asked for again where another device signed all others out meanwhile and spared this one', async () => {
      const { db } = database
      const { account, own, change, signIn } = await signedIn(db)
      const slow = {
        ...passwords,
        hash: async (password: string) => {
          await revokeAccountSessions(db, account.id, SYSTEM, null, { except: own.session.id })
          return passwords.hash(password)
        },
      }
      expect(await change({ signOutOthers: false }, { limits, passwords: slow })).toEqual({ status: 'wrong' })
      expect(await signIn(OLD)).toMatchObject({ status: 'welcome' })
    })

    it('S-10 a block that comes meanwhile stays, and no session comes of it', async () => {
      const { db } = database
      const { account, change, signIn } = await signedIn(db)
      const slow = {
        ...passwords,
        hash: async (password: string) => {
          await blockAccount(db, account.id, { reason: 'stolen' }, SYSTEM)
          return passwords.hash(password)
        },
      }
      expect(await change({}, { limits, passwords: slow })).toEqual({ status: 'wrong' })
      expect(await findAccount(db, account.id)).toMatchObject({ status: 'blocked' })
      await liftAccountBlock(db, account.id, null, SYSTEM)
      expect(await signIn(OLD)).toMatchObject({ status: 'welcome' })
    })
  })

  eachPostgres((database) => {
    it('S-74 waits for a use of the session that is being written down, and keeps it from nothing', async () => {
      const nodes = await database.twoConnections()
      const { own, change } = await signedIn(nodes[1])
      const { id } = own.session
      const use = { id, secondsAgo: 0, ip: '198.51.100.77', requests: 1 }
      const changed = await whileItWaits(
        nodes,
        (tx) => tx.execute(sql`select 1 from session_activity where session_id = ${id} for no key update`),
        () => change({ signOutOthers: false }),
        async (tx) => {
          // As the foreign key of an address that it moved to does.
          await tx.execute(sql`select 1 from sessions where id = ${id} for key share nowait`)
          expect(await touchSessions(tx, [use], () => UNKNOWN_PLACE)).toEqual([])
        },
      )
      expect(changed).toMatchObject({ status: 'changed' })
      expect(await findSession(database.db, id)).toMatchObject({ state: 'ended', lastIp: use.ip })
    })
  })
})
