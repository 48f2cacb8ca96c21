import { desc, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { changeSettings, readSettings } from '../../../src/accounts/settings.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { auditEvents, revocations } from '../../../src/db/schema.js'
import { acting, anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aVerifier } from '../../support/verifier.js'

const fail = (error: unknown) => {
  throw error
}

describe('settings', () => {
  eachDatabase((database) => {
    it('S-06 start as people 24 hours idle and 30 days in all, admins 15 minutes and 8 hours', async () => {
      expect(await readSettings(database.db)).toEqual({
        idleTimeout: 86_400,
        absoluteTimeout: 2_592_000,
        adminIdleTimeout: 900,
        adminAbsoluteTimeout: 28_800,
        sessionLimit: 100,
        contact: 'your administrator',
        auditDays: null,
        sessionDays: null,
        maskForViewers: false,
      })
    })

    it('S-06 a shorter timeout holds at once, for sessions that are there', async () => {
      const { db } = database
      const { token } = await aSession(db, { idleFor: '10 minutes' })
      expect(await aVerifier(db, fail).verify(token)).toMatchObject({ status: 'active' })
      await changeSettings(db, { idleTimeout: 300 }, SYSTEM)
      expect(await aVerifier(db, fail).verify(token)).toEqual({ status: 'denied', reason: 'idle' })
      await changeSettings(db, { idleTimeout: 86_400 }, SYSTEM)
    })

    it('S-62 a change is audited with what it was and what it is, and goes into the revocation log', async () => {
      const { db } = database
      const by = await acting(db, await anOwner(db))
      expect(await changeSettings(db, { contact: 'the help desk', sessionLimit: 100 }, by)).toMatchObject({
        status: 'changed',
        settings: { contact: 'the help desk' },
      })
      const [event] = await db
        .select()
        .from(auditEvents)
        .where(eq(auditEvents.action, 'settings.changed'))
        .orderBy(desc(auditEvents.id))
      expect(event).toMatchObject({
        actorName: by.name,
        details: { before: { contact: 'your administrator' }, after: { contact: 'the help desk' } },
      })
      expect(await db.$count(revocations, eq(revocations.kind, 'policy'))).toBeGreaterThan(0)
    })

    it('what is as it was is no change and leaves no line', async () => {
      const { db } = database
      const count = () => db.$count(auditEvents, eq(auditEvents.action, 'settings.changed'))
      const before = await count()
      expect(await changeSettings(db, { sessionLimit: 100 }, SYSTEM)).toMatchObject({ status: 'unchanged' })
      expect(await count()).toBe(before)
    })

    it.each([
      [{ idleTimeout: 59 }, 'idleTimeout'],
      [{ absoluteTimeout: 401 * 86_400 }, 'absoluteTimeout'],
      [{ idleTimeout: 1.5 }, 'idleTimeout'],
      [{ sessionLimit: 0 }, 'sessionLimit'],
      [{ contact: '  ' }, 'contact'],
      [{ idleTimeout: 3_600, absoluteTimeout: 1_800 }, 'idleTimeout'],
      [{ adminAbsoluteTimeout: 600 }, 'adminIdleTimeout'],
    ])('S-56 %j is refused, and the answer names %s', async (changes, path) => {
      const { db } = database
      const before = await readSettings(db)
      expect(await changeSettings(db, changes, SYSTEM)).toMatchObject({ status: 'invalid', problems: [{ path }] })
      expect(await readSettings(db)).toEqual(before)
    })

    it.each(['person', 'viewer', 'responder'] as const)(
      'S-35 S-62 a %s changes no settings, and the audit log has who tried',
      async (role) => {
        const { db } = database
        const by = await acting(db, await anAccount(db, { role }))
        expect(await changeSettings(db, { sessionLimit: 1 }, by)).toEqual({ status: 'refused', why: 'not-allowed' })
        const [event] = await db
          .select()
          .from(auditEvents)
          .where(eq(auditEvents.result, 'refused'))
          .orderBy(desc(auditEvents.id))
        expect(event).toMatchObject({
          action: 'settings.changed',
          actorName: by.name,
          details: { after: { sessionLimit: 1 }, why: 'not-allowed' },
        })
      },
    )
  })
})
