import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { acceptInvitation } from '../../../src/accounts/passwords/invitations.js'
import { completeSetup, ensureOwner, ensureSetupLink, isSetupLink } from '../../../src/accounts/passwords/setup.js'
import { findAccountByEmail } from '../../../src/accounts/read.js'
import { checkSignIn } from '../../../src/accounts/signIn.js'
import { unlockOwner } from '../../../src/accounts/unlock.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { accounts, auditEvents, setupLinks } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { startSession } from '../../../src/sessions/start.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { quickPasswords } from '../../support/passwords.js'
import { atTheSameTime } from './interleave.js'

const PASSWORD = 'purple monkey dishwasher'
const passwords = quickPasswords()
const limits = createLimits()
const owner = (name = 'Olga Owner') => ({ email: `${name.replace(' ', '.')}@example.com`, name, password: PASSWORD })
const complete = (db: Database, token: string, who = owner()) => completeSetup(db, token, who, aClient(), passwords)
const signIn = (db: Database, email: string, password = PASSWORD) =>
  checkSignIn(db, { email, password, client: aClient() }, { limits, passwords })

/** An installation that nobody owns. */
const unowned = (db: Database) => db.update(accounts).set({ role: 'person' }).where(eq(accounts.role, 'owner'))
const link = async (db: Database) => {
  await unowned(db)
  const made = await ensureSetupLink(db)
  if (!made) throw new Error('no link')
  return made.token
}
const owners = (db: Database) => db.$count(accounts, eq(accounts.role, 'owner'))

