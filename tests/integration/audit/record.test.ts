import { eq, sql } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import { listAudit } from '../../../src/audit/list.js'
import { recordAudit, recordAuditOfEach } from '../../../src/audit/record.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { rowsOf } from '../../../src/db/connect.js'
import { auditEvents } from '../../../src/db/schema.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'

describe('the audit log', () => {
  eachDatabase((database) => {
    it.each(['update audit_events set reason = $$forged$$', 'delete from audit_events', 'truncate audit_events'])(
      'S-62 refuses: %s',
      async (statement) => {
        const id = await recordAudit(database.db, SYSTEM, 'settings.changed', { reason: 'true' })
        const refused = await database.db.execute(sql.raw(statement)).then(
          () => undefined,
          (error: unknown) => error,
        )
        expect(refused).toBeInstanceOf(Error)
        const [event] = await database.db.select().from(auditEvents).where(eq(auditEvents.id, id))
        expect(event?.reason).toBe('true')
      },
    )

    it('S-62 an event is there with its act or not at all', async () => {
      const reason = `undone ${database.name}`
      const undone = database.db.transaction(async (tx) => {
        await recordAudit(tx, SYSTEM, 'settings.changed', { reason })
        throw new Error('the act failed')
      })
      await expect(undone).rejects.toThrow('the act failed')
      expect(await database.db.select().from(auditEvents).where(eq(auditEvents.reason, reason))).toEqual([])
    })
  })

  // The embedded database has the clock of the process.
  eachPostgres((database) => {
    it('an event is found by its time, whatever the clock of the process that writes it says', async () => {
      const write = async (when: string) => {
        const reasons = ['one', '1 of many', '2 of many'].map((what) => `${what}, ${when}`)
        const [one, ...many] = reasons.map((reason) => ({ reason }))
        await recordAudit(database.db, SYSTEM, 'settings.changed', one)
        await recordAuditOfEach(database.db, SYSTEM, 'settings.changed', many)
        return reasons
      }
      const written: string[] = []
      vi.useFakeTimers({ toFake: ['Date'] })
      try {
        for (const hours of [-3, 3]) {
          vi.setSystemTime(vi.getRealSystemTime() + hours * 3_600_000)
          written.push(...(await write(`${hours} h off`)))
        }
      } finally {
        vi.useRealTimers()
      }
      written.push(...(await write('set right')))
      const [since, until] = [-60_000, 60_000].map((ms) => new Date(Date.now() + ms))
      const found = await listAudit(database.db, { action: 'settings.changed', since, until })
      expect(found.items.map(({ reason }) => reason)).toEqual(expect.arrayContaining(written))
    })

    it('S-62 the role that the application uses has neither update nor delete', async () => {
      const owner = rowsOf<{ privilege_type: string }>(
        await database.db.execute(sql`
        select grantee, privilege_type from information_schema.role_table_grants
        where table_name = 'audit_events' and grantee = current_user order by privilege_type`),
      )
      const granted = owner.map((row) => row.privilege_type)
      expect(granted).toContain('INSERT')
      expect(granted).not.toContain('UPDATE')
      expect(granted).not.toContain('DELETE')
      expect(granted).not.toContain('TRUNCATE')
    })
  })
})
