import { and, eq, isNull, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { createLimits } from '../../../src/accounts/limits.js'
import { changePassword } from '../../../src/accounts/passwords/changePassword.js'
import { listAudit } from '../../../src/audit/list.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { type JobId, newId, type SessionId } from '../../../src/db/ids.js'
import { apps, auditEvents, frozenSets, jobs, revocations, sessions } from '../../../src/db/schema.js'
import { countSessions, listSessions } from '../../../src/sessions/lists/list.js'
import { IDLE_GRACE_SECONDS } from '../../../src/sessions/live.js'
import { readLog } from '../../../src/sessions/log/readLog.js'
import { appendFrozen, MOST_NAMED } from '../../../src/sessions/log/revocations.js'
import { findJob } from '../../../src/sessions/many/jobs.js'
import { markEndings } from '../../../src/sessions/many/markEndings.js'
import { markJobs, pruneJobs } from '../../../src/sessions/many/markJobs.js'
import { previewMatching } from '../../../src/sessions/many/previewMatching.js'
import { type RevokeHow, revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import { steerJob } from '../../../src/sessions/many/steerJob.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession } from '../../../src/sessions/revoke.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import type { SessionFilter } from '../../../src/sessions/types.js'
import {
  acting,
  age,
  anAccount,
  anApp,
  anOwner,
  aSession,
  OWNER_PASSWORD,
  type SessionOptions,
} from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { quickPasswords } from '../../support/passwords.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aVerifier } from '../../support/verifier.js'
import { atTheSameTime } from '../accounts/interleave.js'
import { aNode } from './aNode.js'

/** More than are marked within the act, and more than one row of the log holds. */
const CROWD = 2_300

/** Many sessions of one account: what a filter by account finds. */
async function aCrowd(db: Database, size = CROWD, from: SessionOptions = {}) {
  const { session, account, token } = await aSession(db, from)
  const tokenOf = await multiply(db, session, size - 1)
  return { account, session, token, tokenOf, size, filter: { account: account.id } satisfies SessionFilter }
}

async function revoke(db: Database, filter: SessionFilter, how: RevokeHow = {}, by = SYSTEM): Promise<JobId> {
  const done = await revokeMatching(db, filter, by, 'stolen', how)
  if (done.status !== 'done') throw new Error(done.status)
  return done.job
}

const verdictOf = (db: Database, token: string) => aVerifier(db, () => {}).verify(token)
const ENDED = { status: 'denied', reason: 'ended' }

describe('ending all that match a filter', () => {
  eachDatabase((database) => {
    beforeEach(async () => {
      await markJobs(database.db)
    })
    const unmarked = (account: SessionFilter['account']) =>
      database.db.$count(sessions, and(eq(sessions.accountId, account as never), isNull(sessions.endedAt)))

    it('S-14 holds from its commit on, before any row is marked, for whoever looks', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const other = await aSession(db)
      const id = await revoke(db, crowd.filter)
      expect(await unmarked(crowd.account.id)).toBe(crowd.size)

      expect(await verdictOf(db, crowd.token)).toEqual(ENDED)
      expect((await verdictOf(db, other.token)).status).toBe('active')
      expect((await listSessions(db, crowd.filter)).items).toEqual([])
      expect(await countSessions(db, crowd.filter)).toBe(0)
      expect(await countSessions(db, { ...crowd.filter, state: 'ended' })).toBe(crowd.size)
      const use = { id: crowd.session.id, secondsAgo: 0, ip: null, requests: 1 }
      expect(await touchSessions(db, [use], () => crowd.session.place)).toEqual([crowd.session.id])
      const job = await findJob(db, id)
      const end = { at: job?.at, reason: 'revoked', note: 'stolen', by: { kind: 'system', id: null, name: 'Rollcall' } }
      expect((await findSession(db, crowd.session.id))?.end).toEqual({ ...end, position: job?.position })
      expect(job).toMatchObject({ state: 'running', marked: 0, set: { total: crowd.size, gone: 0, refused: 0 } })
    })

    it('is then marked in batches: each row with the act’s time, reason, author and transaction', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const id = await revoke(db, crowd.filter)
      await markJobs(db)
      const [marks] = rowsOf<{ n: number }>(
        await db.execute(sql`
          select count(*)::int as n from sessions s, jobs j where j.id = ${id} and s.account_id = ${crowd.account.id}
            and s.ended_at = j.at and s.ended_xid = j.xid and s.end_reason = 'revoked' and s.end_note = 'stolen'
            and s.ended_by_name = 'Rollcall'`),
      )
      expect(marks?.n).toBe(crowd.size)
      expect(await db.$count(frozenSets, eq(frozenSets.jobId, id))).toBe(0)
      expect(await findJob(db, id)).toMatchObject({ state: 'done', marked: crowd.size, set: { gone: 0 } })
      const { items } = await listAudit(db, { account: crowd.account.id, action: 'sessions.revoked' })
      expect(items).toMatchObject([
        { target: { id, name: `account ${crowd.account.name}` }, reason: 'stolen', details: { ended: crowd.size } },
      ])
    })

    it('is stepped over by the list in one go, and not stride by stride', async () => {
      const { db } = database
      const [ip, quiet] = ['192.0.2.150', '192.0.2.151']
      const older = await aSession(db, { ip })
      await aSession(db, { ip: quiet })
      const crowd = await aCrowd(db, CROWD, { ip })
      await revoke(db, crowd.filter)
      const [list, usual] = [counting(db), counting(db)]
      expect((await listSessions(list.db, { ip })).items.map(({ id }) => id)).toEqual([older.session.id])
      await listSessions(usual.db, { ip: quiet })
      expect(list.asked()).toBe(usual.asked())
    })

    it('stands in the log as a row for each thousand, which a follower reads as one entry a session', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const node = aNode(database.open)
      const before = (await node.poll(undefined)).snapshot
      await revoke(db, crowd.filter)
      const rows = await db.select().from(revocations).where(eq(revocations.kind, 'sessions'))
      expect(rows.filter(({ target }) => target.includes(crowd.session.id))).toHaveLength(1)
      const { answer } = await readLog(db, node.id, before, {}, { afterFailure: false })
      const named = answer.entries.filter(({ kind }) => kind === 'session').map(({ target }) => target)
      expect(new Set(named).size).toBe(crowd.size)
      expect(named).toContain(crowd.session.id)
      expect(answer.entries.every(({ kind }) => kind === 'session')).toBe(true)
      await node.leave()
    })

    it('of more than can be named has everybody forget what they remember', async () => {
      const { db } = database
      const job = newId<JobId>()
      const entries = await db.transaction(async (tx) => {
        await appendFrozen(tx, job, MOST_NAMED + 1)
        return tx.select().from(revocations).where(sql`xid = pg_current_xact_id()`)
      })
      expect(entries).toMatchObject([{ kind: 'everything', target: job }])
    })

    it('is marked within the act where they are few', async () => {
      const { db } = database
      const crowd = await aCrowd(db, 5)
      const id = await revoke(db, crowd.filter)
      expect(await findJob(db, id)).toMatchObject({ state: 'done', marked: 5 })
      expect(await unmarked(crowd.account.id)).toBe(0)
    })

    it('is broken off in the middle and gone on with by the next one, which counts nothing twice', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const id = await revoke(db, crowd.filter)
      await expect(markJobs(breaksOff(db, 2))).rejects.toThrow('broken off')
      expect(await unmarked(crowd.account.id)).toBe(crowd.size - 1_000)
      expect(await verdictOf(db, crowd.token)).toEqual(ENDED)
      expect(await markJobs(db)).toBe(crowd.size - 1_000)
      expect(await findJob(db, id)).toMatchObject({ state: 'done', marked: crowd.size })
    })

    it('may be paused and resumed: what it ended is over all the while', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const id = await revoke(db, crowd.filter)
      expect(await steerJob(db, id, 'paused', SYSTEM)).toBe(true)
      expect(await steerJob(db, id, 'paused', SYSTEM)).toBe(false)
      expect(await markJobs(db)).toBe(0)
      expect(await verdictOf(db, crowd.token)).toEqual(ENDED)
      expect(await steerJob(db, id, 'running', SYSTEM)).toBe(true)
      expect(await markJobs(db)).toBe(crowd.size)
      expect(await steerJob(db, id, 'paused', SYSTEM), 'what is done stays done').toBe(false)
    })

    it('S-31 S-62 is paused by nobody below a responder, and each pause has its line', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const id = await revoke(db, crowd.filter)
      const [viewer, responder] = [await anAccount(db, { role: 'viewer' }), await anAccount(db, { role: 'responder' })]
      expect(await steerJob(db, id, 'paused', await acting(db, viewer))).toBe(false)
      expect(await findJob(db, id)).toMatchObject({ state: 'running' })
      for (const to of ['paused', 'running'] as const)
        expect(await steerJob(db, id, to, await acting(db, responder))).toBe(true)
      const lines = await db.select().from(auditEvents).where(eq(auditEvents.targetId, id)).orderBy(auditEvents.id)
      expect(lines.map(({ action, actorName }) => [action, actorName])).toEqual([
        ['sessions.revoked', 'Rollcall'],
        ['job.paused', responder.name],
        ['job.resumed', responder.name],
      ])
      await markJobs(db)
    })

    it('S-10 keeps its reason, whatever else would end such a session before it is marked', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const id = await revoke(db, crowd.filter)
      expect((await revokeSession(db, crowd.session.id, SYSTEM, 'late'))?.end?.note).toBe('stolen')
      await db.update(jobs).set({ at: sql`now() - interval '100 days'` }).where(eq(jobs.id, id))
      await age(db, crowd.session, { idleFor: '90 days' })
      await sweepSessions(db)
      await markJobs(db)
      expect((await findSession(db, crowd.session.id))?.end).toMatchObject({ reason: 'revoked', note: 'stolen' })
      expect(await findJob(db, id)).toMatchObject({ marked: crowd.size, set: { gone: 0 } })
    })

    it('leaves what had gone by itself its own reason, though nobody had marked it', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      await age(db, crowd.session, { idleFor: '90 days' })
      const id = await revoke(db, crowd.filter, { previewed: crowd.size - 1 })
      expect((await verdictOf(db, crowd.token)).status).toBe('denied')
      await markJobs(db)
      expect((await verdictOf(db, crowd.token)).status).toBe('denied')
      await sweepSessions(db)
      expect((await findSession(db, crowd.session.id))?.end).toMatchObject({ reason: 'idle', note: null })
      expect(await findJob(db, id)).toMatchObject({ marked: crowd.size - 1, set: { total: crowd.size, gone: 1 } })
    })

    it('S-12 leaves nothing that a late use brings back, of what had gone by itself before', async () => {
      const { db } = database
      const { session, token } = await aSession(db)
      await db.execute(sql`
        update session_activity set last_seen_at = now() - interval '1 minute'
          - (select make_interval(secs => least(settings.idle_timeout, sessions.idle_timeout)) from settings, sessions
            where sessions.id = session_id)
        where session_id = ${session.id}`)
      await revoke(db, { account: session.account.id })
      // An app process that was cut off tells of it only now.
      const late = { id: session.id, secondsAgo: 90, ip: null, requests: 1 }
      expect(await touchSessions(db, [late], () => session.place)).toEqual([session.id])
      expect((await verdictOf(db, token)).status).toBe('denied')
      expect((await findSession(db, session.id))?.end).toMatchObject({ reason: 'idle', note: null })
    })

    it.each(['idle', 'expired'] as const)(
      'leaves nothing that a longer timeout brings back: %s before',
      async (reason) => {
        const { db } = database
        const app = await anApp(db, { idleTimeout: 600, absoluteTimeout: 86_400 })
        const { session, token } = await aSession(db, { app })
        await age(db, session, reason === 'idle' ? { idleFor: '1 hour' } : { signedInFor: '25 hours' })
        await db.update(sessions).set({ expiresAt: sql`now() + interval '1 year'` }).where(eq(sessions.id, session.id))
        await revoke(db, { account: session.account.id })
        await db.update(apps).set({ idleTimeout: 864_000, absoluteTimeout: 864_000 }).where(eq(apps.id, app))
        expect(await verdictOf(db, token)).toEqual({ status: 'denied', reason })
      },
    )

    it('ends what seems idle, as long as a use of it may still be on the way', async () => {
      const { db } = database
      const { session } = await aSession(db)
      await db.execute(sql`
        update session_activity set last_seen_at = now() - make_interval(secs => ${IDLE_GRACE_SECONDS - 5})
          - (select make_interval(secs => least(settings.idle_timeout, sessions.idle_timeout)) from settings, sessions
            where sessions.id = session_id)
        where session_id = ${session.id}`)
      expect(await countSessions(db, { account: session.account.id })).toBe(0)
      expect(await findJob(db, await revoke(db, { account: session.account.id }))).toMatchObject({ marked: 1 })
      expect((await findSession(db, session.id))?.end?.reason).toBe('revoked')
    })

    it('leaves what an earlier act had ended that act’s reason, though nobody had marked it', async () => {
      const { db } = database
      const app = await anApp(db)
      const crowd = await aCrowd(db, CROWD, { app })
      await revokeAccountSessions(db, crowd.account.id, SYSTEM, 'before')
      const late = await aSession(db, { app, account: crowd.account })
      const id = await revoke(db, { app, method: 'password' })
      await markJobs(db)
      expect(await findJob(db, id)).toMatchObject({ marked: 1, set: { total: crowd.size + 1, gone: crowd.size } })
      await markEndings(db)
      expect((await findSession(db, crowd.session.id))?.end?.note).toBe('before')
      expect((await findSession(db, late.session.id))?.end?.note).toBe('stolen')
    })

    it('is not stopped by many that had gone by themselves since nobody marked them', async () => {
      const { db } = database
      const crowd = await aCrowd(db, 60)
      await db.execute(sql`
        update session_activity set last_seen_at = now() - interval '90 days'
        from sessions where sessions.id = session_id and account_id = ${crowd.account.id} and session_id <> ${crowd.session.id}`)
      const id = await revoke(db, crowd.filter, { previewed: 1 })
      expect(await findJob(db, id)).toMatchObject({ marked: 1, set: { total: 60, gone: 59 } })
    })

    it('ends what only a network’s block refuses too: lifting it gives nothing back', async () => {
      const { db } = database
      const { session, token } = await aSession(db, { ip: '198.51.100.201' })
      const blocked = await blockNetwork(db, { network: '198.51.100.201', reason: 'test' }, SYSTEM)
      if (blocked.status !== 'blocked') throw new Error(blocked.status)
      await revoke(db, { account: session.account.id })
      await liftBlock(db, blocked.block.id, null, SYSTEM)
      expect(await verdictOf(db, token)).toEqual(ENDED)
    })

    it('S-13 a change of password that was let in before it comes out with no new session', async () => {
      const { db } = database
      const { session, account } = await aSession(db, { account: await anOwner(db) })
      await multiply(db, session, 600)
      await revoke(db, { account: account.id })
      const by = { kind: 'account', id: account.id, name: account.name, sessionId: session.id, ip: null } as const
      const change = {
        present: OWNER_PASSWORD,
        next: 'Vg7#new-words-nobody-guesses',
        signOutOthers: false,
        client: aClient(),
      }
      const answer = await changePassword(db, account.id, change, by, {
        limits: createLimits(),
        passwords: quickPasswords(),
      })
      expect(answer).toEqual({ status: 'wrong' })
      expect(await countSessions(db, { account: account.id })).toBe(0)
    })

    it('is forgotten long after it was done, and not before', async () => {
      const { db } = database
      const [old, recent] = [await revoke(db, { q: 'nobody at all' }), await revoke(db, { q: 'nobody at all' })]
      await db.update(jobs).set({ at: sql`now() - interval '91 days'` }).where(eq(jobs.id, old))
      await pruneJobs(db)
      expect(await findJob(db, old)).toBeUndefined()
      expect(await findJob(db, recent)).toMatchObject({ state: 'done', marked: 0 })
    })

    it('S-10 that was paused and left so is never forgotten: what it ended would be live again', async () => {
      const { db } = database
      const crowd = await aCrowd(db)
      const id = await revoke(db, crowd.filter)
      await steerJob(db, id, 'paused', SYSTEM)
      await db.update(jobs).set({ at: sql`now() - interval '91 days'` }).where(eq(jobs.id, id))
      await pruneJobs(db)
      expect(await verdictOf(db, crowd.token)).toEqual(ENDED)
      expect(await steerJob(db, id, 'running', SYSTEM)).toBe(true)
      expect(await markJobs(db)).toBe(crowd.size)
    })

    it('is previewed with what went by itself left out, unless that would be to look up more than ten thousand', async () => {
      const { db } = database
      for (const [size, hits] of [
        [20, 18],
        [10_002, 10_002],
      ] as const) {
        const { account, session, filter } = await aCrowd(db, size)
        const gone = sql`(select id from sessions where account_id = ${account.id} and id <> ${session.id} order by id limit 2)`
        await db.execute(
          sql`update session_activity set last_seen_at = now() - interval '1 year' where session_id in ${gone}`,
        )
        const preview = await previewMatching(db, filter, SYSTEM, newId<SessionId>())
        expect(preview).toMatchObject({ sessions: hits, people: 1, refused: 0, own: false })
        expect(preview.first).toHaveLength(8)
        const job = await revoke(db, filter, { previewed: preview.sessions })
        await markJobs(db)
        expect(await findJob(db, job)).toMatchObject({ state: 'done', marked: size - 2, set: { gone: 2 } })
      }
    })

    it('says of those in the preview how many at least had gone before the act', async () => {
      const { db } = database
      const { filter, session } = await aCrowd(db, 10)
      await revokeSession(db, session.id, SYSTEM, null)
      const setOf = async (previewed: number) => (await findJob(db, await revoke(db, filter, { previewed })))?.set
      expect(await setOf(10)).toEqual({
        total: 9,
        gone: 0,
        refused: 0,
        spared: 0,
        previewed: 10,
        goneBefore: 1,
      })
      expect(await setOf(10), 'the second one').toMatchObject({ total: 0, goneBefore: 10 })
      expect((await findJob(db, await revoke(db, filter)))?.set).toMatchObject({ previewed: null, goneBefore: null })
    })

    it('never means everyone', async () => {
      const { db } = database
      const { token } = await aSession(db)
      for (const filter of [{}, { q: '' }, { state: 'live' as const }, { ip: '0.0.0.0/0' }])
        expect(await revokeMatching(db, filter, SYSTEM, 'test')).toEqual({ status: 'everyone' })
      expect((await verdictOf(db, token)).status).toBe('active')
    })

    it('ends nothing when it would hit many more than were looked at', async () => {
      const { db } = database
      const crowd = await aCrowd(db, 40)
      expect(await revokeMatching(db, crowd.filter, SYSTEM, 'test', { previewed: 10 })).toEqual({
        status: 'grown',
        now: 40,
      })
      expect((await verdictOf(db, crowd.token)).status).toBe('active')
      const large = await aCrowd(db, 300)
      expect((await revokeMatching(db, large.filter, SYSTEM, 'test', { previewed: 250 })).status, 'a tenth').toBe(
        'grown',
      )
      const job = await revoke(db, crowd.filter, { previewed: 39 })
      expect(await findJob(db, job)).toMatchObject({ marked: 40, set: { previewed: 39 } })
    })

    it('S-35 leaves out the actor’s own session, and what is out of their reach', async () => {
      const { db } = database
      const responder = await anAccount(db, { role: 'responder' })
      const by = await acting(db, responder, { ip: '198.51.100.77' })
      const own = 'sessionId' in by ? by.sessionId : undefined
      const owner = await aSession(db, { account: await anOwner(db), ip: '198.51.100.77' })
      const person = await aSession(db, { ip: '198.51.100.77' })
      const id = await revoke(db, { ip: '198.51.100.0/24' }, { except: own }, by)
      expect(await findJob(db, id)).toMatchObject({ marked: 1, set: { total: 1, refused: 1, spared: 1 } })
      expect(await verdictOf(db, person.token)).toEqual(ENDED)
      expect((await verdictOf(db, owner.token)).status).toBe('active')
      const { items } = await listAudit(db, { account: owner.account.id, action: 'session.revoked', result: 'refused' })
      expect(items).toMatchObject([{ sessionId: owner.session.id, actor: { id: responder.id } }])
    })
  })

  eachPostgres((database) => {
    /** Everything between the freezing and the commit of the act. */
    async function between(filter: SessionFilter, meanwhile: (other: Database) => Promise<unknown>) {
      const [one, other] = await database.twoConnections()
      const id = await one.transaction(async (tx) => {
        const job = await revoke(tx, filter)
        await meanwhile(other)
        return job
      })
      return { one, id }
    }

    it('S-13 a sign-in that commits between the freezing and the commit is not in the set', async () => {
      const from = { ip: '198.51.100.131' }
      await aCrowd(database.db, 600, from)
      let late: Awaited<ReturnType<typeof aSession>> | undefined
      const { one, id } = await between(from, async (other) => {
        late = await aSession(other, from)
      })
      await markJobs(one)
      expect((await verdictOf(one, late?.token ?? '')).status).toBe('active')
      expect(await findJob(one, id)).toMatchObject({ marked: 600 })
    })

    it('what another admin ended in between is gone, and keeps their reason', async () => {
      const crowd = await aCrowd(database.db, 600)
      const { one, id } = await between(crowd.filter, (other) => revokeSession(other, crowd.session.id, SYSTEM, 'mine'))
      await markJobs(one)
      expect((await findSession(one, crowd.session.id))?.end?.note).toBe('mine')
      expect(await findJob(one, id)).toMatchObject({ marked: 599, set: { total: 600, gone: 1 } })
    })

    it('is marked by one process at a time: what two do at the same moment is counted once', async () => {
      const nodes = await database.twoConnections()
      const crowd = await aCrowd(nodes[0])
      const id = await revoke(nodes[0], crowd.filter)
      await Promise.all(nodes.map((db) => markJobs(db)))
      await markJobs(nodes[0])
      expect(await findJob(nodes[0], id)).toMatchObject({ state: 'done', marked: crowd.size, set: { gone: 0 } })
    })

    it('of two at once that overlap the later one waits for the other and ends what is left', async () => {
      const [one, other] = await database.twoConnections()
      const app = await anApp(one)
      const crowd = await aCrowd(one, 600, { app, method: 'sso' })
      const more = await aSession(one, { app, method: 'sso' })
      const ids = await atTheSameTime(
        [one, other],
        (tx) => revoke(tx, { app, ...crowd.filter }),
        (db) => revoke(db, { app, method: 'sso' }),
      )
      await markJobs(one)
      const [first, second] = await Promise.all(ids.map((id) => findJob(one, id)))
      expect(first).toMatchObject({ state: 'done', marked: 600, set: { total: 600, gone: 0 } })
      expect(second).toMatchObject({ state: 'done', marked: 1, set: { total: 1, gone: 0 } })
      expect((await findSession(one, more.session.id))?.end?.reason).toBe('revoked')
    })
  })
})

/** A handle that counts the statements asked through it. */
function counting(db: Database) {
  let asked = 0
  const handle = Object.create(db) as Database
  handle.execute = (query) => {
    asked += 1
    return db.execute(query)
  }
  return { db: handle, asked: () => asked }
}

/** A handle whose nth transaction does all it should, and is then undone: as by a kill -9 before its commit. */
function breaksOff(db: Database, nth: number): Database {
  let begun = 0
  const handle = Object.create(db) as Database
  handle.transaction = (act, config) =>
    db.transaction(async (tx) => {
      begun += 1
      const result = await act(tx)
      if (begun === nth) throw new Error('broken off')
      return result
    }, config)
  return handle
}
