import { eq, isNull, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { listAudit } from '../../../src/audit/list.js'
import { type Actor, SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import type { SessionId } from '../../../src/db/ids.js'
import { apps, endings, sessions, settings } from '../../../src/db/schema.js'
import { killSwitch, previewKillSwitch } from '../../../src/sessions/killSwitch.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { listBySeen } from '../../../src/sessions/lists/listBySeen.js'
import { previewMatching } from '../../../src/sessions/many/previewMatching.js'
import { acting, anAccount, anApp, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { recorded } from '../../support/recorded.js'
import { aVerifier } from '../../support/verifier.js'

const verdictOf = async (db: Database, token: string) => (await aVerifier(db, () => {}).verify(token)).status
const everyone = { confirm: 'everyone' }

async function anActingOwner(db: Database) {
  const { session, token, account } = await aSession(db, { account: await anOwner(db) })
  const by: Actor = { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip: null }
  return { by, token, session }
}

describe('the kill switch', () => {
  eachDatabase((database) => {
    it('ends everyone’s sessions but the owner’s own; with one line in the log that says who, why and how many', async () => {
      const { db } = database
      await db.update(sessions).set({ endedAt: new Date(), endReason: 'revoked' })
      const owner = await anActingOwner(db)
      const others = [await aSession(db), await aSession(db, { app: await anApp(db) })]
      expect(await killSwitch(db, 'everyone', 'breach', owner.by, everyone)).toMatchObject({ status: 'done', ended: 2 })
      for (const { token } of others) expect(await verdictOf(db, token)).toBe('denied')
      expect(await verdictOf(db, owner.token)).toBe('active')
      const { items } = await listAudit(db, { action: 'killswitch.used' })
      expect(items).toHaveLength(1)
      expect(items[0]).toMatchObject({
        actor: { name: 'Olga Owner' },
        target: { kind: 'everything', id: null, name: 'everyone' },
        reason: 'breach',
        details: { ended: 2 },
      })
    })

    it('ends the owner’s own session too when asked to', async () => {
      const { db } = database
      const owner = await anActingOwner(db)
      await killSwitch(db, 'everyone', 'breach', owner.by, { ...everyone, alsoMe: true })
      expect(await verdictOf(db, owner.token)).toBe('denied')
    })

    it('does not bring the owner’s own session back when something else ended it', async () => {
      const { db } = database
      const owner = await anActingOwner(db)
      await db.update(settings).set({ generation: 1_000 })
      await killSwitch(db, 'everyone', 'breach', owner.by, everyone)
      expect(await verdictOf(db, owner.token)).toBe('denied')
    })

    it('of one app ends that app’s sessions and no other’s', async () => {
      const { db } = database
      const owner = await anActingOwner(db)
      const app = await anApp(db, { name: 'Billing' })
      const inside = await aSession(db, { app })
      const outside = await aSession(db)
      expect(await killSwitch(db, { app }, 'breach', owner.by, { confirm: ' Billing ' })).toMatchObject({
        status: 'done',
        ended: 1,
      })
      expect(await verdictOf(db, inside.token)).toBe('denied')
      expect(await verdictOf(db, outside.token)).toBe('active')
    })

    it('does nothing until what it hits is typed', async () => {
      const { db } = database
      const app = await anApp(db, { name: 'Payments' })
      const { token } = await aSession(db, { app })
      for (const confirm of ['', 'everyone', 'payments']) {
        const answer = await killSwitch(db, { app }, 'breach', SYSTEM, { confirm })
        expect(answer).toEqual({ status: 'refused', why: 'not-confirmed', expected: 'Payments' })
      }
      expect(await killSwitch(db, 'everyone', 'breach', SYSTEM, { confirm: 'Payments' })).toMatchObject({
        status: 'refused',
      })
      expect(await killSwitch(db, 'everyone', ' ', SYSTEM, everyone)).toEqual({ status: 'refused', why: 'no-reason' })
      expect(await verdictOf(db, token)).toBe('active')
    })

    it.each(['person', 'viewer', 'responder'] as const)(
      'S-35 refuses a %s, who stands in the audit log',
      async (role) => {
        const { db } = database
        const { token } = await aSession(db)
        const by = await acting(db, await anAccount(db, { role }))
        expect(await killSwitch(db, 'everyone', 'breach', by, everyone)).toEqual({
          status: 'refused',
          why: 'not-allowed',
        })
        expect(await verdictOf(db, token)).toBe('active')
        const { items } = await listAudit(db, { action: 'killswitch.used', result: 'refused' })
        expect(items[0]?.actor.id).toBe('id' in by ? by.id : '')
      },
    )
  })

  eachPostgres((database) => {
    it('whoever looks for live ones looks at none of those that it ended and that are not marked yet', async () => {
      const { db } = database
      const owner = await anActingOwner(db)
      const app = await anApp(db, { name: 'Shop' })
      const { session } = await aSession(db, { app, from: 'Lisbon', signedInFor: '10 minutes' })
      await multiply(db, session, 10_000)
      const there = await db.$count(sessions, isNull(sessions.endedAt))
      for (const [target, about] of [
        ['everyone', there],
        [{ app }, 10_001],
      ] as const)
        expect(await previewKillSwitch(db, target, owner.session.id)).toMatchObject({ atLeast: true, about })
      await killSwitch(db, 'everyone', 'breach', owner.by, everyone)
      const { session: later } = await aSession(db, { app, from: 'Lisbon' })
      const live = [later.id, owner.session.id]
      const ids = ({ items }: { items: { id: SessionId }[] }) => items.map(({ id }) => id)
      const looks: [what: string, look: (db: Database) => Promise<unknown>, seen: unknown][] = [
        ['by last use', async (over) => ids(await listSessions(over, {}, { sort: 'seen' })), live],
        ['by the day of it', async (over) => ids(await listBySeen(over, {}, { sort: 'seen' }, 0)), live],
        [
          'what the kill switch ends',
          (over) => previewKillSwitch(over, 'everyone', owner.session.id),
          expect.objectContaining({ sessions: 1 }),
        ],
        [
          'and of an app',
          (over) => previewKillSwitch(over, { app }, owner.session.id),
          expect.objectContaining({ sessions: 1 }),
        ],
        [
          'what a filter ends',
          (over) => previewMatching(over, { country: 'PT' }, owner.by, owner.session.id),
          expect.objectContaining({ sessions: 1 }),
        ],
      ]
      for (const [what, look, seen] of looks) {
        const { db: over, explainEach } = recorded(database.url ?? '')
        expect(await look(over), what).toEqual(seen)
        const rows = (await explainEach()).filter(({ table }) => /^session(s|_activity)$/.test(table))
        expect(Math.max(...rows.map((scan) => scan.rows)), what).toBeLessThan(50)
      }
      // As if the database's clock had been set back after it.
      await db.update(endings).set({ at: sql`now() + interval '30 seconds'` })
      const ends = await previewMatching(db, { country: 'PT' }, owner.by, owner.session.id)
      expect(ends.sessions, 'what many are ended by leaves out nobody').toBe(1)
    })

    it('used twice at once is two increments', async () => {
      const [one, other] = await database.twoConnections()
      const app = await anApp(one, { name: 'Twice' })
      const use = (db: Database) => killSwitch(db, { app }, 'breach', SYSTEM, { confirm: 'Twice' })
      const answers = await Promise.all([use(one), use(other)])
      expect(answers.map(({ status }) => status)).toEqual(['done', 'done'])
      const [row] = await one.select().from(apps).where(eq(apps.id, app))
      expect(row?.generation).toBe(2)
      const { items } = await listAudit(one, { action: 'killswitch.used', target: app })
      expect(items).toHaveLength(2)
    })
  })
})
