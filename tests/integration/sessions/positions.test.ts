import { and, eq, isNotNull, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { changeSettings } from '../../../src/accounts/settings.js'
import { recordAudit } from '../../../src/audit/record.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import { auditEvents } from '../../../src/db/schema.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { noticing, type Position } from '../../../src/sessions/log/positions.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { startSession } from '../../../src/sessions/start.js'
import { aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase } from '../../support/database.js'

describe('the position of an act', () => {
  eachDatabase((database) => {
    function watch() {
      const told: Position[] = []
      return { told, db: noticing(database.db, (position) => told.push(position)) }
    }
    const xidOf = async (tx: Database) =>
      rowsOf<{ xid: string }>(await tx.execute(sql`select pg_current_xact_id()::text as xid`))[0]?.xid

    it('is the transaction that appended to the log, told once it has committed', async () => {
      const { told, db } = watch()
      const { session } = await aSession(database.db)
      let xid: string | undefined
      await db.transaction(async (tx) => {
        await revokeSession(tx, session.id, SYSTEM, 'test')
        xid = await xidOf(tx)
        expect(told).toEqual([])
      })
      expect(told).toEqual([`x${xid}`])
    })

    it('is not told of what was rolled back, in whole or to a savepoint', async () => {
      const { told, db } = watch()
      const { session } = await aSession(database.db)
      const failing = async (tx: Database) => {
        await revokeSession(tx, session.id, SYSTEM, 'test')
        throw new Error('no')
      }
      await expect(db.transaction(failing)).rejects.toThrow('no')
      await db.transaction(async (tx) => {
        await expect(tx.transaction(failing)).rejects.toThrow('no')
        await tx.execute(sql`select 1`)
      })
      expect(told).toEqual([])
    })

    it('is told of what reads, and of what changes nothing, not at all', async () => {
      const { told, db } = watch()
      const { session } = await aSession(database.db)
      await revokeSession(database.db, session.id, SYSTEM, 'test')
      await revokeSession(db, session.id, SYSTEM, 'again')
      await listSessions(db, {})
      await db.query.settings.findFirst()
      await changeSettings(db, {}, SYSTEM)
      expect(told).toEqual([])
    })

    it('stands in the audit log beside the act, and beside no sign-in', async () => {
      const { told, db } = watch()
      const { session, account } = await aSession(database.db)
      await revokeSession(db, session.id, SYSTEM, 'test')
      const lines = await database.db
        .select({ action: auditEvents.action, xid: auditEvents.xid })
        .from(auditEvents)
        .where(eq(auditEvents.accountId, account.id))
        .orderBy(auditEvents.id)
      expect(lines).toEqual([
        { action: 'session.started', xid: null },
        { action: 'session.revoked', xid: told[0]?.slice(1) },
      ])
    })

    it('stands beside no sign-in that ends an older session, and beside no refusal', async () => {
      const { told, db } = watch()
      const { session, account } = await aSession(database.db)
      await db.transaction(async (tx) => {
        await startSession(tx, {
          account,
          appId: BUILT_IN_APP,
          client: aClient(),
          method: 'password',
          replaces: session.id,
        })
        await recordAudit(tx, SYSTEM, 'session.revoked', { result: 'refused', accountId: account.id })
      })
      expect(told).toHaveLength(1)
      expect(
        await database.db.$count(auditEvents, and(eq(auditEvents.accountId, account.id), isNotNull(auditEvents.xid))),
      ).toBe(0)
    })

    it('costs a request some microseconds at most', () => {
      const { db } = database
      const once = (times: number) => {
        const start = performance.now()
        for (let i = 0; i < times; i++) noticing(db, () => {})
        return ((performance.now() - start) / times) * 1_000
      }
      once(10_000)
      expect(Math.min(...[1, 2, 3, 4, 5].map(() => once(20_000)))).toBeLessThan(5)
    })
  })
})
