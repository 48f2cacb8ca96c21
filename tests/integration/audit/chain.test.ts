import { getTableColumns, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventHash } from '../../../src/audit/canonical.js'
import { chainState, checkChain } from '../../../src/audit/checkChain.js'
import { compareHead } from '../../../src/audit/compareHead.js'
import { recordAudit } from '../../../src/audit/record.js'
import { removeOldAudit } from '../../../src/audit/remove.js'
import { sealAudit, takeTurn, tidyUnsealed } from '../../../src/audit/seal.js'
import { SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import { type ChainReport, verifyChain } from '../../../src/audit/verify.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { type AccountId, type AuditEventId, newId, type SessionId } from '../../../src/db/ids.js'
import { auditEvents } from '../../../src/db/schema.js'
import { eachDatabase, eachPostgres, type TestDatabase } from '../../support/database.js'

/** So many events under a seal of their own. */
async function sealed(db: Database, n: number): Promise<AuditEventId[]> {
  const ids: AuditEventId[] = []
  for (let i = 0; i < n; i++) ids.push(await anEvent(db))
  await sealAudit(db)
  return ids
}

/** With something in every column. */
const anEvent = (db: Database) =>
  recordAudit(db, { kind: 'stranger', name: 'Eve', ip: '203.0.113.7' }, 'sign-in.refused', {
    result: 'refused',
    target: { kind: 'account', id: newId(), name: 'Ada' },
    accountId: newId<AccountId>(),
    sessionId: newId<SessionId>(),
    reason: 'why',
    details: { ended: 2, before: { name: 'x' } },
    place: { country: 'DE', city: 'Berlin' } as never,
    requestId: 'r-1',
  })

class Undo extends Error {}

/** Past the triggers, as somebody does who owns the database; undone afterwards. */
async function whenTampered(db: Database, tamper: (tx: Database) => Promise<unknown>): Promise<ChainReport> {
  let report: ChainReport | undefined
  await db
    .transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`)
      await tamper(tx)
      report = await verifyChain(tx)
      throw new Undo()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
  if (!report) throw new Error('nothing was verified')
  return report
}

const named = ({ problems }: ChainReport) => problems.map(({ kind, event, seal }) => [kind, event ?? seal])

describe('the chain over the audit log', () => {
  eachDatabase((database) => {
    const ids: AuditEventId[][] = []
    let waiting: AuditEventId

    beforeAll(async () => {
      const { db } = database
      await sealAudit(db)
      for (const n of [3, 1, 4]) ids.push(await sealed(db, n))
      waiting = await anEvent(db)
    })

    test('S-63 what nobody touched verifies, and its head is one that can be noted', async () => {
      const report = await verifyChain(database.db)
      expect(report).toMatchObject({ from: 1, to: 3, events: 8, problemCount: 0, problems: [] })
      expect(report.head).toMatch(/^3\.[0-9a-f]{64}$/)
      const noted = { position: 2, hash: await hashOf(database.db, 2) }
      expect((await verifyChain(database.db, { noted })).noted).toBe('same')
      for (const other of [
        { ...noted, hash: 'f'.repeat(64) },
        { ...noted, position: 9 },
      ]) {
        const differing = await verifyChain(database.db, { noted: other })
        expect(differing).toMatchObject({
          noted: 'differs',
          problems: [{ kind: 'head-differs', seal: other.position }],
        })
      }
    })

    test('S-63 what a check finds is remembered for everybody; of a head that one had noted, for that one alone', async () => {
      const { db } = database
      expect(await checkChain(db, 'Ada')).toMatchObject({ problemCount: 0 })
      const forged = { position: 2, hash: 'f'.repeat(64) }
      expect(await checkChain(db, 'Bob', { noted: forged })).toMatchObject({ noted: 'differs', problemCount: 1 })
      expect(await chainState(db)).toMatchObject({
        last: { by: 'Ada', report: { problemCount: 0 } },
        running: undefined,
      })
    })

    test('S-63 a changed, a removed and an inserted event are named', async () => {
      const [one, two] = ids[0] ?? []
      const changed = await whenTampered(database.db, (tx) =>
        tx.execute(sql`update audit_events set reason = 'nothing' where id = ${one}`),
      )
      expect(named(changed)).toEqual([['changed', one]])
      const removed = await whenTampered(database.db, (tx) =>
        tx.execute(sql`delete from audit_events where id = ${two}`),
      )
      expect(named(removed)).toEqual([['removed', two]])
      const forged = newId<AuditEventId>()
      const inserted = await whenTampered(database.db, (tx) => insertForged(tx, forged))
      expect(named(inserted)).toEqual([['inserted', forged]])
      const moved = await whenTampered(database.db, (tx) =>
        tx.execute(sql`update audit_sealed set seal = 2 where event_id = ${one}`),
      )
      expect(named(moved)).toContainEqual(['seal-changed', one])
      const gone = await whenTampered(database.db, (tx) =>
        tx.execute(sql`delete from audit_events where id = ${waiting}`),
      )
      expect(named(gone)).toEqual([['removed', waiting]])
    })

    test('S-63 a change in any column of an event is found', async () => {
      const id = ids[2]?.[1]
      for (const column of COLUMNS) {
        const report = await whenTampered(database.db, (tx) =>
          tx.execute(sql`update audit_events set ${sql.identifier(column)} = ${otherValue(column)} where id = ${id}`),
        )
        expect(named(report), column).toContainEqual([column === 'id' ? 'removed' : 'changed', id])
      }
    })

    test('S-63 a seal that was made anew over changed events is found by the seal after it', async () => {
      const report = await whenTampered(database.db, async (tx) => {
        await tx.execute(sql`update audit_events set reason = 'nothing' where id = ${ids[0]?.[0]}`)
        await tx.execute(sql`update audit_seals set members = (
          select string_agg(uuid_send(e.id) || ${eventHash('e')}, ''::bytea order by e.id)
          from audit_events e join audit_sealed m on m.event_id = e.id and m.seal = 1) where position = 1`)
        await hashAnew(tx, 1)
      })
      expect(named(report)).toEqual([['seal-changed', 2]])
    })

    test('S-63 an event that comes into the log long after its time is named', async () => {
      const late = newId<AuditEventId>()
      const report = await whenTampered(database.db, async (tx) => {
        await tx.execute(sql`set local session_replication_role = origin`)
        await insertForged(tx, late, '40 days')
        await sealAudit(tx)
      })
      expect(named(report)).toEqual([['backdated', late]])
    })

    test('S-63 any single tampering is found', async () => {
      const { db } = database
      const tampering = fc.oneof(
        fc.record({ what: fc.constant('event' as const), at: fc.nat(7), column: fc.constantFrom(...COLUMNS) }),
        fc.record({ what: fc.constantFrom('delete event', 'forget', 'remember elsewhere'), at: fc.nat(7) }),
        fc.record({ what: fc.constant('swap' as const), at: fc.nat(7), with: fc.integer({ min: 1, max: 7 }) }),
        fc.record({
          what: fc.constant('insert' as const),
          age: fc.constantFrom('0 s', '1 day', '400 days'),
          under: fc.option(fc.integer({ min: -1, max: 5 })),
        }),
        fc.record({ what: fc.constant('seal' as const), at: fc.nat(2), column: fc.constantFrom(...Object.keys(SEAL)) }),
        fc.record({
          what: fc.constant('byte' as const),
          at: fc.nat(2),
          byte: fc.nat(47),
          by: fc.integer({ min: 1, max: 255 }),
        }),
        fc.record({ what: fc.constantFrom('delete seal', 'shorten'), at: fc.nat(2) }),
        fc.record({ what: fc.constant('hide waiting' as const) }),
      )
      const all = ids.flat()
      const tamper = (tx: Database, act: Record<string, unknown>) => {
        const id = all[Number(act['at'])] ?? null
        const position = Number(act['at']) + 1
        const column = String(act['column'])
        switch (act['what']) {
          case 'event':
            return tx.execute(
              sql`update audit_events set ${sql.identifier(column)} = ${otherValue(column)} where id = ${id}`,
            )
          case 'delete event':
            return tx.execute(sql`delete from audit_events where id = ${id}`)
          case 'forget':
            return tx.execute(sql`delete from audit_sealed where event_id = ${id}`)
          case 'remember elsewhere':
            return tx.execute(sql`update audit_sealed set seal = seal + 1 where event_id = ${id}`)
          case 'swap':
            return swap(tx, id, all[(Number(act['at']) + Number(act['with'])) % 8] ?? null)
          case 'insert':
            return insertForged(tx, newId(), String(act['age']), act['under'] as number | null)
          case 'seal':
            return tx.execute(
              sql`update audit_seals set ${sql.identifier(column)} = ${SEAL[column]} where position = ${position}`,
            )
          case 'byte':
            return tx.execute(sql`update audit_seals set
              members = set_byte(members, ${act['byte']}::int, get_byte(members, ${act['byte']}::int) # ${act['by']}::int)
              where position = ${position}`)
          case 'delete seal':
            return tx.execute(sql`delete from audit_seals where position = ${position}`)
          case 'shorten':
            return tx.execute(
              sql`update audit_seals set members = substring(members for length(members) - 1) where position = ${position}`,
            )
          default:
            return tx.execute(sql`delete from audit_unsealed where event_id = ${waiting}`)
        }
      }
      await fc.assert(
        fc.asyncProperty(tampering, async (act) => {
          const { problemCount } = await whenTampered(db, (tx) => tamper(tx, act))
          return problemCount > 0
        }),
        { numRuns: 60 },
      )
      expect((await verifyChain(db)).problemCount).toBe(0)
    })

    test('S-62 S-63 the chain itself is append-only', async () => {
      for (const statement of [
        'update audit_seals set position = 9',
        'delete from audit_seals',
        'truncate audit_seals',
        'update audit_sealed set seal = 9',
        'delete from audit_sealed',
        'truncate audit_sealed',
      ])
        await expect(database.db.execute(sql.raw(statement))).rejects.toThrow()
    })
  })

  eachDatabase((database) => {
    test('S-63 more than one seal holds is sealed under several, and a broken off sealing goes on', async () => {
      const { db } = database
      // Of hours in which nobody sealed: waiting that long is no backdating.
      await db.execute(sql`insert into audit_events (id, at, action, actor_kind, actor_name)
        select gen_random_uuid(), now() - interval '2 hours', 'session.started', 'system', 'Rollcall' from generate_series(1, 1203)`)
      expect(await sealAudit(db, AbortSignal.abort())).toBe(0)
      expect(await sealAudit(db)).toBeGreaterThanOrEqual(1203)
      expect(await sealAudit(db)).toBe(0)
      await tidyUnsealed(db)
      const progress: number[] = []
      const report = await verifyChain(db, { onProgress: (events) => void progress.push(events) })
      expect(report).toMatchObject({ from: 1, to: 3, problemCount: 0 })
      expect(progress[0]).toBe(1000)
    })

    test('S-64 what is removed when its time is over leaves the rest whole, and says what went', async () => {
      const { db } = database
      const before = await verifyChain(db)
      const first = { position: 1, hash: await hashOf(db, 1) }
      await makeOld(database, 2)
      const old = { position: 2, hash: await hashOf(db, 2) }
      expect(await removeOldAudit(db, 400)).toBe(1000)
      expect(await removeOldAudit(db, 400)).toBe(0)
      expect(await mayDelete(db), 'S-62 for the length of a removal alone').toEqual([])
      await recordAudit(db, TERMINAL, 'settings.changed')
      await sealAudit(db)
      const after = await verifyChain(db, { noted: old })
      expect(after).toMatchObject({ from: 3, to: before.to + 1, problemCount: 0, noted: 'same' })
      expect((await verifyChain(db, { noted: first })).noted).toBe('too-old')
      const compared = ({ position, hash }: typeof first) => compareHead(db, `${position}.${hash}`)
      expect([await compared(old), await compared({ ...old, hash: first.hash })]).toEqual(['same', 'differs'])
      expect(await compared(first)).toBe('too-old')
      const cut = await whenTampered(db, async (tx) => {
        await tx.execute(sql`delete from audit_events where id in (select event_id from audit_sealed where seal = 3)`)
        await tx.execute(sql`delete from audit_sealed where seal = 3`)
        await tx.execute(sql`delete from audit_seals where position = 3`)
      })
      expect(named(cut)).toContainEqual(['seal-removed', 3])
    })

    test('S-63 a sealed event that is made to wait again holds no later one up', async () => {
      const { db } = database
      const [event] = await sealed(db, 1)
      await db.execute(sql`insert into audit_unsealed (event_id) values (${event})`)
      await recordAudit(db, SYSTEM, 'settings.changed')
      expect(await sealAudit(db)).toBe(1)
      await db.execute(sql`delete from audit_unsealed where event_id = ${event}`)
      expect((await verifyChain(db)).problemCount).toBe(0)
    })
  })

  eachPostgres((database) => {
    test('S-63 an event that commits after later ones were sealed is sealed all the same', async () => {
      const [slow, quick] = await database.twoConnections()
      let late: AuditEventId | undefined
      await slow.transaction(async (tx) => {
        late = await recordAudit(tx, SYSTEM, 'settings.changed')
        await recordAudit(quick, SYSTEM, 'settings.changed')
        expect(await sealAudit(quick)).toBe(1)
      })
      expect(await sealAudit(quick)).toBe(1)
      const report = await verifyChain(quick)
      expect(report).toMatchObject({ to: 2, events: 2, problemCount: 0 })
      expect(late).toBeDefined()
    })

    test('S-63 one process seals at a time; the other does not wait for it', async () => {
      const [one, other] = await database.twoConnections()
      await recordAudit(one, SYSTEM, 'settings.changed')
      await one.transaction(async (tx) => {
        expect(await sealAudit(tx)).toBe(1)
        await recordAudit(other, SYSTEM, 'settings.changed')
        expect(await sealAudit(other)).toBe(0)
      })
      expect(await sealAudit(other)).toBe(1)
      expect((await verifyChain(one)).problemCount).toBe(0)
    })

    test('S-64 nor is anything removed meanwhile: what is over its time waits for its turn', async () => {
      const [one, other] = await database.twoConnections()
      for (let n = 0; n < 3; n++) await sealed(one, 2)
      await makeOld(database, 2)
      await one.transaction(async (tx) => {
        expect(await takeTurn(tx)).toBe(true)
        expect(await removeOldAudit(other, 400)).toBe(0)
      })
      expect(await removeOldAudit(other, 400)).toBeGreaterThan(0)
    })
  })
})

/** Every column of an event, so that one which is added and not sealed is found here. */
const COLUMNS = Object.values(getTableColumns(auditEvents)).map(({ name }) => name)

function otherValue(column: string) {
  if (column === 'id' || column === 'account_id' || column === 'session_id') return sql`${newId()}::uuid`
  if (column === 'at') return sql`at + interval '1 microsecond'`
  if (column === 'ip') return sql`'203.0.113.8'::inet`
  if (column === 'details') return sql`'{"ended": 3}'::jsonb`
  if (column === 'xid') return sql`'7'::xid8`
  return sql`${'other'}`
}

const SEAL: Record<string, ReturnType<typeof sql>> = {
  position: sql`position + 1000000`,
  at: sql`at - interval '1 microsecond'`,
  previous: sql`sha256(previous)`,
  members: sql`substring(members from 49) || substring(members for 48) || substring(members for 48)`,
  hash: sql`sha256(hash)`,
}

/** Two events change what they say for one another. */
const swap = (tx: Database, one: AuditEventId | null, other: AuditEventId | null) =>
  tx.execute(sql`update audit_events e set target_id = o.target_id, account_id = o.account_id, at = o.at
    from audit_events o where (e.id = ${one} and o.id = ${other}) or (e.id = ${other} and o.id = ${one})`)

async function insertForged(tx: Database, id: AuditEventId, age = '0 s', under: number | null = null): Promise<void> {
  await tx.execute(sql`insert into audit_events (id, at, action, actor_kind, actor_name)
    values (${id}, now() - ${age}::interval, 'account.blocked', 'account', 'Bob')`)
  if (under !== null) await tx.execute(sql`insert into audit_sealed (event_id, seal) values (${id}, ${under})`)
}

/** The tables of the log that somebody was given the right to delete from. */
async function mayDelete(db: Database): Promise<string[]> {
  const rows = rowsOf<{ name: string }>(
    await db.execute(sql`select relname as name from pg_class, aclexplode(relacl)
      where relname in ('audit_events', 'audit_seals', 'audit_sealed') and privilege_type = 'DELETE'`),
  )
  return rows.map(({ name }) => name)
}

async function hashOf(db: Database, position: number): Promise<string> {
  const [row] = rowsOf<{ hash: string }>(
    await db.execute(sql`select encode(hash, 'hex') as hash from audit_seals where position = ${position}`),
  )
  return row?.hash ?? ''
}

/** Time passes: the first seals, and those after them, as they would have been made long ago. */
async function makeOld({ db }: TestDatabase, seals: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    for (let position = 1; position <= 3; position++) {
      const at = position <= seals ? sql`at - interval '500 days'` : sql`at`
      await tx.execute(sql`update audit_seals set at = ${at},
        previous = coalesce((select hash from audit_seals where position = ${position} - 1), previous) where position = ${position}`)
      await hashAnew(tx, position)
    }
  })
}

const hashAnew = (tx: Database, position: number) =>
  tx.execute(sql`update audit_seals set hash = sha256(int4send(position)
    || convert_to(extract(epoch from at)::text, 'UTF8') || previous || members) where position = ${position}`)
