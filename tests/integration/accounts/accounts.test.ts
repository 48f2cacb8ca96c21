import { and, eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createAccount, updateAccount } from '../../../src/accounts/accounts.js'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { findOrCreateAccount } from '../../../src/accounts/identities.js'
import { countAccounts, listAccounts, withMeant } from '../../../src/accounts/list.js'
import { inviteAccount } from '../../../src/accounts/passwords/invitations.js'
import { findAccount, findAccountByEmail } from '../../../src/accounts/read.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AccountId, newId } from '../../../src/db/ids.js'
import { BadCursor, writeCursor } from '../../../src/db/page.js'
import { accounts, auditEvents } from '../../../src/db/schema.js'
import { startSession } from '../../../src/sessions/start.js'
import { acting, anAccount, anApp, anOwner, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { atTheSameTime, lockRowNow, whileItWaits } from './interleave.js'

const names = async (
  db: Database,
  ...of: Parameters<typeof listAccounts> extends [unknown, ...infer Rest] ? Rest : never
) => (await listAccounts(db, ...of)).items.map(({ name }) => name)

describe('accounts', () => {
  eachDatabase((database) => {
    it('S-54 one address makes one account, in every spelling', async () => {
      const { db } = database
      const made = await createAccount(db, { email: 'Ada@Example.com', name: ' Ada\nByrne ' }, SYSTEM)
      expect(made).toMatchObject({
        status: 'created',
        account: { email: 'Ada@Example.com', name: 'Ada Byrne', role: 'person', status: 'active', hasPassword: false },
      })
      expect(await createAccount(db, { email: ' ada@EXAMPLE.com', name: 'Other' }, SYSTEM)).toMatchObject({
        status: 'exists',
        account: { id: made.status === 'created' && made.account.id },
      })
      expect(await findAccountByEmail(db, 'ａda@example.com')).toMatchObject({ name: 'Ada Byrne' })
    })

    it('an account needs no address, but a name; an address must be one', async () => {
      const { db } = database
      expect(await createAccount(db, { name: 'No Address' }, SYSTEM)).toMatchObject({
        status: 'created',
        account: { email: null },
      })
      expect(await createAccount(db, { name: 'No Address' }, SYSTEM)).toMatchObject({ status: 'created' })
      expect(await createAccount(db, { name: ' \u0000 ' }, SYSTEM)).toMatchObject({ status: 'invalid', path: 'name' })
      expect(await createAccount(db, { name: 'x', email: 'x' }, SYSTEM)).toMatchObject({
        status: 'invalid',
        path: 'email',
      })
    })

    it('S-35 only an owner makes an account with a role in the panel', async () => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      expect(await createAccount(db, { name: 'x', role: 'owner' }, by)).toEqual({
        status: 'refused',
        why: 'not-allowed',
      })
      expect(await createAccount(db, { name: 'x', role: 'owner' }, await acting(db, await anOwner(db)))).toMatchObject({
        status: 'created',
      })
    })

    it('S-62 who may not make or change an account is in the audit log', async () => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      const owner = await anOwner(db)
      await createAccount(db, { name: 'Way Up', role: 'owner' }, by)
      await updateAccount(db, owner.id, { name: 'Mallory' }, by)
      const refused = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.actorId, 'id' in by ? by.id : ''), eq(auditEvents.result, 'refused')))
        .orderBy(auditEvents.id)
      expect(refused).toMatchObject([
        { action: 'account.created', targetName: 'Way Up', details: { after: { role: 'owner' }, why: 'not-allowed' } },
        { action: 'account.updated', accountId: owner.id, details: { why: 'not-allowed' } },
      ])
    })

    it('S-62 a change is audited with before and after, of what changed alone', async () => {
      const { db } = database
      const account = await anAccount(db, { name: 'Before' })
      expect(await updateAccount(db, account.id, { name: 'After' }, SYSTEM)).toMatchObject({
        status: 'changed',
        account: { name: 'After', email: account.email },
      })
      expect(await updateAccount(db, account.id, { name: 'After' }, SYSTEM)).toMatchObject({ status: 'unchanged' })
      const events = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.action, 'account.updated')))
      expect(events.map(({ details }) => details)).toEqual([{ before: { name: 'Before' }, after: { name: 'After' } }])
    })

    it('an address that another account has is not given twice', async () => {
      const { db } = database
      const [one, other] = [await anAccount(db), await anAccount(db)]
      expect(await updateAccount(db, other.id, { email: one.email.toUpperCase() }, SYSTEM)).toMatchObject({
        status: 'exists',
        account: { id: one.id },
      })
      expect(await updateAccount(db, one.id, { email: one.email.toUpperCase() }, SYSTEM)).toMatchObject({
        status: 'changed',
      })
      expect(await updateAccount(db, newId<AccountId>(), { name: 'x' }, SYSTEM)).toBeUndefined()
    })

    it('S-35 a responder changes people, but no admin', async () => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      for (const role of ['viewer', 'owner'] as const) {
        const admin = await anAccount(db, { role })
        expect(await updateAccount(db, admin.id, { email: 'taken-over@example.com' }, by)).toEqual({
          status: 'refused',
          why: 'not-allowed',
        })
      }
      expect(await updateAccount(db, (await anAccount(db)).id, { name: 'New' }, by)).toMatchObject({
        status: 'changed',
      })
      const viewer = await acting(db, await anAccount(db, { role: 'viewer' }))
      expect(await updateAccount(db, (await anAccount(db)).id, { name: 'New' }, viewer)).toEqual({
        status: 'refused',
        why: 'not-allowed',
      })
    })

    it('S-32 who signs in here keeps an address, the last owner too', async () => {
      const { db } = database
      for (const account of [
        await anOwner(db),
        await anAccount(db, { password: 'x' }),
        await anAccount(db, { role: 'viewer' }),
      ]) {
        expect(await updateAccount(db, account.id, { email: null }, SYSTEM)).toMatchObject({
          status: 'invalid',
          path: 'email',
        })
      }
    })

    it('S-27 nobody changes the own address without the present password', async () => {
      const { db } = database
      const owner = await anOwner(db)
      const by = await acting(db, owner)
      expect(await updateAccount(db, owner.id, { email: 'new@example.com' }, by)).toEqual({
        status: 'refused',
        why: 'not-allowed',
      })
      expect(await updateAccount(db, owner.id, { name: 'New Name' }, by)).toMatchObject({ status: 'changed' })
    })

    it('are listed by name, forth and back, with their live sessions', async () => {
      const { db } = database
      await db.update(accounts).set({ name: sql`'zz ' || ${accounts.name}` })
      const made = []
      for (const name of ['carol', 'Ada', 'bob', 'Dan', 'ada']) made.push(await anAccount(db, { name }))
      const [, ada] = made
      await aSession(db, { ...(ada ? { account: ada } : {}) })
      await aSession(db, { ...(ada ? { account: ada } : {}), idleFor: '30 days' })
      const first = await listAccounts(db, {}, { limit: 3 })
      expect(first.items.map(({ name }) => name.toLowerCase())).toEqual(['ada', 'ada', 'bob'])
      expect(first.items.find(({ id }) => id === ada?.id)).toMatchObject({
        liveSessions: 1,
        lastSeenAt: expect.any(Date),
      })
      expect(first.items.find(({ id }) => id !== ada?.id)).toMatchObject({ liveSessions: 0, lastSeenAt: null })
      expect(first.previous).toBeNull()
      const second = await listAccounts(db, {}, { limit: 2, after: first.next ?? '' })
      expect(second.items.map(({ name }) => name)).toEqual(['carol', 'Dan'])
      const back = await listAccounts(db, {}, { limit: 3, before: second.previous ?? '' })
      expect(back.items).toEqual(first.items)
      expect(back.previous).toBeNull()
    })

    it('are found by a part of the name or the address, by role and by status', async () => {
      const { db } = database
      const q = 'Needle'
      await anAccount(db, { name: 'Needle 100%', email: 'first@example.com' })
      await anAccount(db, { name: 'Second', email: 'needle_x@example.com' })
      const admin = await anAccount(db, { name: 'Needle Admin', role: 'viewer' })
      const gone = await anAccount(db, { name: 'Needle Blocked' })
      await blockAccount(db, gone.id, { reason: 'x' }, SYSTEM)
      await inviteAccount(db, { email: 'needle-invited@example.com', name: 'Invited', role: 'person' }, SYSTEM)
      expect(await names(db, { q })).toEqual(['Invited', 'Needle 100%', 'Needle Admin', 'Needle Blocked', 'Second'])
      expect(await names(db, { q: '100%' })).toEqual(['Needle 100%'])
      expect(await names(db, { q: 'needle_' })).toEqual(['Second'])
      expect(await names(db, { q, admins: true })).toEqual(['Needle Admin'])
      expect(await names(db, { q, role: 'person', status: 'active' })).toEqual(['Needle 100%', 'Second'])
      expect(await names(db, { q, status: 'blocked' })).toEqual(['Needle Blocked'])
      expect(await names(db, { q, status: 'invited' })).toEqual(['Invited'])
      expect(await names(db, { q: admin.id })).toEqual(['Needle Admin'])
      expect(await countAccounts(db, { q, status: 'active' })).toEqual({ n: 3, how: 'exact' })
      expect(await countAccounts(db, { q })).toEqual({ n: 5, how: 'exact' })
    })

    it('of whom many are meant, a page looks for so many, and says that there are more', async () => {
      const { db } = database
      for (let n = 0; n < 5; n++) await anAccount(db, { name: `Quorum ${n}`, email: `quorum.${n}@many.example` })
      for (const q of ['quorum', 'qu', 'many.example', 'qu quo']) {
        const few = await withMeant(db, { q }, 3)
        const found = await names(db, few)
        expect(found, q).toHaveLength(3)
        expect(found, q).toEqual([...found].sort())
        expect(await countAccounts(db, few), q).toEqual({ n: 3, how: 'over' })
        expect(await countAccounts(db, await withMeant(db, { q }, 5)), q).toEqual({ n: 5, how: 'exact' })
      }
      expect(await names(db, { q: 'quorum.4@many' })).toEqual(['Quorum 4'])
      expect(await names(db, { q: 'rum.4@many.ex' })).toEqual(['Quorum 4'])
      expect(await names(db, { q: 'quorum.4@more' })).toEqual([])
      const narrowed = await withMeant(db, { q: 'quorum', role: 'person' }, 3)
      expect(await names(db, narrowed), 'what narrows too needs all').toHaveLength(5)
    })

    it('S-56 a cursor that was made up, or is of another list, is refused', async () => {
      const { db } = database
      const list = 'accounts'
      const madeUp = writeCursor({ list }, ['not an id'])
      for (const after of ['x', '', madeUp, writeCursor({ list, q: 'other' }, [newId()])]) {
        await expect(listAccounts(db, {}, { after })).rejects.toThrow(BadCursor)
      }
    })

    it('an id that is not there is no account', async () => {
      expect(await findAccount(database.db, newId<AccountId>())).toBeUndefined()
      expect(await findAccountByEmail(database.db, 'not an address')).toBeUndefined()
    })
  })

  eachPostgres((database) => {
    it('of two who take one new address at once, one hears that it exists', async () => {
      const two = await database.twoConnections()
      const [ada, bob] = [await anAccount(two[0]), await anAccount(two[0])]
      const email = `both.${ada.id}@example.com`
      const [first, second] = await atTheSameTime(
        two,
        (tx) => updateAccount(tx, ada.id, { email }, SYSTEM),
        (db) => updateAccount(db, bob.id, { email }, SYSTEM),
      )
      expect(first).toMatchObject({ status: 'changed' })
      expect(second).toMatchObject({ status: 'exists', account: { id: ada.id } })
      expect(await findAccount(two[0], bob.id)).toMatchObject({ email: bob.email })
    })

    it('S-74 a new address waits for a first sign-in by an app, and keeps it from nothing', async () => {
      const two = await database.twoConnections()
      const [{ id, generation }, appId] = [await anAccount(database.db), await anApp(database.db)]
      const email = `new.${id}@example.com`
      const changed = await whileItWaits(
        two,
        (tx) => findOrCreateAccount(tx, appId, { id, externalId: 'u-1' }, SYSTEM),
        (db) => updateAccount(db, id, { email }, SYSTEM),
        async (tx) => {
          await lockRowNow(tx, accounts, id)
          const signIn = { account: { id, generation }, appId, client: aClient(), method: 'app', by: SYSTEM }
          expect(await startSession(tx, signIn)).toMatchObject({ status: 'started' })
        },
      )
      expect(changed).toMatchObject({ status: 'changed', account: { email } })
    })

    it('an account that is made while another takes its address exists', async () => {
      const two = await database.twoConnections()
      const ada = await anAccount(two[0])
      const email = `one.${ada.id}@example.com`
      const [, second] = await atTheSameTime(
        two,
        (tx) => updateAccount(tx, ada.id, { email }, SYSTEM),
        (db) => createAccount(db, { email, name: 'Late' }, SYSTEM),
      )
      expect(second).toMatchObject({ status: 'exists', account: { id: ada.id } })
    })

    it('S-54 two accounts with one address at once: one is made, the other hears that it exists', async () => {
      const two = await database.twoConnections()
      const wanted = { email: 'at-once@example.com', name: 'Ada' }
      const [first, second] = await atTheSameTime(
        two,
        (tx) => createAccount(tx, wanted, SYSTEM),
        (db) => createAccount(db, wanted, SYSTEM),
      )
      expect([first.status, second.status]).toEqual(['created', 'exists'])
    })
  })
})
