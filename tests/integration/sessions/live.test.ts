import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { blockAccount, liftAccountBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AppId, type BlockId, BUILT_IN_APP, type JobId, newId } from '../../../src/db/ids.js'
import { accounts, apps, blocks, frozenSets, jobs, sessionCounts, settings } from '../../../src/db/schema.js'
import { offerHandOver, takeHandOver } from '../../../src/sessions/handOver.js'
import { hourlyCounts, readActivity } from '../../../src/sessions/lists/activity.js'
import { countLive } from '../../../src/sessions/lists/counts.js'
import { countSessions, listSessions } from '../../../src/sessions/lists/list.js'
import { summarise } from '../../../src/sessions/lists/summary.js'
import { markJobs } from '../../../src/sessions/many/markJobs.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession } from '../../../src/sessions/revoke.js'
import { age, anAccount, aSession, type TestAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase } from '../../support/database.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aVerifier } from '../../support/verifier.js'

/** What can happen to a world of three accounts in two apps. */
const step = fc.oneof(
  fc.record({ do: fc.constant('sign in' as const), account: fc.nat(2), app: fc.nat(1), network: fc.nat(2) }),
  fc.record({
    do: fc.constant('age' as const),
    session: fc.nat(20),
    minutes: fc.constantFrom(5, 16, 60, 500, 1_500, 50_000),
  }),
  fc.record({ do: fc.constant('idle' as const), session: fc.nat(20), minutes: fc.constantFrom(5, 14, 16, 70, 1_500) }),
  fc.record({ do: fc.constant('revoke' as const), session: fc.nat(20) }),
  fc.record({ do: fc.constant('revoke all' as const), account: fc.nat(2) }),
  fc.record({ do: fc.constant('block' as const), account: fc.nat(2) }),
  // Without the end of the sessions that the one road brings: the predicate must hold by itself.
  fc.record({ do: fc.constant('block row alone' as const), account: fc.nat(2) }),
  fc.record({ do: fc.constant('lift' as const), account: fc.nat(2) }),
  fc.record({ do: fc.constant('block expires' as const) }),
  fc.record({ do: fc.constant('block network' as const), network: fc.nat(2) }),
  fc.record({ do: fc.constant('bump account' as const), account: fc.nat(2) }),
  fc.record({ do: fc.constant('bump app' as const), app: fc.nat(1) }),
  fc.record({ do: fc.constant('bump everyone' as const) }),
  // Without the end of its sessions, as above.
  fc.record({ do: fc.constant('disable app alone' as const), app: fc.nat(1), disabled: fc.boolean() }),
  fc.record({
    do: fc.constant('promote' as const),
    account: fc.nat(2),
    role: fc.constantFrom('person' as const, 'viewer' as const),
  }),
  fc.record({
    do: fc.constant('policy' as const),
    idle: fc.constantFrom(600, 3_600, 86_400),
    absolute: fc.constantFrom(3_600, 2_592_000),
  }),
  fc.record({ do: fc.constant('hand over' as const), session: fc.nat(20) }),
  // Without the log, and not marked yet.
  fc.record({ do: fc.constant('freeze' as const), session: fc.nat(20) }),
  fc.record({ do: fc.constant('mark frozen' as const) }),
  fc.record({ do: fc.constant('sweep' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

eachDatabase((database) => {
  it('S-11 the verifier, the lists, the counts and the facets agree on who is live, after any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const world = await aWorld(database.db)
        for (const account of [0, 1, 2]) {
          for (const app of [0, 1]) await world.take({ do: 'sign in', account, app, network: account })
        }
        for (const one of steps) await world.take(one)
        await world.agree()
      }),
      { numRuns: 60 },
    )
  }, 180_000)

  it('what was counted by the quarter of an hour is read by the bar, the hour and the week before', async () => {
    const now = new Date('2020-03-10T12:40:00Z')
    const counted = (at: string, live: number, signIns: number, failures: number) => ({
      at: new Date(at),
      live,
      online: 0,
      signIns,
      failures,
      ended: 0,
    })
    await database.db
      .insert(sessionCounts)
      .values([
        counted('2020-03-03T12:15:00Z', 70, 1, 0),
        counted('2020-03-10T11:45:00Z', 90, 2, 1),
        counted('2020-03-10T12:00:00Z', 95, 3, 0),
        counted('2020-03-10T12:15:00Z', 99, 4, 2),
        counted('2020-03-10T12:30:00Z', 100, 5, 0),
      ])
    const day = await readActivity(database.db, '24h', now)
    expect(day.bars.slice(-3)).toMatchObject([
      { signIns: 2, failures: 1, live: 90, before: null },
      { signIns: 7, failures: 2, live: 99, before: 70 },
      { signIns: 5, failures: 0, live: 100, before: null },
    ])
    expect((await readActivity(database.db, '7d', now)).bars.at(-1)).toMatchObject({ signIns: 12, live: 100 })
    expect((await readActivity(database.db, '30d', now)).bars.at(-8)).toMatchObject({ signIns: 1, live: 70 })
    expect((await hourlyCounts(database.db, now)).slice(-2)).toEqual([
      { at: new Date('2020-03-10T11:00:00Z'), signIns: 2, failures: 1 },
      { at: new Date('2020-03-10T12:00:00Z'), signIns: 12, failures: 2 },
    ])
  })
})

