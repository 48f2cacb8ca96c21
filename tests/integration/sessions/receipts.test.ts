import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { rowsOf } from '../../../src/db/connect.js'
import { type AppId, type KeyId, newId } from '../../../src/db/ids.js'
import { followers, receipts } from '../../../src/db/schema.js'
import { createNode } from '../../../src/sessions/log/node.js'
import type { Position } from '../../../src/sessions/log/positions.js'
import { createSqlTransport } from '../../../src/sessions/log/sqlTransport.js'
import { createReceipts } from '../../../src/sessions/receipts/receipts.js'
import { pruneReceipts } from '../../../src/sessions/receipts/stored.js'
import { useApp } from '../../support/app.js'
import { aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, send } from '../api/client.js'

/** Longer than any of these waits takes. */
const LONG = 10_000

eachDatabase((database) => {
  const app = useApp(database, { ROLLCALL_NODE_NAME: 'auth-1' })
  let key: string

  beforeAll(async () => {
    key = (await aKey(database.db)).secret
  })

  async function anAct(): Promise<Position> {
    const { session } = await aSession(database.db)
    const { headers } = await send(app.url, 'DELETE', `/sessions/${session.id}`, { key })
    return headers.get('rollcall-position') as Position
  }

  /** A node that others hear of: it tells of itself once, and not again unless asked to. */
  async function anotherNode(name: string, { leaseMs = 2_000, apps = [] as object[] } = {}) {
    const id = newId<string>()
    const snapshot = await present()
    await database.db.execute(sql`
      insert into ${followers} (id, name, version, snapshot, seen_at, lease_ms, apps)
      values (${id}, ${name}, '1.2.3', ${snapshot}, clock_timestamp(), ${leaseMs}, ${JSON.stringify(apps)}::text::jsonb)`)
    return {
      id,
      confirms: async (more: object[] = apps) =>
        database.db.execute(sql`
          update ${followers} set snapshot = ${await present()}, seen_at = clock_timestamp(),
            apps = ${JSON.stringify(more)}::text::jsonb where id = ${id}`),
      leaves: () =>
        database.db.execute(
          sql`update ${followers} set left_at = clock_timestamp(), reported_at = clock_timestamp() where id = ${id}`,
        ),
      isForgotten: () => database.db.execute(sql`delete from ${followers} where id = ${id}`),
    }
  }

  async function present(): Promise<string> {
    await app.services.node.engine.follower.nudge()
    const { position } = app.services.node.engine.follower
    const [row] = rowsOf<{ now: string }>(await database.db.execute(sql`select pg_current_snapshot()::text as now`))
    return `${position?.era};${row?.now}`
  }
  const another = () => createReceipts({ db: database.db, node: app.services.node, onFailure: () => {} })
  const kept = async (position: Position) =>
    (
      await database.db
        .select()
        .from(receipts)
        .where(sql`${receipts.xid} = ${position.slice(1)}::xid8`)
    )[0]

  const anAppProcess = (name: string, position: string | null, more: object = {}) => ({
    process: `p-${name}`,
    keyId: 'k1',
    name,
    version: '1.0.0',
    app: { id: 'a1', name: 'Billing' },
    leaseMs: 2_000,
    hits: 9,
    misses: 1,
    onUnavailable: 'deny',
    position,
    seenAgoMs: 0,
    ...more,
  })

  describe('a receipt', () => {
    it('of the only node is complete within the bound, measured, and kept', async () => {
      const position = await anAct()
      const receipt = await app.services.receipts.until(position, LONG)
      expect(receipt).toMatchObject({ complete: true, nodes: { have: 1, of: 1 }, apps: { have: 0, of: 0 }, late: [] })
      expect(receipt?.afterMs).toBeGreaterThan(0)
      expect(receipt?.afterMs).toBeLessThan(2_000)
      await expect.poll(() => kept(position)).toMatchObject({ complete: true, nodes: 1, nodesTotal: 1 })
    })

    it('is not complete before another node has told that it has applied the act', async () => {
      const other = await anotherNode('auth-2')
      const position = await anAct()
      expect(await app.services.receipts.until(position, 100)).toMatchObject({
        complete: false,
        nodes: { have: 1, of: 2 },
        late: [{ name: 'auth-2', kind: 'node', state: 'waiting' }],
      })
      expect(await kept(position)).toBeUndefined()
      await other.confirms()
      expect(await app.services.receipts.until(position, LONG)).toMatchObject({
        complete: true,
        nodes: { have: 2, of: 2 },
        late: [],
      })
      await other.leaves()
    })

    it('names a node that stays silent, and is complete when that one’s lease has run out', async () => {
      const other = await anotherNode('auth-3', { leaseMs: 700 })
      const position = await anAct()
      const waiting = await app.services.receipts.until(position, 100)
      expect(waiting?.late[0]).toMatchObject({ name: 'auth-3', state: 'waiting', leaseEndsInMs: expect.any(Number) })
      expect(waiting?.late[0]?.leaseEndsInMs).toBeLessThanOrEqual(700)
      const receipt = await app.services.receipts.until(position, LONG)
      expect(receipt).toMatchObject({
        complete: true,
        nodes: { have: 1, of: 2 },
        late: [{ name: 'auth-3', state: 'lease-over' }],
      })
      await expect.poll(() => kept(position)).toMatchObject({ nodes: 1, nodesTotal: 2, late: [{ name: 'auth-3' }] })
      await other.leaves()
    })

    it('does not count a node whose lease had run out before the act', async () => {
      const other = await anotherNode('auth-4', { leaseMs: 0 })
      const position = await anAct()
      expect(await app.services.receipts.until(position, LONG)).toMatchObject({
        complete: true,
        nodes: { have: 1, of: 1 },
      })
      await other.leaves()
    })

    it('does not wait for a node that has stopped', async () => {
      const other = await anotherNode('auth-5', { leaseMs: 60_000 })
      const position = await anAct()
      expect(await app.services.receipts.until(position, 100)).toMatchObject({ complete: false })
      await other.leaves()
      expect(await app.services.receipts.until(position, LONG)).toMatchObject({ complete: true, nodes: { of: 1 } })
    })

    it('counts an app process once, though two nodes tell of it', async () => {
      const before = await present()
      const process = anAppProcess('billing-1', before)
      const first = await anotherNode('auth-6', { apps: [anAppProcess('billing-1', before, { seenAgoMs: 900 })] })
      const second = await anotherNode('auth-7', { apps: [process] })
      const position = await anAct()
      await first.confirms()
      await second.confirms()
      expect(await app.services.receipts.until(position, 150)).toMatchObject({
        complete: false,
        nodes: { have: 3, of: 3 },
        apps: { have: 0, of: 1 },
        late: [{ name: 'billing-1', kind: 'app', app: 'Billing', state: 'waiting' }],
      })
      await second.confirms([anAppProcess('billing-1', await present())])
      expect(await app.services.receipts.until(position, LONG)).toMatchObject({
        complete: true,
        apps: { have: 1, of: 1 },
      })
      await first.isForgotten()
      await second.isForgotten()
    })

    it('waits for an app process whose node has stopped, until another node tells that it has the act', async () => {
      const process = anAppProcess('shop-7', await present(), { leaseMs: 60_000 })
      const stopping = await anotherNode('auth-9', { apps: [process] })
      await stopping.leaves()
      const position = await anAct()
      expect(await app.services.receipts.until(position, 150)).toMatchObject({
        complete: false,
        nodes: { have: 1, of: 1 },
        late: [{ name: 'shop-7', kind: 'app', state: 'waiting' }],
      })
      const next = await anotherNode('auth-10', {
        apps: [anAppProcess('shop-7', await present(), { leaseMs: 60_000 })],
      })
      await next.confirms()
      expect(await app.services.receipts.until(position, LONG)).toMatchObject({
        complete: true,
        apps: { have: 1, of: 1 },
      })
      await stopping.isForgotten()
      await next.isForgotten()
    })

    it('says of an app that goes on with what it remembers that it may, though its lease has run out', async () => {
      const silent = anAppProcess('shop-1', await present(), { leaseMs: 300, onUnavailable: 'allow-cached' })
      const other = await anotherNode('auth-8', { apps: [silent] })
      const position = await anAct()
      await other.confirms([{ ...silent, seenAgoMs: 400 }])
      const receipt = await app.services.receipts.until(position, LONG)
      expect(receipt?.late).toMatchObject([{ name: 'shop-1', state: 'lease-over', allowsCached: true }])
      await other.isForgotten()
    })

    it('can be read by a node that has not watched the act', async () => {
      const position = await anAct()
      await app.services.receipts.until(position, LONG)
      await expect.poll(() => kept(position)).toBeTruthy()
      await database.db.execute(
        sql`update ${receipts} set nodes = 7, nodes_total = 7 where xid = ${position.slice(1)}::xid8`,
      )
      const elsewhere = another()
      expect(await elsewhere.read(position)).toMatchObject({ complete: true, nodes: { have: 7, of: 7 } })
      expect((await elsewhere.readMany([position])).get(position)).toMatchObject({ nodes: { have: 7 } })
      elsewhere.stop()
    })

    it('is given for the newest acts only, when there are more than can be watched', async () => {
      const many = another()
      const first = Number((await anAct()).slice(1)) + 1_000_000
      const given = many.until(`x${first}`, LONG)
      for (let i = 0; i < 3_000; i += 1) many.watch(`x${first + i}`)
      expect(many.pending).toBeLessThanOrEqual(1_000)
      expect(await many.read(`x${first + 2_999}`)).toMatchObject({ complete: false })
      expect(await given).toBeUndefined()
      many.stop()
      expect(many.pending).toBe(0)
    })
  })

  describe('a node that is followed', () => {
    /** With an app process that has just asked it. */
    async function aNodeThatIsFollowed({ reported = async () => {} } = {}) {
      let reports = 0
      const node = createNode({
        database: database.open,
        id: newId<string>(),
        name: 'auth-11',
        version: '1',
        leaseMs: 2_000,
        cacheSize: 100,
        onFailure: () => {},
        createTransport(options) {
          const transport = createSqlTransport(options)
          const { report } = transport
          transport.report = async (snapshot) => {
            reports += 1
            await reported()
            return report(snapshot)
          }
          return transport
        },
      })
      await node.start()
      const process = { ...APP_PROCESS, app: { id: newId<AppId>(), name: 'Shop' }, keyId: newId<KeyId>() }
      const hears = () => node.hear({ ...process, position: node.engine.follower.position })
      hears()
      return { node, hears, reports: () => reports }
    }
    const APP_PROCESS = {
      process: 'p-1',
      name: 'shop-9',
      version: '1',
      leaseMs: 2_000,
      hits: 0,
      misses: 0,
      onUnavailable: 'deny' as const,
    }

    it('tells of what follows it, which may hold what an act ended for the rest of its lease', async () => {
      const { node } = await aNodeThatIsFollowed()
      await node.stop()
      const position = await anAct()
      expect(await app.services.receipts.until(position, 100)).toMatchObject({
        complete: false,
        nodes: { have: 1, of: 1 },
        late: [{ name: 'shop-9', state: 'waiting' }],
      })
      expect(await app.services.receipts.until(position, LONG)).toMatchObject({
        complete: true,
        late: [{ name: 'shop-9', state: 'lease-over' }],
      })
    })

    it('is waited for with an app process that has just come to it, which nobody has written down yet', async () => {
      let isHeld = true
      const { node } = await aNodeThatIsFollowed({ reported: () => vi.waitUntil(() => !isHeld, LONG) as never })
      const watching = createReceipts({ db: database.db, node, onFailure: () => {} })
      const position = await anAct()
      await node.engine.follower.nudge()
      watching.watch(position)
      expect(await watching.until(position, 150)).toMatchObject({ complete: false })
      isHeld = false
      expect(await watching.until(position, 1_000)).toMatchObject({
        complete: false,
        nodes: { have: 2, of: 2 },
        late: [{ name: 'shop-9', kind: 'app', state: 'waiting' }],
      })
      watching.stop()
      await node.stop()
    })

    it('writes down what an app process has applied only where something was appended since it last told', async () => {
      const { node, hears, reports } = await aNodeThatIsFollowed()
      const moved = async (act: () => Promise<unknown>) => {
        const before = node.engine.follower.position?.xmax ?? 0
        await act()
        await node.engine.follower.nudge()
        expect(node.engine.follower.position?.xmax).toBeGreaterThan(before)
        const written = reports()
        hears()
        return reports() - written
      }
      expect(await moved(() => database.db.execute(sql`select pg_current_xact_id()`))).toBe(0)
      expect(await moved(anAct)).toBe(1)
      await node.stop()
    })

    it('lets nobody in from memory once receipts do not wait for it', async () => {
      const { node } = await aNodeThatIsFollowed()
      const { session, token } = await aSession(database.db)
      expect(await node.engine.verify(token)).toMatchObject({ status: 'active' })
      expect(node.engine.verifyCached(token)).toMatchObject({ status: 'active' })
      await node.stop()
      await send(app.url, 'DELETE', `/sessions/${session.id}`, { key })
      expect(node.engine.verifyCached(token)).toBe('ask')
      expect(await node.engine.verify(token)).toEqual({ status: 'denied', reason: 'ended' })
    })
  })

  it('receipts are removed after their time, the newer ones stay', async () => {
    await database.db.execute(sql`
      insert into ${receipts} (xid, at, nodes, nodes_total, apps, apps_total, after_ms, complete)
      values ('3', now() - interval '91 days', 1, 1, 0, 0, 3, true), ('4', now() - interval '89 days', 1, 1, 0, 0, 3, true)`)
    await pruneReceipts(database.db)
    expect(await kept('x3')).toBeUndefined()
    expect(await kept('x4')).toBeDefined()
  })
})
