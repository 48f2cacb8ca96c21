import { and, eq, isNull, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { endings, revocations, sessions } from '../../../src/db/schema.js'
import { endAll } from '../../../src/sessions/endings.js'
import type { Whom } from '../../../src/sessions/generation.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { countSessions, listSessions } from '../../../src/sessions/lists/list.js'
import { jobStep } from '../../../src/sessions/many/jobStep.js'
import { markEndings } from '../../../src/sessions/many/markEndings.js'
import { markJobs } from '../../../src/sessions/many/markJobs.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession } from '../../../src/sessions/revoke.js'
import { startSession } from '../../../src/sessions/start.js'
import { type EndReason, MOST_COUNTED, type SessionFilter } from '../../../src/sessions/types.js'
import { age, anAccount, anApp, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres, type TestDatabase } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aVerifier } from '../../support/verifier.js'
import { somebodyWaits } from '../accounts/interleave.js'

const ENDING = { reason: 'kill-switch', by: SYSTEM, note: 'breach' } as const

const verdictOf = async (db: Database, token: string) => (await aVerifier(db, () => {}).verify(token)).status

/** Many sessions of one account in one app, and one of somebody else's elsewhere. */
async function aCrowd({ db }: TestDatabase, size: number) {
  const app = await anApp(db)
  const { session, account } = await aSession(db, { app })
  const tokenOf = await multiply(db, session, size - 1)
  return { app, session, account, size, tokenOf, other: await aSession(db) }
}

const KINDS: Whom['kind'][] = ['account', 'app', 'everything']
function whomOf(kind: Whom['kind'], { account, app }: Awaited<ReturnType<typeof aCrowd>>): Whom {
  if (kind === 'account') return { kind, target: account.id }
  return kind === 'app' ? { kind, target: app } : { kind, target: null }
}