const aJob = {
  filter: {},
  what: 'some',
  reason: 'test',
  byKind: 'system',
  byName: 'test',
  total: 1,
  refused: 0,
  spared: 0,
}

async function aWorld(db: Database) {
  await db.delete(blocks).where(eq(blocks.kind, 'network'))
  await db.update(settings).set({ idleTimeout: 86_400, absoluteTimeout: 2_592_000 })
  await db.update(apps).set({ disabledAt: null })
  const secondApp = newId<AppId>()
  await db.insert(apps).values({ id: secondApp, name: `App ${secondApp}`, idleTimeout: 3_600 })
  const appIds = [BUILT_IN_APP, secondApp]
  const people: TestAccount[] = [await anAccount(db), await anAccount(db), await anAccount(db)]
  const started: { session: { id: Awaited<ReturnType<typeof aSession>>['session']['id'] }; token: string }[] = []
  const verifier = aVerifier(db, (error) => {
    throw error
  })
  const person = (index: number) => people[index % people.length] as TestAccount
  const pick = (index: number) => started[index % Math.max(started.length, 1)]

  async function take(one: Step) {
    switch (one.do) {
      case 'sign in': {
        const [app] = await db
          .select({ disabledAt: apps.disabledAt })
          .from(apps)
          .where(eq(apps.id, appIds[one.app] as AppId))
        if (app?.disabledAt) return
        const ip = `198.18.${one.network}.7`
        const [open] = await db
          .select()
          .from(blocks)
          .where(
            sql`(${blocks.accountId} = ${person(one.account).id} or ${blocks.network} >>= ${ip}::inet) and ${blocks.liftedAt} is null and (${blocks.until} is null or ${blocks.until} > now())`,
          )
        if (open) return
        started.push(
          await aSession(db, {
            account: person(one.account),
            app: appIds[one.app] as AppId,
            ip,
          }),
        )
        return
      }
      case 'age': {
        const target = pick(one.session)
        if (target) await age(db, target.session, { signedInFor: `${one.minutes} minutes` })
        return
      }
      case 'idle': {
        const target = pick(one.session)
        if (target) await age(db, target.session, { idleFor: `${one.minutes} minutes` })
        return
      }
      case 'revoke': {
        const target = pick(one.session)
        if (target) await revokeSession(db, target.session.id, SYSTEM, null)
        return
      }
      case 'revoke all':
        await revokeAccountSessions(db, person(one.account).id, SYSTEM, null)
        return
      case 'block':
        await blockAccount(db, person(one.account).id, { reason: 'test' }, SYSTEM)
        return
      case 'block row alone':
        await db
          .insert(blocks)
          .values({
            id: newId<BlockId>(),
            kind: 'account',
            accountId: person(one.account).id,
            reason: 'test',
            createdByKind: 'system',
            createdByName: 'test',
          })
          .onConflictDoNothing()
        return
      case 'lift':
        await liftAccountBlock(db, person(one.account).id, 'test', SYSTEM)
        return
      case 'block expires':
        await db.update(blocks).set({ until: sql`now() - interval '1 second'` }).where(sql`${blocks.liftedAt} is null`)
        return
      case 'block network':
        await blockNetwork(db, { network: `198.18.${one.network}.0/24`, reason: 'test' }, SYSTEM)
        return
      case 'bump account':
        await db
          .update(accounts)
          .set({ generation: sql`generation + 1` })
          .where(eq(accounts.id, person(one.account).id))
        return
      case 'bump app':
        await db
          .update(apps)
          .set({ generation: sql`generation + 1` })
          .where(eq(apps.id, appIds[one.app] as AppId))
        return
      case 'bump everyone':
        await db.update(settings).set({ generation: sql`generation + 1` })
        return
      case 'disable app alone':
        await db
          .update(apps)
          .set({ disabledAt: one.disabled ? sql`now()` : null })
          .where(eq(apps.id, appIds[one.app] as AppId))
        return
      case 'promote':
        await db
          .update(accounts)
          .set({ role: one.role })
          .where(eq(accounts.id, person(one.account).id))
        return
      case 'policy':
        await db.update(settings).set({ idleTimeout: one.idle, absoluteTimeout: one.absolute })
        return
      case 'hand over': {
        const from = pick(one.session)?.session.id
        const row = from && (await findSession(db, from))
        if (row?.state !== 'live' || row.app.id !== BUILT_IN_APP) return
        const to = { host: 'wiki.example.com', appId: secondApp, challenge: 'c' }
        const client = aClient({ ip: row.lastIp ?? '198.18.9.7' })
        const taken = await takeHandOver(db, await offerHandOver(db, row.id, to), to, { client })
        if (taken.status === 'started') started.push(taken)
        return
      }
      case 'freeze': {
        const target = pick(one.session)
        if (!target || (await findSession(db, target.session.id))?.state !== 'live') return
        const [job] = await db
          .insert(jobs)
          .values({ ...aJob, id: newId<JobId>() })
          .returning()
        await db
          .insert(frozenSets)
          .values({ jobId: job?.id as JobId, firstId: target.session.id, sessionIds: [target.session.id] })
        return
      }
      case 'mark frozen':
        await markJobs(db)
        return
      case 'sweep':
        await sweepSessions(db)
    }
  }

  async function agree() {
    const listed: string[] = []
    const ended: string[] = []
    let counted = 0
    for (const { id } of people) {
      const live = await listSessions(db, { account: id, state: 'live' }, { limit: 200 })
      listed.push(...live.items.map((session) => session.id))
      expect(live.items.every((session) => session.state === 'live' && session.end === null)).toBe(true)
      const over = await listSessions(db, { account: id, state: 'ended' }, { limit: 200 })
      ended.push(...over.items.map((session) => session.id))
      expect(over.items.every((session) => session.state === 'ended' && session.end !== null)).toBe(true)
      const summary = await summarise(db, { account: id })
      expect(summary.count).toEqual({ n: live.items.length, how: 'exact' })
      expect(summary.facets.app.reduce((sum, facet) => sum + (facet.count ?? 0), 0)).toBe(live.items.length)
      counted += await countSessions(db, { account: id })
    }
    const active: string[] = []
    for (const { session, token } of started) {
      const verdict = await verifier.verify(token)
      if (verdict.status === 'active') active.push(session.id)
    }
    expect([...listed].sort()).toEqual([...active].sort())
    expect(counted).toBe(active.length)
    expect([...listed, ...ended].sort()).toEqual(started.map(({ session }) => session.id).sort())
    expect((await countLive(db)).n).toBeGreaterThanOrEqual(active.length)
  }

  return { take, agree }
}
