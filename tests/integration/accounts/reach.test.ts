import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createApp } from '../../../src/accounts/apps/apps.js'
import { createKey, revokeKey } from '../../../src/accounts/apps/keys.js'
import { blockAccount, liftAccountBlock } from '../../../src/accounts/blocks/blocks.js'
import { countBlocks } from '../../../src/accounts/blocks/listBlocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { unlockOwner } from '../../../src/accounts/unlock.js'
import { type Actor, SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { auditEvents, settings } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { anAccount, anOwner, aSession, type TestAccount } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'

describe('how far an app and a lesser admin reach', () => {
  eachDatabase((database) => {
    it('S-08 S-38 the sign-ins of one app do not end what the account has open in another', async () => {
      const { db } = database
      const owner = await anOwner(db)
      const panel = await aSession(db, { account: owner })
      const app = await anApp(db, 'Billing')
      await db.update(settings).set({ sessionLimit: 2 })
      const first = await aSession(db, { account: owner, app })
      await aSession(db, { account: owner, app })
      await aSession(db, { account: owner, app })
      await db.update(settings).set({ sessionLimit: 100 })
      expect((await findSession(db, panel.session.id))?.state).toBe('live')
      expect((await findSession(db, first.session.id))?.end?.reason).toBe('limit')
    })

    it('S-31 S-60 a key that was revoked a moment ago blocks nobody any more', async () => {
      const { db } = database
      const person = await anAccount(db)
      const key = await aKeyOf(db, await anApp(db, 'Payroll'))
      if (key.kind !== 'key') return expect.fail(key.kind)
      await revokeKey(db, key.id, SYSTEM)
      expect(await blockAccount(db, person.id, { reason: 'test' }, key)).toEqual({
        status: 'refused',
        why: 'not-allowed',
      })
    })

    it.each(['viewer', 'responder', 'owner'] as const)(
      'S-38 an app’s key neither blocks a %s nor lifts their block',
      async (role) => {
        const { db } = database
        await anOwner(db)
        const admin = await anAccount(db, { role, password: 'long enough for a test' })
        const key = await aKeyOf(db, await anApp(db, `App for a ${role}`))
        expect(await blockAccount(db, admin.id, { reason: 'test' }, key)).toEqual({
          status: 'refused',
          why: 'not-allowed',
        })
        await blockAccount(db, admin.id, { reason: 'test' }, SYSTEM)
        expect(await liftAccountBlock(db, admin.id, null, key)).toEqual({ status: 'refused', why: 'not-allowed' })
      },
    )

    it('S-38 an app’s key ends nothing of an admin by way of a network', async () => {
      const { db } = database
      await aSession(db, { account: await anAccount(db, { role: 'viewer' }), ip: '192.88.41.7' })
      const key = await aKeyOf(db, await anApp(db, 'Network app'))
      expect(await blockNetwork(db, { network: '192.88.41.0/24', reason: 'test' }, key)).toMatchObject({
        why: 'owner-inside',
      })
      expect(await blockNetwork(db, { network: '192.88.42.0/24', reason: 'test' }, key)).toMatchObject({
        status: 'blocked',
      })
    })

    it.each(['128.0.0.0/1', '0.0.0.0/7', '2000::/3'])(
      'S-32 %s is too wide for a responder: it could lock every owner out',
      async (network) => {
        const { db } = database
        const responder = actor(await anAccount(db, { role: 'responder' }))
        expect(await blockNetwork(db, { network, reason: 'test' }, responder)).toMatchObject({
          status: 'refused',
          why: 'too-wide',
        })
      },
    )

    it('S-37 the terminal says how many networks are blocked, and lifts them all when asked', async () => {
      const { db } = database
      await blockNetwork(db, { network: '192.88.43.0/24', reason: 'test' }, SYSTEM)
      const inForce = await countBlocks(db, { kind: 'network' })
      expect(await unlockOwner(db, { email: 'back@example.com' })).toMatchObject({
        networksBlocked: inForce,
        did: { networksLifted: 0 },
      })
      expect(await unlockOwner(db, { email: 'back@example.com', liftNetworks: true })).toMatchObject({
        networksBlocked: 0,
        did: { networksLifted: inForce },
      })
      expect(await countBlocks(db, { kind: 'network' })).toBe(0)
      const lifted = await db.select().from(auditEvents).where(eq(auditEvents.action, 'network.block-lifted'))
      expect(lifted.some((event) => event.actorKind === 'terminal' && event.targetName === '192.88.43.0/24')).toBe(true)
    })
  })
})

async function anApp(db: Database, name: string) {
  const made = await createApp(db, name, SYSTEM)
  if (made.status !== 'created') throw new Error(made.status)
  return made.app.id
}

async function aKeyOf(db: Database, appId: Awaited<ReturnType<typeof anApp>>): Promise<Actor> {
  const made = await createKey(db, { appId, name: 'Key', scopes: ['sessions:write', 'blocks:write'] }, SYSTEM)
  if (made.status !== 'created') throw new Error(made.why)
  return { kind: 'key', id: made.key.id, name: made.key.name, ip: null }
}

const actor = (account: TestAccount): Actor => ({
  kind: 'account',
  id: account.id,
  name: account.name,
  sessionId: account.id as never,
  ip: null,
})
