import { and, eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { updateAccount } from '../../../src/accounts/accounts.js'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { rememberDevice } from '../../../src/accounts/knownDevices.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { changePassword } from '../../../src/accounts/passwords/changePassword.js'
import {
  acceptInvitation,
  findInvitation,
  inviteAccount,
  renewInvitation,
} from '../../../src/accounts/passwords/invitations.js'
import { findAccount } from '../../../src/accounts/read.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { checkSignIn } from '../../../src/accounts/signIn.js'
import type { Role } from '../../../src/accounts/types.js'
import { unlockOwner } from '../../../src/accounts/unlock.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AccountId, newId } from '../../../src/db/ids.js'
import { auditEvents, invitations } from '../../../src/db/schema.js'
import { acting, anAccount, anOwner, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { quickPasswords } from '../../support/passwords.js'
import { aVerifier } from '../../support/verifier.js'
import { atTheSameTime } from './interleave.js'

const PASSWORD = 'purple monkey dishwasher'
const OTHER = 'seven quiet harbours at dusk'
const passwords = quickPasswords()
const limits = createLimits()
let count = 0
const invite = async (db: Database, role: Role = 'person') => {
  count += 1
  const invited = await inviteAccount(db, { email: `invited${count}@example.com`, name: 'Ida New', role }, SYSTEM)
  if (invited.status !== 'invited') throw new Error(invited.status)
  return invited
}
const renew = async (db: Database, id: AccountId) => {
  const renewed = await renewInvitation(db, id, SYSTEM)
  if (renewed?.status !== 'invited') throw new Error(renewed?.status)
  return renewed
}
const accept = (db: Database, token: string, password = PASSWORD) =>
  acceptInvitation(db, token, password, aClient(), passwords)
const signIn = (db: Database, email: string | null, password = PASSWORD) =>
  checkSignIn(db, { email: email ?? '', password, client: aClient({ ip: `10.7.${++count}.1` }) }, { limits, passwords })
const fail = (error: unknown) => {
  throw error
}

describe('invitations and links for a new password', () => {
  eachDatabase((database) => {
    it('S-25 a link sets the first password, once', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      expect(account).toMatchObject({ status: 'invited', hasPassword: false })
      expect(await accept(db, token)).toMatchObject({ status: 'accepted', account: { id: account.id } })
      expect(await accept(db, token, OTHER)).toEqual({ status: 'void' })
      expect(await signIn(db, account.email)).toMatchObject({ status: 'welcome' })
      expect(await findAccount(db, account.id)).toMatchObject({ status: 'active', hasPassword: true })
    })

    it('S-25 opening the link uses nothing up', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      for (let n = 0; n < 3; n++) expect(await findInvitation(db, token)).toMatchObject({ account: { id: account.id } })
      expect(await accept(db, token)).toMatchObject({ status: 'accepted' })
      expect(await findInvitation(db, token)).toBeUndefined()
    })

    it('S-25 a weak password uses nothing up', async () => {
      const { db } = database
      const { token } = await invite(db)
      expect(await accept(db, token, 'password1234')).toMatchObject({ status: 'weak' })
      expect(await accept(db, token)).toMatchObject({ status: 'accepted' })
    })

    it('S-25 a link lasts seven days', async () => {
      const { db } = database
      const { account, token, expiresAt } = await invite(db)
      expect(Math.round((expiresAt.getTime() - account.createdAt.getTime()) / 86_400_000)).toBe(7)
      await db.update(invitations).set({ expiresAt: sql`now()` }).where(eq(invitations.accountId, account.id))
      expect(await findInvitation(db, token)).toBeUndefined()
      expect(await accept(db, token)).toEqual({ status: 'void' })
      expect(await findAccount(db, account.id)).toMatchObject({ status: 'active', hasPassword: false })
    })

    it('S-25 a link whose time is over while the password is hashed is void', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      const slow = {
        ...passwords,
        hash: async (password: string) => {
          await db.update(invitations).set({ expiresAt: sql`now()` }).where(eq(invitations.accountId, account.id))
          return passwords.hash(password)
        },
      }
      expect(await acceptInvitation(db, token, PASSWORD, aClient(), slow)).toEqual({ status: 'void' })
      expect(await findAccount(db, account.id)).toMatchObject({ hasPassword: false })
    })

    it('S-25 a link holds 256 bits and only its hash is stored', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      expect(Buffer.from(token, 'base64url')).toHaveLength(32)
      const [row] = await db.select().from(invitations).where(eq(invitations.accountId, account.id))
      expect(row?.tokenHash).toHaveLength(32)
      expect(Buffer.from(row?.tokenHash ?? []).equals(Buffer.from(token, 'base64url'))).toBe(false)
      const events = await db.select().from(auditEvents).where(eq(auditEvents.accountId, account.id))
      expect(JSON.stringify(events)).not.toContain(token)
    })

    it.each(['', 'A'.repeat(43), 'A'.repeat(42), `${'A'.repeat(42)}\u0000`, '../../etc/passwd', 'x'.repeat(10_000)])(
      'S-25 a made-up link is void: %j',
      async (token) => {
        expect(await findInvitation(database.db, token)).toBeUndefined()
        expect(await accept(database.db, token)).toEqual({ status: 'void' })
      },
    )

    it('S-25 a new link makes the one before void', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      const again = await renew(db, account.id)
      expect(await accept(db, token)).toEqual({ status: 'void' })
      expect(await accept(db, again.token)).toMatchObject({ status: 'accepted' })
    })

    it('S-25 a change of the e-mail address makes the link void', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      await updateAccount(db, account.id, { email: 'moved@example.com' }, SYSTEM)
      expect(await findInvitation(db, token)).toBeUndefined()
      expect(await accept(db, token)).toEqual({ status: 'void' })
    })

    it('S-25 a change of the password makes a link for a new one void', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      const { token } = await renew(db, account.id)
      const by = await acting(db, account)
      if (by.kind !== 'account') throw new Error(by.kind)
      const change = { present: PASSWORD, next: OTHER, signOutOthers: false, client: aClient() }
      expect(await changePassword(db, account.id, change, by, { limits, passwords })).toMatchObject({
        status: 'changed',
      })
      expect(await accept(db, token)).toEqual({ status: 'void' })
      expect(await signIn(db, account.email, OTHER)).toMatchObject({ status: 'welcome' })
    })

    it('S-10 a new password by link ends what was open with the old one', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      const { token: session } = await aSession(db, { account })
      await accept(db, (await renew(db, account.id)).token, OTHER)
      expect(await aVerifier(db, fail).verify(session)).toEqual({ status: 'denied', reason: 'ended' })
    })

    it('S-25 a new password by link never lifts a block', async () => {
      const { db } = database
      const account = await anAccount(db, { password: PASSWORD })
      await blockAccount(db, account.id, { reason: 'stolen' }, SYSTEM)
      await accept(db, (await renew(db, account.id)).token, OTHER)
      expect(await signIn(db, account.email, OTHER)).toMatchObject({ status: 'blocked' })
    })

    it('S-54 an address that has an account is not invited again, in any spelling', async () => {
      const { db } = database
      const { account } = await invite(db)
      const again = { email: ` ${account.email?.toUpperCase()}`, name: 'Second', role: 'person' as const }
      expect(await inviteAccount(db, again, SYSTEM)).toMatchObject({
        status: 'exists',
        account: { id: account.id, name: 'Ida New' },
      })
    })

    it("S-54 an invitation says when the address looks like an owner's", async () => {
      const { db } = database
      await anOwner(db, { name: 'Olga Owner', email: 'olga@example.com' })
      const invited = await inviteAccount(db, { email: '0lga@example.com', name: 'Olga Owner', role: 'person' }, SYSTEM)
      expect(invited).toMatchObject({ warning: expect.stringMatching(/looks like that of the owner Olga Owner/) })
      expect((await invite(db)).warning).toBeNull()
    })

    it('S-35 a responder invites people, but nobody into the panel, and makes no link for an admin', async () => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role: 'responder' }))
      const refused = { status: 'refused', why: 'not-allowed' }
      expect(await inviteAccount(db, { email: 'r1@example.com', name: 'R', role: 'person' }, by)).toMatchObject({
        status: 'invited',
      })
      expect(await inviteAccount(db, { email: 'r2@example.com', name: 'R', role: 'viewer' }, by)).toEqual(refused)
      expect(await renewInvitation(db, (await anOwner(db)).id, by)).toEqual(refused)
      expect(await renewInvitation(db, (await anAccount(db, { role: 'viewer' })).id, by)).toEqual(refused)
    })

    it.each(['person', 'viewer'] as const)('S-35 a %s invites nobody', async (role) => {
      const { db } = database
      const by = await acting(db, await anAccount(db, { role }))
      expect(await inviteAccount(db, { email: `by-${role}@example.com`, name: 'X', role: 'person' }, by)).toEqual({
        status: 'refused',
        why: 'not-allowed',
      })
    })

    it('S-62 an invitation is in the audit log, without its link', async () => {
      const { db } = database
      const { account } = await invite(db, 'viewer')
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.action, 'account.invited')))
      expect(event).toMatchObject({
        actorKind: 'system',
        details: { after: { email: account.email, name: 'Ida New', role: 'viewer' } },
      })
    })

    it('there is no link for an account that is not there, or has no address', async () => {
      const { db } = database
      expect(await renewInvitation(db, newId<AccountId>(), SYSTEM)).toBeUndefined()
      const account = await anAccount(db)
      await updateAccount(db, account.id, { email: null }, SYSTEM)
      expect(await renewInvitation(db, account.id, SYSTEM)).toEqual({ status: 'refused', why: 'no-email' })
    })
  })

  eachDatabase((database) => {
    it('S-25 S-35 a change of role voids links: who made one for a person does not become the owner by it', async () => {
      const { db } = database
      const account = await anAccount(db)
      const responder = await acting(db, await anAccount(db, { role: 'responder' }))
      const link = await renewInvitation(db, account.id, responder)
      if (link?.status !== 'invited') throw new Error(link?.status)
      await changeRole(db, account.id, 'owner', await acting(db, await anOwner(db)))
      expect(await findInvitation(db, link.token)).toBeUndefined()
      expect(await accept(db, link.token)).toEqual({ status: 'void' })
      expect(await findAccount(db, account.id)).toMatchObject({ role: 'owner', hasPassword: false })
    })

    it('S-25 S-35 the way back in at the terminal voids the links of whom it makes an owner', async () => {
      const { db } = database
      const account = await anAccount(db)
      const { token } = await renew(db, account.id)
      const unlocked = await unlockOwner(db, { email: account.email })
      if (unlocked.status !== 'unlocked') throw new Error(unlocked.status)
      expect(await accept(db, token)).toEqual({ status: 'void' })
      expect(await accept(db, unlocked.token)).toMatchObject({ status: 'accepted' })
    })

    it('S-23 a new password by a link leaves no device known', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      const deviceToken = await rememberDevice(db, account.id, undefined)
      await accept(db, token)
      const typed = { email: account.email ?? '', password: PASSWORD, client: aClient({ ip: '10.8.1.1' }), deviceToken }
      expect(await checkSignIn(db, typed, { limits, passwords })).toMatchObject({ knownDevice: false })
    })

    it('S-13 a blocked network uses no link up; elsewhere it works', async () => {
      const { db } = database
      const { account, token } = await invite(db)
      await blockNetwork(db, { network: '198.51.100.128/25', reason: 'attack' }, SYSTEM)
      const inside = aClient({ ip: '198.51.100.200' })
      expect(await acceptInvitation(db, token, PASSWORD, inside, passwords)).toEqual({ status: 'blocked' })
      expect(await findAccount(db, account.id)).toMatchObject({ hasPassword: false })
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(and(eq(auditEvents.accountId, account.id), eq(auditEvents.action, 'sign-in.refused')))
      expect(event).toMatchObject({ result: 'refused', ip: '198.51.100.200', details: { why: 'network-blocked' } })
      expect(await accept(db, token)).toMatchObject({ status: 'accepted' })
    })
  })

  eachPostgres((database) => {
    it('S-35 a new link that waits for a promotion is the owners’ to make', async () => {
      const two = await database.twoConnections()
      const account = await anAccount(two[0])
      const responder = await acting(two[0], await anAccount(two[0], { role: 'responder' }))
      const [, second] = await atTheSameTime(
        two,
        (tx) => changeRole(tx, account.id, 'owner', SYSTEM),
        (db) => renewInvitation(db, account.id, responder),
      )
      expect(second).toEqual({ status: 'refused', why: 'not-allowed' })
      expect(await two[0].$count(invitations, eq(invitations.accountId, account.id))).toBe(0)
    })

    it('S-25 of two who use a link at once, one sets the password', async () => {
      const two = await database.twoConnections()
      const { account, token } = await invite(two[0])
      const [first, second] = await atTheSameTime(
        two,
        (tx) => accept(tx, token),
        (db) => accept(db, token, OTHER),
      )
      expect(first).toMatchObject({ status: 'accepted' })
      expect(second).toEqual({ status: 'void' })
      expect(await signIn(two[0], account.email)).toMatchObject({ status: 'welcome' })
    })

    it('S-25 a link is used while the address changes: the new address gets no password from it', async () => {
      const two = await database.twoConnections()
      const { account, token } = await invite(two[0])
      const [, second] = await atTheSameTime(
        two,
        (tx) => updateAccount(tx, account.id, { email: `moved${account.id}@example.com` }, SYSTEM),
        (db) => accept(db, token),
      )
      expect(second).toEqual({ status: 'void' })
      expect(await findAccount(two[0], account.id)).toMatchObject({ hasPassword: false })
    })
  })
})