describe('ending many at once', () => {
  eachDatabase((database) => {
    const open = () => database.db.select().from(endings).where(isNull(endings.doneAt))

    it('of an app the rows are not walked where the tallies say that there are a great many', async () => {
      const { db } = database
      await markEndings(db)
      await markJobs(db)
      const { app } = await aCrowd(database, 3)
      const endedWith = async (tx: Database) => (await endAll(tx, { kind: 'app', target: app }, ENDING))?.ended
      const rolledBack = db.transaction(async (tx) => {
        await tx.execute(sql`insert into session_tallies (kind, a, b, n) values ('app', ${app}, '', 20000)
          on conflict (kind, a, b) do update set n = excluded.n`)
        expect(await endedWith(tx)).toBe(MOST_COUNTED)
        // What that left unmarked is among them still: now they say nothing about who is there.
        await aSession(tx, { app })
        expect(await endedWith(tx)).toBe(1)
        tx.rollback()
      })
      await expect(rolledBack).rejects.toThrow('Rollback')
    })

    it.each(KINDS)(
      'a great many sessions end in a few rows, at once, and are marked behind it: of %s',
      async (kind) => {
        const { db } = database
        const crowd = await aCrowd(database, 12_000)
        const whom = whomOf(kind, crowd)
        const { written, ended, xid } = await db.transaction(async (tx) => {
          const before = await rowsWritten(tx)
          const done = await endAll(tx, whom, ENDING)
          return { written: (await rowsWritten(tx)) - before, ended: done?.ended, xid: await xidOf(tx) }
        })
        expect(written).toBeGreaterThanOrEqual(3)
        expect(written).toBeLessThan(10)
        expect(ended).toBe(MOST_COUNTED)
        const log = await db.select().from(revocations).where(sql`${revocations.xid} = ${xid}::xid8`)
        expect(log.map((entry) => [entry.kind, entry.target])).toEqual([[kind, whom.target ?? 'everything']])

        const some = await db.select().from(sessions).where(eq(sessions.appId, crowd.app)).limit(20)
        for (const { id } of some) expect(await verdictOf(db, crowd.tokenOf(id))).toBe('denied')
        expect(await verdictOf(db, crowd.other.token)).toBe(kind === 'everything' ? 'denied' : 'active')
        const filter: SessionFilter = { app: crowd.app }
        expect((await listSessions(db, filter)).items).toEqual([])
        expect(await countSessions(db, filter)).toBe(0)
        const unmarked = some[0] && (await findSession(db, some[0].id))
        const [act] = await open()
        expect(unmarked?.end).toEqual({
          at: act?.at,
          reason: 'kill-switch',
          note: 'breach',
          by: { kind: 'system', id: null, name: 'Rollcall' },
          position: `x${xid}`,
        })

        expect(await markEndings(db)).toBeGreaterThanOrEqual(crowd.size)
        const [marks] = rowsOf<{ n: number; as_the_act: number }>(
          await db.execute(sql`
          select count(*)::int as n, count(*) filter (where s.ended_at = e.at and s.ended_xid = e.xid and s.end_reason = e.reason
            and s.end_note = e.note and s.ended_by_name = e.by_name)::int as as_the_act
          from sessions s, endings e where e.id = ${act?.id ?? null} and s.app_id = ${crowd.app}`),
        )
        expect(marks).toEqual({ n: crowd.size, as_the_act: crowd.size })
        expect(await open()).toEqual([])
        const more = await db.select().from(revocations).where(sql`${revocations.xid} > ${xid}::xid8`)
        expect(more, 'marking puts nothing into the log').toEqual([])
      },
      180_000,
    )

    it('a few are marked within the act, and counted exactly', async () => {
      const { db } = database
      const account = await anAccount(db)
      for (let i = 0; i < 4; i++) await aSession(db, { account })
      expect(await revokeAccountSessions(db, account.id, SYSTEM, 'stolen')).toBe(4)
      expect(await db.$count(sessions, and(eq(sessions.accountId, account.id), isNull(sessions.endedAt)))).toBe(0)
      expect(await open()).toEqual([])
    })

    it('a job that is broken off in the middle is gone on with by the next one', async () => {
      const { db } = database
      const { account, size } = await aCrowd(database, 4_000)
      await revokeAccountSessions(db, account.id, SYSTEM, 'stolen')
      await expect(markEndings(breaksOff(db, 3))).rejects.toThrow('broken off')
      const left = () => db.$count(sessions, and(eq(sessions.accountId, account.id), isNull(sessions.endedAt)))
      expect(await left()).toBe(size - 2_000)
      expect((await open())[0]).toMatchObject({ marked: 2_000 })
      expect(await markEndings(db)).toBe(size - 2_000)
      expect(await left()).toBe(0)
      expect(await open()).toEqual([])
    })

    it('a batch may take longer than a page’s query', async () => {
      const { db } = database
      const limits: string[] = []
      await jobStep(db, async (tx) => {
        for (const row of rowsOf<{ statement_timeout: string }>(await tx.execute(sql`show statement_timeout`)))
          limits.push(row.statement_timeout)
      })
      expect(limits).toEqual(['1min'])
    })

    it('a job stops after the batch at hand when the process does', async () => {
      const { db } = database
      const { account, size } = await aCrowd(database, 1_500)
      await revokeAccountSessions(db, account.id, SYSTEM, 'stolen')
      expect(await markEndings(db, AbortSignal.abort())).toBe(0)
      expect(await markEndings(db)).toBe(size)
    })

    it.each<[string, (db: Database, crowd: Awaited<ReturnType<typeof aCrowd>>) => Promise<unknown>, EndReason]>([
      ['everyone', (db) => killSwitch(db, 'everyone', 'breach', SYSTEM, { confirm: 'everyone' }), 'kill-switch'],
      ['an app', (db, { app }) => endAll(db, { kind: 'app', target: app }, ENDING), 'kill-switch'],
      ['a filter', (db, { account }) => revokeMatching(db, { account: account.id }, SYSTEM, 'breach'), 'revoked'],
    ])(
      'what two acts ended keeps the reason of the first, which was of %s, and the second does not count it',
      async (_, first, reason) => {
        const { db } = database
        const crowd = await aCrowd(database, 700)
        await first(db, crowd)
        const blocked = await blockAccount(db, crowd.account.id, { reason: 'stolen' }, SYSTEM)
        expect(blocked).toMatchObject({ status: 'blocked', ended: 0 })
        await markEndings(db)
        await markJobs(db)
        const rows = await db.select().from(sessions).where(eq(sessions.accountId, crowd.account.id))
        expect(rows.filter((row) => row.endReason === reason)).toHaveLength(crowd.size)
      },
    )

    it.each<[EndReason, (db: Database, crowd: Awaited<ReturnType<typeof aCrowd>>) => Promise<unknown>]>([
      ['blocked', (db, { account }) => blockAccount(db, account.id, { reason: 'breach' }, TERMINAL)],
      ['kill-switch', (db, { app }) => endAll(db, { kind: 'app', target: app }, { ...ENDING, by: TERMINAL })],
    ])(
      '%s: a sweep that comes before the marks takes from an act neither its reason nor its author',
      async (reason, act) => {
        const { db } = database
        const crowd = await aCrowd(database, 60)
        await act(db, crowd)
        expect(await open(), 'the marking is still to come').toHaveLength(1)
        await age(db, crowd.session, { idleFor: '100 days' })
        await sweepSessions(db)
        await markEndings(db)
        const rows = await db.select().from(sessions).where(eq(sessions.appId, crowd.app))
        const ends = rows.map((row) => `${row.endReason} by ${row.endedByKind}: ${row.endNote}`)
        expect(new Set(ends)).toEqual(new Set([`${reason} by terminal: breach`]))
      },
    )

    it('of two acts whose rows wait to be marked the first one’s come first', async () => {
      const { db } = database
      const first = await aCrowd(database, 700)
      const second = await aCrowd(database, 700)
      await revokeAccountSessions(db, first.account.id, SYSTEM, 'stolen')
      await killSwitch(db, 'everyone', 'breach', SYSTEM, { confirm: 'everyone' })
      expect(await open()).toHaveLength(2)
      await markEndings(db)
      const reasons = async ({ app, size }: typeof first) =>
        (await db.$count(sessions, and(eq(sessions.appId, app), eq(sessions.endReason, 'revoked')))) / size
      expect([await reasons(first), await reasons(second)]).toEqual([1, 0])
    })

    it('the one who signs out everywhere else goes on, among a great many too; what was over stays over', async () => {
      const { db } = database
      const { account } = await aCrowd(database, 800)
      const mine = await aSession(db, { account })
      const by = { kind: 'account', id: account.id, name: account.name, sessionId: mine.session.id, ip: null } as const
      expect(await revokeAccountSessions(db, account.id, by, null, { except: mine.session.id })).toBe(800)
      expect(await verdictOf(db, mine.token)).toBe('active')
      await markEndings(db)
      await sweepSessions(db)
      expect(await verdictOf(db, mine.token)).toBe('active')
      await revokeAccountSessions(db, account.id, SYSTEM, 'stolen')
      await revokeAccountSessions(db, account.id, by, null, { except: mine.session.id })
      expect(await verdictOf(db, mine.token)).toBe('denied')
    })

    it('S-12 what is over and not marked yet does not come back by signing out everywhere else', async () => {
      const { db } = database
      const { account } = await aCrowd(database, 30)
      const mine = await aSession(db, { account })
      await revokeAccountSessions(db, account.id, SYSTEM, 'stolen')
      expect(await open()).toHaveLength(1)
      const by = { kind: 'account', id: account.id, name: account.name, sessionId: mine.session.id, ip: null } as const
      await revokeAccountSessions(db, account.id, by, null, { except: mine.session.id })
      expect(await verdictOf(db, mine.token)).toBe('denied')
      await markEndings(db)
    })
  })

  eachPostgres((database) => {
    it('S-13 a sign-in under way when everything ends is dead on arrival, and is marked with that reason', async () => {
      const [one, other] = await database.twoConnections()
      const account = await anAccount(one)
      const started = await one.transaction(async (tx) => {
        const started = await startSession(tx, {
          account,
          appId: await anApp(tx),
          client: aClient(),
          method: 'password',
        })
        await killSwitch(other, 'everyone', 'breach', SYSTEM, { confirm: 'everyone' })
        return started
      })
      if (started.status !== 'started') throw new Error(started.why)
      expect(await verdictOf(other, started.token)).toBe('denied')
      await sweepSessions(other)
      const [row] = await other.select().from(sessions).where(eq(sessions.id, started.session.id))
      const [act] = await other.select().from(endings).orderBy(sql`${endings.at} desc`).limit(1)
      expect(row).toMatchObject({ endReason: 'kill-switch', endNote: 'breach', endedAt: act?.at, endedXid: act?.xid })
    })

    it('two nodes mark each row once', async () => {
      const two = await database.twoConnections()
      const { account, size } = await aCrowd(database, 6_000)
      await revokeAccountSessions(two[0], account.id, SYSTEM, 'stolen')
      let marked = 0
      while ((await two[0].$count(endings, isNull(endings.doneAt))) > 0) {
        for (const n of await Promise.all(two.map((db) => markEndings(db)))) marked += n
      }
      expect(marked).toBe(size)
    })

    it('one node waits for its turn while another marks', async () => {
      const [one, other] = await database.twoConnections()
      const { account, size } = await aCrowd(database, 600)
      await revokeAccountSessions(one, account.id, SYSTEM, 'stolen')
      await one.transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext('rollcall endings'))`)
        expect(await markEndings(other)).toBe(0)
      })
      expect(await markEndings(other)).toBe(size)
    })

    it('two acts with sessions in common take them in one order: neither dies of the other', async () => {
      const [one, other] = await database.twoConnections()
      const app = await anApp(one)
      const older = await aSession(one, { app })
      const newer = await aSession(one, { app, account: older.account })
      const acts = await one.transaction(async (tx) => {
        const first = await revokeSession(tx, older.session.id, SYSTEM, 'one')
        const all = revokeAccountSessions(other, older.account.id, SYSTEM, 'other', { scope: { appId: app } })
        while (!(await somebodyWaits(tx))) await new Promise(setImmediate)
        return { all, ended: [first, await revokeSession(tx, newer.session.id, SYSTEM, 'one')] }
      })
      expect(acts.ended.map((session) => session?.end?.note)).toEqual(['one', 'one'])
      expect(await acts.all).toBe(0)
    })

    it('acts with sessions in common do not wait for each other in a circle', async () => {
      const [one, other] = await database.twoConnections()
      // Once so few that the acts mark them, once so many that the marking behind them does.
      for (let round = 0; round < 20; round++) {
        const { account, session } = await aSession(one)
        await multiply(one, session, round % 2 ? 60 : 15)
        await Promise.all([
          revokeAccountSessions(one, account.id, SYSTEM, 'one'),
          killSwitch(other, 'everyone', 'other', SYSTEM, { confirm: 'everyone' }),
        ])
        await Promise.all([markEndings(one), markEndings(other)])
        await markEndings(one)
        expect(await one.$count(sessions, and(eq(sessions.accountId, account.id), isNull(sessions.endedAt)))).toBe(0)
      }
    })
  })
})

/** Within the present transaction. */
async function rowsWritten(tx: Database): Promise<number> {
  const [row] = rowsOf<{ n: number }>(
    await tx.execute(sql`select sum(n_tup_ins + n_tup_upd + n_tup_del)::int as n from pg_stat_xact_user_tables`),
  )
  return row?.n ?? Number.NaN
}

async function xidOf(tx: Database): Promise<string> {
  const [row] = rowsOf<{ xid: string }>(await tx.execute(sql`select pg_current_xact_id()::text as xid`))
  return row?.xid ?? ''
}

/** As a process that is killed within its nth transaction: that one is rolled back, those before it stand. */
function breaksOff(db: Database, nth: number): Database {
  let begun = 0
  const handle: Database = Object.create(db)
  handle.transaction = (act, config) =>
    db.transaction(async (tx) => {
      const result = await act(tx)
      if (++begun === nth) throw new Error('broken off')
      return result
    }, config)
  return handle
}
