import { and, eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { findAccount } from '../../../src/accounts/read.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { type Actor, SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { accounts, auditEvents } from '../../../src/db/schema.js'
import { acting, anAccount, anOwner, aSession, type TestAccount } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { aVerifier } from '../../support/verifier.js'
import { atTheSameTime } from './interleave.js'

const fail = (error: unknown) => {
  throw error
}

/** Nobody else may be an owner when one counts them. */
const alone = (db: Database) => db.update(accounts).set({ role: 'person' }).where(eq(accounts.role, 'owner'))
const roleOf = async (db: Database, { id }: TestAccount) => (await findAccount(db, id))?.role
const owners = (db: Database) =>
  db.$count(
    accounts,
    and(
      eq(accounts.role, 'owner'),
      sql`not exists (select 1 from blocks b where b.account_id = accounts.id and b.lifted_at is null)`,
    ),
  )

describe('roles', () => {
  eachDatabase((database) => {
    it('S-31 a change of role ends the sessions of the account, and the audit log has both roles', async () => {
      const { db } = database
      const by = await acting(db, await anOwner(db))
      const { account, token } = await aSession(db, { account: await anAccount(db, { role: 'responder' }) })
      expect(await changeRole(db, account.id, 'viewer', by)).toMatchObject({
        status: 'changed',
        account: { role: 'viewer' },
      })
      expect(await aVerifier(db, fail).verify(token)).toEqual({ status: 'denied', reason: 'ended' })
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.action, 'account.role-changed')))
      expect(event?.details).toEqual({ before: { role: 'responder' }, after: { role: 'viewer' }, ended: 1 })
    })

    it('S-31 who was an owner a moment ago changes no role any more, whatever their session knew', async () => {
      const { db } = database
      await anOwner(db)
      const former = await anOwner(db)
      const by = await acting(db, former)
      await changeRole(db, former.id, 'viewer', SYSTEM)
      const target = await anAccount(db)
      expect(await changeRole(db, target.id, 'owner', by)).toEqual({ status: 'refused', why: 'not-allowed' })
      expect(await roleOf(db, target)).toBe('person')
    })

    it('S-31 a blocked owner changes no role', async () => {
      const { db } = database
      await anOwner(db)
      const blocked = await anOwner(db)
      const by = await acting(db, blocked)
      await blockAccount(db, blocked.id, { reason: 'stolen' }, SYSTEM)
      expect(await changeRole(db, (await anAccount(db)).id, 'viewer', by)).toEqual({
        status: 'refused',
        why: 'not-allowed',
      })
    })

    it.each(['person', 'viewer', 'responder'] as const)(
      'S-35 a %s changes no role, the own one neither',
      async (role) => {
        const { db } = database
        const account = await anAccount(db, { role })
        const by = await acting(db, account)
        expect(await changeRole(db, account.id, 'owner', by)).toEqual({ status: 'refused', why: 'not-allowed' })
        expect(await changeRole(db, (await anAccount(db)).id, 'viewer', by)).toEqual({
          status: 'refused',
          why: 'not-allowed',
        })
        expect(await roleOf(db, account)).toBe(role)
      },
    )

    it('S-35 an owner does not change the own role', async () => {
      const { db } = database
      await anOwner(db)
      const owner = await anOwner(db)
      expect(await changeRole(db, owner.id, 'viewer', await acting(db, owner))).toEqual({
        status: 'refused',
        why: 'self',
      })
    })

    it('S-35 a refused change of role is in the audit log', async () => {
      const { db } = database
      const account = await anAccount(db, { role: 'responder' })
      await changeRole(db, account.id, 'owner', await acting(db, account))
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.result, 'refused')))
      expect(event).toMatchObject({
        action: 'account.role-changed',
        actorId: account.id,
        details: { why: 'not-allowed' },
      })
    })

    it('S-32 the last owner is not demoted, by nobody', async () => {
      const { db } = database
      await alone(db)
      const last = await anOwner(db)
      expect(await changeRole(db, last.id, 'viewer', TERMINAL)).toEqual({ status: 'refused', why: 'last-owner' })
      expect(await roleOf(db, last)).toBe('owner')
    })

    it('S-32 an owner who is blocked, or has no password yet, does not count as another one', async () => {
      const { db } = database
      await alone(db)
      const last = await anOwner(db)
      await blockAccount(db, (await anOwner(db)).id, { reason: 'stolen' }, SYSTEM)
      await anAccount(db, { role: 'owner' })
      expect(await changeRole(db, last.id, 'viewer', SYSTEM)).toEqual({ status: 'refused', why: 'last-owner' })
      expect(await blockAccount(db, last.id, { reason: 'test' }, SYSTEM)).toEqual({
        status: 'refused',
        why: 'last-owner',
      })
    })
  })

  eachPostgres((database) => {
    const twoOwners = async (db: Database): Promise<[TestAccount, Actor, TestAccount, Actor]> => {
      await alone(db)
      const [ada, bob] = [await anOwner(db), await anOwner(db)]
      return [ada, await acting(db, ada), bob, await acting(db, bob)]
    }

    it('S-32 of two owners who demote each other at once, one is refused', async () => {
      const two = await database.twoConnections()
      const [ada, byAda, bob, byBob] = await twoOwners(two[0])
      const [first, second] = await atTheSameTime(
        two,
        (tx) => changeRole(tx, bob.id, 'viewer', byAda),
        (db) => changeRole(db, ada.id, 'viewer', byBob),
      )
      expect(first).toMatchObject({ status: 'changed' })
      expect(second).toMatchObject({ status: 'refused' })
      expect(await owners(two[0])).toBe(1)
    })

    it('S-32 of two owners whom the server demotes at once, one stays', async () => {
      const two = await database.twoConnections()
      const [ada, , bob] = await twoOwners(two[0])
      const [, second] = await atTheSameTime(
        two,
        (tx) => changeRole(tx, bob.id, 'viewer', SYSTEM),
        (db) => changeRole(db, ada.id, 'viewer', SYSTEM),
      )
      expect(second).toEqual({ status: 'refused', why: 'last-owner' })
      expect(await owners(two[0])).toBe(1)
    })

    it('S-32 of two owners who block each other at once, one is refused', async () => {
      const two = await database.twoConnections()
      const [ada, byAda, bob, byBob] = await twoOwners(two[0])
      const [first, second] = await atTheSameTime(
        two,
        (tx) => blockAccount(tx, bob.id, { reason: 'one' }, byAda),
        (db) => blockAccount(db, ada.id, { reason: 'other' }, byBob),
      )
      expect(first).toMatchObject({ status: 'blocked' })
      expect(second).toMatchObject({ status: 'refused' })
      expect(await owners(two[0])).toBe(1)
    })

    it('S-32 one is blocked while the other is demoted: one owner stays', async () => {
      const two = await database.twoConnections()
      const [ada, , bob] = await twoOwners(two[0])
      const [, second] = await atTheSameTime(
        two,
        (tx) => blockAccount(tx, bob.id, { reason: 'one' }, SYSTEM),
        (db) => changeRole(db, ada.id, 'person', SYSTEM),
      )
      expect(second).toEqual({ status: 'refused', why: 'last-owner' })
      expect(await owners(two[0])).toBe(1)
    })
  })
})