describe('the first owner', () => {
  eachDatabase((database) => {
    it('S-24 the link makes an owner who can start a session, once', async () => {
      const { db } = database
      const token = await link(db)
      const done = await complete(db, token)
      if (done.status !== 'completed') throw new Error(done.status)
      const started = await startSession(db, {
        account: done.account,
        appId: BUILT_IN_APP,
        client: aClient(),
        method: 'setup',
      })
      expect(started).toMatchObject({ status: 'started', session: { account: { role: 'owner', name: 'Olga Owner' } } })
      expect(await complete(db, token, owner('Second Try'))).toEqual({ status: 'void' })
      expect(await signIn(db, owner().email)).toMatchObject({ status: 'welcome' })
    })

    it('S-24 looking at the link uses nothing up', async () => {
      const { db } = database
      const token = await link(db)
      for (let n = 0; n < 3; n++) expect(await isSetupLink(db, token)).toBe(true)
    })

    it('S-24 a weak password, a name or an address that is none uses nothing up', async () => {
      const { db } = database
      const token = await link(db)
      expect(await complete(db, token, { ...owner(), password: 'password1234' })).toMatchObject({ status: 'weak' })
      expect(await complete(db, token, { ...owner(), name: ' ' })).toMatchObject({ status: 'invalid', path: 'name' })
      expect(await complete(db, token, { ...owner(), email: 'olga' })).toMatchObject({
        status: 'invalid',
        path: 'email',
      })
      expect(await isSetupLink(db, token)).toBe(true)
    })

    it('S-24 a link of 24 hours ago, a made-up one and the one before the last are void', async () => {
      const { db } = database
      const [older, token] = [await link(db), await link(db)]
      expect(await complete(db, older)).toEqual({ status: 'void' })
      expect(await complete(db, 'A'.repeat(43))).toEqual({ status: 'void' })
      expect(await complete(db, '')).toEqual({ status: 'void' })
      await db.update(setupLinks).set({ expiresAt: sql`${setupLinks.expiresAt} - interval '24 hours'` })
      expect(await complete(db, token)).toEqual({ status: 'void' })
      expect(await owners(db)).toBe(0)
    })

    it('S-24 there is no link, and an old one is void, once there is an owner', async () => {
      const { db } = database
      const token = await link(db)
      await anOwner(db)
      expect(await isSetupLink(db, token)).toBe(false)
      expect(await complete(db, token)).toEqual({ status: 'void' })
      expect(await ensureSetupLink(db)).toBeUndefined()
    })

    it('S-13 S-24 a blocked network makes no owner and uses nothing up', async () => {
      const { db } = database
      const token = await link(db)
      const blocked = await blockNetwork(db, { network: '192.0.2.0/24', reason: 'attack' }, SYSTEM)
      if (blocked.status !== 'blocked') throw new Error(blocked.why)
      expect(await complete(db, token, owner('Mallory Away'))).toEqual({ status: 'blocked' })
      expect(await owners(db)).toBe(0)
      await liftBlock(db, blocked.block.id, null, SYSTEM)
      expect(await complete(db, token, owner('Olga Back'))).toMatchObject({ status: 'completed' })
    })

    it('S-61 only the hash of the link is stored', async () => {
      const { db } = database
      const token = await link(db)
      const [row] = await db.select().from(setupLinks)
      expect(Buffer.from(row?.tokenHash ?? []).toString('latin1')).not.toContain(token)
      expect(row?.tokenHash).toHaveLength(32)
    })

    it('the owner of the configuration is made once, and the variables change nothing later', async () => {
      const { db } = database
      await unowned(db)
      expect(await ensureOwner(db, { email: 'env@example.com', password: PASSWORD }, passwords)).toEqual({
        status: 'created',
      })
      expect(await ensureOwner(db, { email: 'other@example.com', password: PASSWORD }, passwords)).toEqual({
        status: 'exists',
      })
      expect(await signIn(db, 'env@example.com')).toMatchObject({ status: 'welcome', account: { role: 'owner' } })
      expect(await findAccountByEmail(db, 'other@example.com')).toBeUndefined()
    })

    it('S-22 the owner of the configuration needs a good password too', async () => {
      const { db } = database
      await unowned(db)
      expect(await ensureOwner(db, { email: 'env2@example.com', password: 'password1234' }, passwords)).toMatchObject({
        status: 'weak',
      })
      expect(await owners(db)).toBe(0)
    })

    it('an account that an app made becomes the owner, when the address is the same', async () => {
      const { db } = database
      const token = await link(db)
      const there = await anAccount(db, { email: 'early@example.com' })
      expect(await complete(db, token, { ...owner(), email: 'Early@Example.com' })).toMatchObject({
        status: 'completed',
        account: { id: there.id },
      })
    })

    it('S-37 the terminal makes an owner and gives a link to set a password; the audit log says who', async () => {
      const { db } = database
      await unowned(db)
      const unlocked = await unlockOwner(db, { email: 'terminal@example.com' })
      if (unlocked.status !== 'unlocked') throw new Error(unlocked.status)
      expect(unlocked.did).toEqual({ created: true, promoted: false, blockLifted: false, networksLifted: 0 })
      expect(await acceptInvitation(db, unlocked.token, PASSWORD, aClient(), passwords)).toMatchObject({
        status: 'accepted',
      })
      expect(await signIn(db, 'terminal@example.com')).toMatchObject({ status: 'welcome', account: { role: 'owner' } })
      const [event] = await db.select().from(auditEvents).where(eq(auditEvents.action, 'account.unlocked'))
      expect(event).toMatchObject({ actorKind: 'terminal', targetId: unlocked.account.id })
    })

    it('S-37 the terminal lifts the block of an owner, promotes who is none, and lets a waiting one in at once', async () => {
      const { db } = database
      await anOwner(db)
      const locked = await anAccount(db, { role: 'viewer', password: PASSWORD })
      await blockAccount(db, locked.id, { reason: 'by mistake' }, SYSTEM)
      for (let n = 0; n < 7; n++) await signIn(db, locked.email, 'x')
      expect(await signIn(db, locked.email)).toMatchObject({ status: 'later' })
      expect(await unlockOwner(db, { email: locked.email })).toMatchObject({
        account: { role: 'owner', block: null },
        did: { created: false, promoted: true, blockLifted: true, networksLifted: 0 },
      })
      expect(await signIn(db, locked.email)).toMatchObject({ status: 'welcome', account: { role: 'owner' } })
    })

    it('S-31 S-37 whom the terminal makes an owner has no session from before; who was one keeps theirs', async () => {
      const { db } = database
      const person = await aSession(db)
      const owner = await aSession(db, { account: await anOwner(db) })
      for (const { account } of [person, owner]) await unlockOwner(db, { email: account.email ?? '' })
      expect((await findSession(db, person.session.id))?.end).toMatchObject({ reason: 'role-changed' })
      expect(await findSession(db, owner.session.id)).toMatchObject({ state: 'live' })
    })
  })

  eachPostgres((database) => {
    it('S-24 of two who open the link at once, one becomes the owner', async () => {
      const two = await database.twoConnections()
      const token = await link(two[0])
      const [first, second] = await atTheSameTime(
        two,
        (tx) => complete(tx, token, owner('Ada One')),
        (db) => complete(db, token, owner('Bob Two')),
      )
      expect(first).toMatchObject({ status: 'completed' })
      expect(second).toEqual({ status: 'void' })
      expect(await owners(two[0])).toBe(1)
    })

    it('S-24 the link and the configuration at once: one owner', async () => {
      const two = await database.twoConnections()
      const token = await link(two[0])
      const [first, second] = await atTheSameTime(
        two,
        (tx) => ensureOwner(tx, { email: 'unattended@example.com', password: PASSWORD }, passwords),
        (db) => complete(db, token, owner('Late Comer')),
      )
      expect(first).toEqual({ status: 'created' })
      expect(second).toEqual({ status: 'void' })
      expect(await owners(two[0])).toBe(1)
    })
  })
})
