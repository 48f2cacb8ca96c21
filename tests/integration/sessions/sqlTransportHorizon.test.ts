import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import type { SessionId } from '../../../src/db/ids.js'
import { revocations } from '../../../src/db/schema.js'
import type { Snapshot } from '../../../src/follower/types.js'
import { appendRevocations, pruneRevocations } from '../../../src/sessions/log/revocations.js'
import { newToken } from '../../../src/sessions/token.js'
import { aSession } from '../../support/builders.js'
import { everyPostgres } from '../../support/database.js'
import { recorded, type Scan } from '../../support/recorded.js'
import { aNode } from './aNode.js'
import { pruneOld } from './pruneOld.js'

const append = (db: Database, ...targets: string[]) =>
  appendRevocations(
    db,
    targets.map((target) => ({ kind: 'session', target })),
  )

const targets = (answer: { entries: readonly { target: string }[] }) => answer.entries.map(({ target }) => target)

everyPostgres((database) => {
  describe('the horizon', () => {
    it.each(['poll', 'read'] as const)(
      'an id that was taken early and commits late is not missed by a %s',
      async (how) => {
        const [early, late] = await database.twoConnections()
        const node = aNode(database.open)
        let { snapshot } = await node.poll(undefined)
        await early.transaction(async (tx) => {
          await append(tx, 'taken first')
          await append(late, 'committed first')
          const between = await node[how](snapshot)
          expect(targets(between)).toEqual(['committed first'])
          snapshot = between.snapshot
          expect(targets(await node[how](snapshot))).toEqual([])
        })
        const after = await node[how](snapshot)
        expect(targets(after)).toEqual(['taken first'])
        expect(targets(await node[how](after.snapshot))).toEqual([])
      },
    )

    it('S-15 who slept past the removal of what was under way beside the entries that it saw starts anew', async () => {
      const [early, late] = await database.twoConnections()
      // What other tests left here would be removed too: it may be younger than what somebody had under way at the start.
      await late.delete(revocations)
      const node = aNode(database.open)
      const { snapshot: start } = await node.poll(undefined)
      let asleep = start
      await early.transaction(async (tx) => {
        await append(tx, 'taken first')
        await append(late, 'committed first')
        asleep = (await node.poll(start)).snapshot
        await late.update(revocations).set({ at: sql`now() - interval '61 minutes'` })
        // What is above the horizon stays.
        await pruneRevocations(late)
        expect(targets(await node.read(start))).toEqual(['committed first'])
      })
      await late.update(revocations).set({ at: sql`now() - interval '61 minutes'` })
      await pruneOld(late)
      expect(await node.read(asleep)).toMatchObject({ anew: true })
    })

    it('what is under way in another database of the cluster holds removal back, and only meanwhile', async () => {
      const url = new URL(database.url ?? '')
      url.pathname = '/postgres'
      const elsewhere = postgres(url.href, { max: 1 })
      await elsewhere.begin(async (tx) => {
        await tx`select pg_current_xact_id()`
        await append(database.db, 'old')
        await database.db.update(revocations).set({ at: sql`now() - interval '61 minutes'` })
        await pruneRevocations(database.db)
        expect(await database.db.$count(revocations)).toBeGreaterThan(0)
      })
      await elsewhere.end()
      await pruneOld(database.db)
      expect(await database.db.$count(revocations)).toBe(0)
    })

    it('what is rolled back behind the horizon is never brought', async () => {
      const [undone, other] = await database.twoConnections()
      const node = aNode(database.open)
      const { snapshot } = await node.poll(undefined)
      let between: Snapshot = snapshot
      await undone
        .transaction(async (tx) => {
          await append(tx, 'undone')
          await append(other, 'done')
          between = (await node.poll(snapshot)).snapshot
          tx.rollback()
        })
        .catch(() => {})
      expect(targets(await node.poll(between))).toEqual([])
      expect(targets(await node.poll(snapshot))).toEqual(['done'])
    })

    it('behind a long transaction each entry is brought once, from its index, and the rest is not walked through', async () => {
      const [long] = await database.twoConnections()
      const line = recorded(database.url ?? '')
      const node = aNode({ ...database.open, polls: line.db })
      let snapshot: Snapshot | undefined
      await long.transaction(async (tx) => {
        await append(tx, 'held')
        await database.db.execute(sql`
          insert into ${revocations} (kind, target) select 'session', 'behind ' || n from generate_series(1, 100000) n`)
        const held = (await node.poll(undefined)).snapshot
        snapshot = held
        for (let n = 0; n < 3; n++) {
          await append(database.db, `new ${n}`)
          const next = await node.read(snapshot)
          expect(targets(next)).toEqual([`new ${n}`])
          expect(next.snapshot.xmin).toBe(held.xmin)
          const scans = (await line.explainLast()).filter(({ table }) => table === 'revocations')
          expect(scans.every(({ index }) => index === 'revocations_xid')).toBe(true)
          expect(scans.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(10)
          snapshot = next.snapshot
        }
      })
      expect(targets(await node.poll(snapshot))).toEqual(['held'])
    })
  })

  it('a miss is one look-up by primary keys, among many sessions too', async () => {
    const { token, account, session } = await aSession(database.db)
    await database.db.execute(sql`
      insert into sessions (id, secret_hash, account_id, app_id, account_generation, app_generation, everyone_generation,
        created_at, expires_at, method)
      select gen_random_uuid(), secret_hash, account_id, app_id, 0, 0, 0, created_at, expires_at, method
      from sessions, generate_series(1, 20000) where id = ${session.id}`)
    await database.db.execute(sql`
      insert into session_activity (session_id, last_seen_at) select id, now() from sessions where account_id = ${account.id}
      on conflict do nothing`)
    await database.db.execute(sql`analyze sessions`)
    await database.db.execute(sql`analyze session_activity`)
    const line = recorded(database.url ?? '')
    await aNode({ ...database.open, checks: line.db }).load(token, { ip: '192.0.2.1' }, undefined)
    expectKeys(await line.explainLast(), 1)

    // The first three go alone; those that come while they are under way share one.
    const others = rowsOf<{ id: SessionId }>(await database.db.execute(sql`select id from sessions limit 100`))
    const node = aNode({ ...database.open, checks: line.db })
    const tokens = others.map(({ id }) => newToken(id).token)
    const loaded = await Promise.all(tokens.map((one) => node.load(one, {}, undefined)))
    expect(loaded.map((one) => one.status === 'known' && one.facts.id)).toEqual(others.map(({ id }) => id))
    expectKeys(await line.explainLast(), 97)
  })

  function expectKeys(scans: Scan[], rows: number) {
    expect(scans.find(({ table }) => table === 'sessions')).toMatchObject({ index: 'sessions_pkey', rows })
    expect(scans.find(({ table }) => table === 'session_activity')).toMatchObject({ index: 'session_activity_pkey' })
  }
})
