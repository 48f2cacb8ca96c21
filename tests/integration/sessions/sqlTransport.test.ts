import { eq, type SQL, sql } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type BlockId, newId } from '../../../src/db/ids.js'
import { apps, blocks, followers, installation, revocations } from '../../../src/db/schema.js'
import { systemClock } from '../../../src/follower/clock.js'
import { TookTooLong } from '../../../src/follower/follower.js'
import { formatSnapshot, isAtOrPast, sees } from '../../../src/follower/snapshot.js'
import { hashWords } from '../../../src/follower/token.js'
import type { Snapshot } from '../../../src/follower/types.js'
import { appendRevocations } from '../../../src/sessions/log/revocations.js'
import { forgetLostNodes } from '../../../src/sessions/log/sqlTransport.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { hashSecret } from '../../../src/sessions/token.js'
import { age, anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aNode } from './aNode.js'
import { pruneOld } from './pruneOld.js'

const append = (db: Database, ...targets: string[]) =>
  db.transaction((tx) =>
    appendRevocations(
      tx,
      targets.map((target) => ({ kind: 'session', target })),
    ),
  )

const targets = (answer: { entries: readonly { target: string }[] }) => answer.entries.map(({ target }) => target)

eachDatabase((database) => {
  describe('reading the log', () => {
    it('begins at the present, with nothing that was before', async () => {
      await append(database.db, 'before')
      const answer = await aNode(database.open).poll(undefined)
      expect(answer).toMatchObject({ entries: [], anew: false, ageMs: 0, networks: expect.any(Array) })
      expect(answer.snapshot.era).toMatch(/^\d+\.[0-9A-F]{8}\.[0-9a-f]{12}$/)
      expect(Math.abs((answer.nowMs ?? 0) - Date.now())).toBeLessThan(60_000)
    })

    it.each(['poll', 'read'] as const)(
      'a %s brings each entry once, with the transaction that wrote it',
      async (how) => {
        const node = aNode(database.open)
        const { snapshot: start } = await node.poll(undefined)
        const xid = await append(database.db, 'one', 'two')
        const answer = await node[how](start)
        expect(answer.entries).toEqual([
          { kind: 'session', target: 'one', xid: Number(xid) },
          { kind: 'session', target: 'two', xid: Number(xid) },
        ])
        expect(answer).toMatchObject({ anew: false })
        expect(answer.networks).toBeUndefined()
        expect(sees(start, Number(xid))).toBe(false)
        expect(sees(answer.snapshot, Number(xid))).toBe(true)
        expect(isAtOrPast(answer.snapshot, start)).toBe(true)
        expect((await node[how](answer.snapshot)).entries).toEqual([])
      },
    )

    it('nothing that was rolled back is ever brought', async () => {
      const node = aNode(database.open)
      const { snapshot: start } = await node.poll(undefined)
      await database.db
        .transaction(async (tx) => {
          await appendRevocations(tx, [{ kind: 'session', target: 'undone' }])
          tx.rollback()
        })
        .catch(() => {})
      expect((await node.poll(start)).entries).toEqual([])
    })

    it('many pages are of one snapshot, and come whole', async () => {
      const node = aNode(database.open)
      const { snapshot: start } = await node.poll(undefined)
      const many = Array.from({ length: 7_345 }, (_, n) => `many ${n}`)
      await append(database.db, ...many)
      await append(database.db, 'last')
      expect(targets(await node.read(start))).toEqual([...many, 'last'])
    })

    it('more than a poll can read in its time is forgotten instead: the poll stays bounded', async () => {
      const node = aNode(database.open)
      const { snapshot: start } = await node.poll(undefined)
      await append(database.db, ...Array.from({ length: 10_001 }, (_, n) => `flood ${n}`))
      const answer = await node.poll(start)
      expect(answer).toMatchObject({ anew: true, entries: [] })
      expect(await node.poll(answer.snapshot)).toMatchObject({ anew: false, entries: [] })
    })

    it('what did not come in time is not asked for again: it is forgotten, while a few entries are read as ever', async () => {
      const { open, clock } = aRoadOnWhichMuchIsLate()
      const node = aNode(open, { clock })
      const { snapshot: start } = await node.poll(undefined)
      await append(database.db, ...Array.from({ length: 6_000 }, (_, n) => `much ${n}`))
      await expect(node.poll(start)).rejects.toThrow(TookTooLong)
      const { snapshot: anew, ...answer } = await node.poll(start)
      expect(answer).toMatchObject({ anew: true, entries: [] })
      await append(database.db, 'few')
      expect(await node.poll(anew)).toMatchObject({ anew: false, entries: [{ target: 'few' }] })
      await appendPacked(11)
      await expect(node.read(anew)).rejects.toThrow(TookTooLong)
      expect(await node.read(anew)).toMatchObject({ anew: true })
    })

    it('a database that did not answer for a while is no reason to forget', async () => {
      const { open, clock, breaks } = aRoadOnWhichMuchIsLate()
      const node = aNode(open, { clock })
      const { snapshot: start } = await node.poll(undefined)
      await append(database.db, ...Array.from({ length: 900 }, (_, n) => `meanwhile ${n}`))
      breaks()
      await expect(node.poll(start)).rejects.toThrow(TookTooLong)
      const answer = await node.poll(start)
      expect(answer).toMatchObject({ anew: false })
      expect(answer.entries).toHaveLength(900)
    })

    /** A database behind a line on which an answer of some size takes longer than a poll may. */
    function aRoadOnWhichMuchIsLate() {
      let [ahead, isBroken] = [0, false]
      const late = () => {
        ahead += 2_000
      }
      const { db } = database
      const execute: Database['execute'] = Object.assign(async (query: SQL) => {
        const answer = await db.execute(query)
        if (isBroken || JSON.stringify(answer).length > 100_000) late()
        isBroken = false
        return answer
      }) as never
      return {
        open: { ...database.open, polls: Object.assign(Object.create(db), { execute }), renew() {} },
        clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + ahead },
        breaks: () => {
          isBroken = true
        },
      }
    }

    const appendPacked = (rows: number) =>
      database.db.execute(sql`
        insert into ${revocations} (kind, target) select 'sessions', string_agg(gen_random_uuid()::text, ',')
        from generate_series(1, ${rows}) row, generate_series(1, 1000) group by row`)

    it('appending nothing is no act: it has no transaction to wait for', async () => {
      expect(await append(database.db)).toBeUndefined()
    })
  })

  describe('starting anew', () => {
    it('S-15 a position of another database is given up', async () => {
      const node = aNode(database.open)
      const { snapshot } = await node.poll(undefined)
      const answer = await node.poll({ ...snapshot, era: '1.00000001' })
      expect(answer).toMatchObject({ anew: true, entries: [], networks: expect.any(Array) })
    })

    it('S-15 a horizon that went backwards means a database that was set back', async () => {
      const node = aNode(database.open)
      const { snapshot } = await node.poll(undefined)
      const future: Snapshot = { ...snapshot, xmin: snapshot.xmax + 1_000, xmax: snapshot.xmax + 1_000, xip: [] }
      expect(await node.read(future)).toMatchObject({ anew: true })
    })

    it('S-15 a database that lost our heartbeat was set back, though its ids went on', async () => {
      const node = aNode(database.open)
      const { snapshot } = await node.poll(undefined)
      const second = await node.poll(snapshot)
      expect(second.anew).toBe(false)
      await database.db
        .update(followers)
        .set({ seenAt: sql`seen_at - interval '1 minute'` })
        .where(eq(followers.id, node.id))
      const third = await node.poll(second.snapshot)
      expect(third).toMatchObject({ anew: true })
      expect(await node.poll(third.snapshot)).toMatchObject({ anew: false })
      await database.db.delete(followers).where(eq(followers.id, node.id))
      const read = await node.read(third.snapshot)
      expect(read).toMatchObject({ anew: true })
      expect(await node.read(read.snapshot)).toMatchObject({ anew: false })
      expect(await node.poll(read.snapshot)).toMatchObject({ anew: false })
    })

    it('S-15 that it was set back is told though the first answer that found out came too late', async () => {
      let late = () => Promise.resolve()
      const slow: Pick<Database, 'execute'> = {
        execute: ((query) =>
          database.open.polls.execute(query).then((rows) => late().then(() => rows))) as Database['execute'],
      }
      const node = aNode({ ...database.open, polls: slow as Database, renew: () => {} }, { leaseMs: 400 })
      const { snapshot } = await node.poll(undefined)
      await database.db
        .update(followers)
        .set({ seenAt: sql`seen_at - interval '1 minute'` })
        .where(eq(followers.id, node.id))
      let arrives = () => {}
      late = () =>
        new Promise((resolve) => {
          arrives = resolve
        })
      await expect(node.poll(snapshot)).rejects.toMatchObject({ code: 'took_too_long' })
      // Now the heartbeat is written over the old one, and its answer too comes when nobody waits.
      late = () => Promise.resolve()
      arrives()
      await node.report(snapshot)
      const answer = await node.poll(snapshot)
      expect(answer).toMatchObject({ anew: true })
      expect(await node.poll(answer.snapshot)).toMatchObject({ anew: false })
    })

    it('S-15 who slept past the removal of entries that it has not read starts anew', async () => {
      await database.db.delete(installation).where(eq(installation.key, 'revocations-removed-to'))
      const node = aNode(database.open)
      const { snapshot: asleep } = await node.poll(undefined)
      const old = Number(await append(database.db, 'old'))
      await database.db.update(revocations).set({ at: sql`now() - interval '61 minutes'` })
      // Other tests on this server have transactions open: before they are over nobody has read all that is that old.
      const { snapshot: awake } = await vi.waitFor(
        async () => {
          const read = await node.read(asleep)
          expect(read.snapshot.xmin).toBeGreaterThan(old)
          return read
        },
        { timeout: 20_000 },
      )
      await append(database.db, 'young')
      await pruneOld(database.db)
      expect(await database.db.select({ target: revocations.target }).from(revocations)).toEqual([{ target: 'young' }])
      expect(await node.read(asleep)).toMatchObject({ anew: true })
      const answer = await node.read(awake)
      expect(answer.anew).toBe(false)
      expect(targets(answer)).toEqual(['young'])
    })
  })

  describe('refused networks', () => {
    it('come with the first answer, with a network or policy entry, and at no other time', async () => {
      await database.db.delete(blocks)
      const node = aNode(database.open)
      const { snapshot: start } = await node.poll(undefined)
      await blockNetwork(database.db, { network: '203.0.113.0/24', reason: 'test' }, SYSTEM)
      const blocked = await node.poll(start)
      expect(blocked.entries).toEqual([{ kind: 'network', target: '203.0.113.0/24', xid: expect.any(Number) }])
      expect(blocked.networks).toEqual([{ network: '203.0.113.0/24', endsAt: null, ask: false }])
      await append(database.db, 'other')
      expect((await node.poll(blocked.snapshot)).networks).toBeUndefined()
      expect((await aNode(database.open).read(undefined)).networks).toEqual(blocked.networks)
    })

    it('tell when they lift themselves, and which may spare somebody', async () => {
      await database.db.delete(blocks)
      const by = { kind: 'network' as const, reason: 'test', createdByKind: 'system', createdByName: 'test' }
      await database.db.insert(blocks).values([
        { ...by, id: newId<BlockId>(), network: '192.0.2.0/24', until: sql`now() + interval '1 hour'` },
        { ...by, id: newId<BlockId>(), network: '198.51.100.0/24', until: sql`now() - interval '1 second'` },
        { ...by, id: newId<BlockId>(), network: '2001:db8::/32', confirmBy: sql`now() + interval '5 minutes'` },
        { ...by, id: newId<BlockId>(), network: '203.0.113.7/32', liftedAt: sql`now()` },
      ])
      const { networks, nowMs = 0 } = await aNode(database.open).read(undefined)
      expect(
        networks?.map(({ network, ask }) => ({ network, ask })).sort((a, b) => (a.network < b.network ? -1 : 1)),
      ).toEqual([
        { network: '192.0.2.0/24', ask: false },
        { network: '2001:db8::/32', ask: true },
      ])
      const endsIn = (network: string) => (networks?.find((one) => one.network === network)?.endsAt ?? 0) - nowMs
      expect(endsIn('192.0.2.0/24') / 60_000).toBeCloseTo(60, 0)
      expect(endsIn('2001:db8::/32') / 60_000).toBeCloseTo(5, 0)
      await database.db.delete(blocks)
    })
  })

  describe("the node's row", () => {
    it('is committed by the poll that it counts for, and by nothing else', async () => {
      const node = aNode(database.open, { apps: () => [{ name: 'shop' }] })
      const row = async () => (await database.db.select().from(followers).where(eq(followers.id, node.id)))[0]
      await node.read(undefined)
      expect(await row()).toBeUndefined()
      const { snapshot } = await node.poll(undefined)
      expect(await row()).toMatchObject({
        name: 'node a',
        version: '1.2.3',
        leaseMs: 2_000,
        snapshot: null,
        stats: { hits: 1, nudged: false },
        apps: [{ name: 'shop' }],
      })
      await node.poll(snapshot)
      const polled = await row()
      expect(polled?.snapshot).toBe(formatSnapshot(snapshot))
      const { snapshot: later } = await node.read(snapshot)
      await node.report(later)
      const reported = await row()
      expect(reported).toMatchObject({ seenAt: polled?.seenAt, snapshot: formatSnapshot(later) })
      expect(reported?.reportedAt).toBeInstanceOf(Date)
      await node.leave()
      expect(await row()).toMatchObject({ leftAt: expect.any(Date), apps: [{ name: 'shop' }] })
      await node.poll(later)
      expect((await row())?.leftAt, 'a poll that was under way does not bring it back').toBeInstanceOf(Date)
    })

    it('of many reports the latest is written, one at a time', async () => {
      const node = aNode(database.open)
      const { snapshot } = await node.poll(undefined)
      const at = (xmax: number) => ({ ...snapshot, xmin: xmax, xmax, xip: [] })
      await Promise.all([1, 2, 3, 4, 5].map((n) => node.report(at(n))))
      const [row] = await database.db.select().from(followers).where(eq(followers.id, node.id))
      expect(row?.snapshot).toBe(formatSnapshot(at(5)))
    })

    it('that a killed node left behind goes after an hour', async () => {
      const [alive, lost] = [aNode(database.open), aNode(database.open)]
      await alive.poll(undefined)
      await lost.poll(undefined)
      await database.db
        .update(followers)
        .set({ seenAt: sql`now() - interval '61 minutes'` })
        .where(eq(followers.id, lost.id))
      await forgetLostNodes(database.db)
      const left = (await database.db.select({ id: followers.id }).from(followers)).map(({ id }) => id)
      expect(left).toContain(alive.id)
      expect(left).not.toContain(lost.id)
    })
  })

  describe('a miss', () => {
    const load = (token: string, ip?: string) => aNode(database.open).load(token, { ip }, undefined)

    it('brings what the verdict rests on', async () => {
      const { session, token, account } = await aSession(database.db, { ip: '192.0.2.9' })
      const loaded = await load(token)
      expect(loaded).toMatchObject({
        status: 'known',
        networkBlocked: false,
        ageMs: 0,
        facts: {
          id: session.id,
          appId: session.app.id,
          method: 'password',
          createdAt: session.createdAt.getTime(),
          expiresAt: session.expiresAt.getTime(),
          expiryDeadline: session.expiresAt.getTime(),
          idleTimeoutMs: 86_400_000,
          idleDeadline: session.lastSeenAt.getTime() + 86_400_000,
          account: { id: account.id, name: account.name, email: account.email, role: 'person' },
          over: undefined,
        },
      })
      expect(loaded.status === 'known' && loaded.facts.secretHash).toEqual(
        hashWords(hashSecret(token.slice('rcs_'.length + 22))),
      )
    })

    it('tells an id that nobody has from what is no token at all', async () => {
      const { token } = await aSession(database.db)
      const flipped = token[10] === 'A' ? 'B' : 'A'
      expect(await load(`${token.slice(0, 10)}${flipped}${token.slice(11)}`)).toEqual({
        status: 'unknown',
        idIsFree: true,
      })
      expect(await load('rcs_nonsense')).toEqual({ status: 'unknown', idIsFree: false })
    })

    it.each(['ended', 'blocked', 'expired', 'idle', 'app disabled'] as const)(
      'says why a session is over: %s',
      async (how) => {
        const app = await anApp(database.db)
        const { session, token, account } = await aSession(database.db, { app })
        if (how === 'ended') await revokeSession(database.db, session.id, SYSTEM, null)
        if (how === 'blocked') await blockAccount(database.db, account.id, { reason: 'test' }, SYSTEM)
        if (how === 'expired') await age(database.db, session, { signedInFor: '31 days' })
        if (how === 'idle') await age(database.db, session, { idleFor: '25 hours' })
        if (how === 'app disabled')
          await database.db.update(apps).set({ disabledAt: sql`now()` }).where(eq(apps.id, app))
        const over = how === 'app disabled' ? 'ended' : how
        expect(await load(token)).toMatchObject({ status: 'known', facts: { over } })
        expect(await aNode(database.open).over([{ id: session.id, ip: null }])).toEqual([
          { id: session.id, reason: over },
        ])
      },
    )

    it('judges the network apart: that of the request, or the last one', async () => {
      const { session, token } = await aSession(database.db, { ip: '203.0.113.9' })
      await blockNetwork(database.db, { network: '203.0.113.0/24', reason: 'test', endSessions: false }, SYSTEM)
      expect(await load(token)).toMatchObject({ networkBlocked: true, facts: { over: undefined } })
      expect(await load(token, '192.0.2.1')).toMatchObject({ networkBlocked: false, facts: { over: undefined } })
      expect(await load(token, '203.0.113.200')).toMatchObject({ networkBlocked: true })
      const node = aNode(database.open)
      expect(await node.over([{ id: session.id, ip: null }])).toEqual([{ id: session.id, reason: 'network-blocked' }])
      expect(await node.over([{ id: session.id, ip: '192.0.2.1' }])).toEqual([])
      await database.db.delete(blocks)
    })

    it('S-15 is not answered by a database that has not seen what this process has', async () => {
      const node = aNode(database.open)
      const { token } = await aSession(database.db)
      const { snapshot } = await node.poll(undefined)
      expect(await node.load(token, {}, snapshot)).toMatchObject({ status: 'known' })
      const ahead = { ...snapshot, xmin: snapshot.xmax + 100, xmax: snapshot.xmax + 100, xip: [] }
      await expect(node.load(token, {}, ahead)).rejects.toMatchObject({ code: 'wrong_database' })
      await expect(node.load(token, {}, { ...snapshot, era: '1.00000001' })).rejects.toMatchObject({
        code: 'wrong_database',
      })
    })
  })

  it('of many watched sessions those that are over are told, with the reason', async () => {
    const live = await Promise.all([aSession(database.db), aSession(database.db)])
    const ended = await aSession(database.db)
    await revokeSession(database.db, ended.session.id, SYSTEM, null)
    const nobody = newId<string>()
    const watched = [...live, ended].map(({ session }) => ({ id: session.id as string, ip: '192.0.2.7' }))
    const many = Array.from({ length: 1_200 }, () => ({ id: live[0].session.id as string, ip: null }))
    const over = await aNode(database.open).over([...many, ...watched, { id: nobody, ip: null }])
    expect(over).toEqual([
      { id: ended.session.id, reason: 'ended' },
      { id: nobody, reason: 'unknown' },
    ])
    expect(await aNode(database.open).over([])).toEqual([])
  })
})
