import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { changeSettings } from '../../../src/accounts/settings.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { type AppId, newId } from '../../../src/db/ids.js'
import { apps, sessions } from '../../../src/db/schema.js'
import { UNKNOWN_PLACE } from '../../../src/devices/place.js'
import { createNode } from '../../../src/sessions/log/node.js'
import { findSession } from '../../../src/sessions/read.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { age, anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aVerifier } from '../../support/verifier.js'

describe('timeouts', () => {
  eachDatabase((database) => {
    const verdictOf = async (token: string) => {
      const verdict = await aVerifier(database.db, () => {}).verify(token)
      return verdict.status === 'active' ? 'active' : verdict.reason
    }

    it.each([
      ['person', '23 hours', 'active'],
      ['person', '25 hours', 'idle'],
      ['viewer', '14 minutes', 'active'],
      ['viewer', '16 minutes', 'idle'],
      ['responder', '16 minutes', 'idle'],
      ['owner', '14 minutes', 'active'],
      ['owner', '16 minutes', 'idle'],
    ] as const)('S-06 a session of a %s that was not used for %s is %s', async (role, idleFor, expected) => {
      const { token } = await aSession(database.db, { account: await anAccount(database.db, { role }), idleFor })
      expect(await verdictOf(token)).toBe(expected)
    })

    it.each([
      ['person', '29 days', 'active'],
      ['person', '31 days', 'expired'],
      ['owner', '7 hours', 'active'],
      ['owner', '9 hours', 'expired'],
    ] as const)('S-06 a session of a %s that began %s ago is %s, however busy', async (role, signedInFor, expected) => {
      const { token } = await aSession(database.db, { account: await anAccount(database.db, { role }), signedInFor })
      expect(await verdictOf(token)).toBe(expected)
    })

    it('S-06 the short times of admins are for Rollcall itself; in an app its own policy holds', async () => {
      const app = newId<AppId>()
      await database.db.insert(apps).values({ id: app, name: 'Billing', idleTimeout: 3_600 })
      const account = await anOwner(database.db, { email: 'owner.in.billing@example.com' })
      const { token, session } = await aSession(database.db, { account, app, idleFor: '50 minutes' })
      expect(await verdictOf(token)).toBe('active')
      await age(database.db, session, { idleFor: '1 minute', signedInFor: '29 days' })
      expect(await verdictOf(token)).toBe('active')
      await age(database.db, session, { idleFor: '61 minutes' })
      expect(await verdictOf(token)).toBe('idle')
    })

    it('S-06 a shorter time counts at once, for sessions that are there already', async () => {
      const { token } = await aSession(database.db, { idleFor: '2 hours', signedInFor: '2 hours' })
      expect(await verdictOf(token)).toBe('active')
      await changeSettings(database.db, { idleTimeout: 3_600 }, SYSTEM)
      expect(await verdictOf(token)).toBe('idle')
      await changeSettings(database.db, { absoluteTimeout: 3_600 }, SYSTEM)
      expect(await verdictOf(token)).toBe('expired')
      await changeSettings(database.db, { idleTimeout: 86_400, absoluteTimeout: 30 * 86_400 }, SYSTEM)
    })

    it('S-06 the sweeper leaves two touch intervals of grace before it marks a row idle, and says when it ended', async () => {
      const { session, token } = await aSession(database.db, { idleFor: '24 hours 4 seconds' })
      await sweepSessions(database.db)
      const row = () => database.db.select().from(sessions).where(eq(sessions.id, session.id))
      expect((await row())[0]?.endedAt).toBeNull()
      expect(await verdictOf(token)).toBe('idle')
      expect((await findSession(database.db, session.id))?.end).toMatchObject({ reason: 'idle', by: null })
      await age(database.db, session, { idleFor: '24 hours 20 seconds' })
      await sweepSessions(database.db)
      expect((await row())[0]).toMatchObject({ endReason: 'idle' })
      expect(await verdictOf(token)).toBe('idle')
    })

    it('an idle session is refused from memory once it is marked, and not before: a use told late may revive it', async () => {
      const node = createNode({
        database: database.open,
        id: newId<string>(),
        name: 'node a',
        version: '1',
        leaseMs: 2_000,
        cacheSize: 100,
        onFailure: () => {},
      })
      await node.start()
      const { session, token } = await aSession(database.db, { idleFor: '25 hours' })
      const idle = { status: 'denied', reason: 'idle' } as const
      const fromMemory = async () => {
        expect(await node.engine.verify(token)).toEqual(idle)
        return node.engine.verifyCached(token)
      }
      expect(await fromMemory()).toBe('ask')
      await touchSessions(
        database.db,
        [{ id: session.id, secondsAgo: 7_200, ip: null, requests: 1 }],
        () => UNKNOWN_PLACE,
      )
      expect(await verdictOf(token)).toBe('active')
      await age(database.db, session, { idleFor: '25 hours' })
      await sweepSessions(database.db)
      await node.engine.follower.nudge()
      expect(await fromMemory()).toEqual(idle)
      await node.stop()
    })
  })
})
