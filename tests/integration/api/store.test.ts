import { eq, sql } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import type { SessionId } from '../../../src/db/ids.js'
import { storedSessions } from '../../../src/db/schema/stored.js'
import { auditEvents } from '../../../src/db/schema.js'
import { listSessions } from '../../../src/sessions/lists/list.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { removeLapsedStored } from '../../../src/sessions/stored/storedAll.js'
import { useApp } from '../../support/app.js'
import { age, anApp } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aSid, tokenOf } from '../../support/stored.js'
import { aKey, aVisit, send } from './client.js'

describe('what apps store under session ids of their own', () => {
  eachDatabase((database) => {
    const server = useApp(database)

    async function aStore() {
      const app = await anApp(database.db)
      const { secret: key } = await aKey(database.db, {
        app,
        scopes: ['sessions:verify', 'sessions:write', 'sessions:read'],
      })
      const call = (method: string, path: string, body?: unknown) => send(server.url, method, path, { key, body })
      return {
        app,
        mara: { externalId: 'u-1', email: `mara@${app}.example`, name: 'Mara' },
        call,
        get: (sid: { key: string }, query = '') => call('GET', `/store/${sid.key}${query}`),
        put: (sid: { key: string }, body: object = {}) =>
          call('PUT', `/store/${sid.key}`, { data: '{}', client: aVisit(), ...body }),
        end: (sid: { key: string }, query = '') => call('DELETE', `/store/${sid.key}${query}`),
        touch: (sid: { key: string }, body = {}) => call('POST', `/store/${sid.key}/touch`, body),
        live: async () => (await listSessions(database.db, { app })).items,
      }
    }

    it('comes back to the letter, whatever JSON it is', async () => {
      const store = await aStore()
      const sid = aSid()
      const data = '{"b":1, "a":[1e400, 9007199254740993, "\\u0000\\ud800"],"__proto__":{"x":1}, "a":2}'
      expect(await store.put(sid, { data })).toMatchObject({ status: 200, json: { session: null } })
      expect((await store.get(sid)).json).toEqual({ data, session: null, mayHold: false })
      expect(await store.get(aSid())).toMatchObject({ status: 404 })
      expect((await store.call('GET', '/store/count')).json).toEqual({ count: 1 })
      expect((await store.call('GET', '/store')).json).toEqual({
        items: [{ sid: sid.key, data, session: null }],
        next: null,
      })
    })

    it('is a session like all others while somebody is signed in, listed by when they signed in', async () => {
      const store = await aStore()
      const early = aSid()
      await store.put(early)
      const others = [await store.put(aSid(), { account: { email: 'a@example.com' } })]
      const signedIn = await store.put(early, { account: store.mara, method: 'password' })
      others.push(await store.put(aSid(), { account: { email: 'b@example.com' } }))
      const [first, second] = others.map(({ json }) => json.session)
      const live = await store.live()
      expect(live.map(({ id }) => id)).toEqual([second, signedIn.json.session, first])
      expect(live[1]).toMatchObject({
        account: { name: 'Mara', email: store.mara.email },
        ip: '203.0.113.30',
        method: 'password',
        device: { browser: 'Firefox', os: 'Linux' },
      })
      const verdict = await store.call('POST', '/sessions/verify', { token: tokenOf(signedIn.json.session, early) })
      expect(verdict.json).toMatchObject({ status: 'active', account: { email: store.mara.email } })
      const wrong = await store.call('POST', '/sessions/verify', { token: tokenOf(signedIn.json.session, aSid()) })
      expect(wrong.json).toEqual({ status: 'denied', reason: 'unknown' })
    })

    it('S-12 a late save, touch or look-up does not bring an ended session back', async () => {
      const store = await aStore()
      const sid = aSid()
      const { session } = (await store.put(sid, { data: '{"cart":1}', account: store.mara })).json
      await revokeSession(database.db, session, TERMINAL, 'stolen')
      for (const account of [store.mara, null, undefined, { email: 'other@example.com' }])
        expect(await store.put(sid, { data: '{"cart":2}', account })).toMatchObject({
          status: 410,
          json: { type: expect.stringMatching(/session-ended$/) },
        })
      expect(await store.touch(sid)).toMatchObject({ status: 410 })
      expect(await store.get(sid)).toMatchObject({ status: 410 })
      expect(await store.live()).toEqual([])
      const [row] = await database.db.select().from(storedSessions).where(eq(storedSessions.sessionId, session))
      expect(row?.content).toBe('{"cart":1}')
    })

    it('S-12 what was loaded before a sign-out signs nobody in again, though the id goes on', async () => {
      const store = await aStore()
      const sid = aSid()
      const { session } = (await store.put(sid, { account: store.mara })).json
      expect((await store.put(sid, { account: null, loadedWith: session })).json.session).toBeNull()
      expect(await store.put(sid, { account: store.mara, loadedWith: session })).toMatchObject({ status: 410 })
      expect(await store.live()).toEqual([])
      const again = await store.put(sid, { account: store.mara, loadedWith: null })
      expect(again.json.session).not.toBe(session)
      expect(await store.put(sid, { account: null, loadedWith: null })).toMatchObject({ status: 409 })
      expect((await store.live()).map(({ id }) => id)).toEqual([again.json.session])
    })

    it('ends with the sign-out of the app, which the log tells of the person', async () => {
      const store = await aStore()
      const [destroyed, renewed, emptied] = [aSid(), aSid(), aSid()]
      const ids: SessionId[] = []
      for (const sid of [destroyed, renewed, emptied])
        ids.push((await store.put(sid, { account: store.mara })).json.session)
      expect((await store.end(destroyed)).json).toEqual({ ended: 1 })
      expect((await store.end(destroyed)).json).toEqual({ ended: 0 })
      await store.end(renewed, '?why=replaced')
      await store.put(emptied, { account: null })
      const reasons = await Promise.all(
        ids.map(async (id) => (await store.call('GET', `/sessions/${id}`)).json.end.reason),
      )
      expect(reasons).toEqual(['signed-out', 'replaced', 'signed-out'])
      expect(await store.put(destroyed, { account: store.mara })).toMatchObject({ status: 410 })
      const events = await database.db
        .select({ action: auditEvents.action, actor: auditEvents.actorName })
        .from(auditEvents)
        .where(eq(auditEvents.sessionId, ids[0] as SessionId))
        .orderBy(auditEvents.id)
      expect(events).toMatchObject([{ action: 'session.started' }, { action: 'session.ended', actor: 'Mara' }])
    })

    it('S-64 keeps nothing of what it held once the app has ended it, and its key stays taken', async () => {
      const store = await aStore()
      const [nobody, somebody] = [aSid(), aSid()]
      await store.put(nobody, { data: '{"cart":"a ring"}' })
      await store.put(somebody, { data: '{"cart":"a ring"}', account: store.mara })
      for (const sid of [nobody, somebody]) {
        await store.end(sid)
        expect(await store.touch(sid)).toMatchObject({ status: 410 })
        expect(await store.get(sid, '?process=one')).toMatchObject({ status: 410 })
        expect(await store.put(sid, { process: 'one' })).toMatchObject({ status: 410 })
      }
      const left = await database.db.select().from(storedSessions).where(eq(storedSessions.appId, store.app))
      expect(left.map(({ content }) => content)).toEqual(['', ''])
    })

    it('S-03 who signs in as somebody else under the same id has a new session', async () => {
      const store = await aStore()
      const sid = aSid()
      const before = (await store.put(sid, { account: store.mara })).json.session
      const after = (await store.put(sid, { account: { email: 'root@example.com' }, loadedWith: before })).json.session
      expect((await store.call('GET', `/sessions/${before}`)).json.end.reason).toBe('replaced')
      expect((await store.live()).map(({ id }) => id)).toEqual([after])
    })

    it('lets nobody in who is blocked, and keeps nothing of that', async () => {
      const store = await aStore()
      const sid = aSid()
      const first = (await store.put(aSid(), { account: store.mara })).json.session
      const { account } = (await store.call('GET', `/sessions/${first}`)).json
      await blockAccount(database.db, account.id, { reason: 'stolen' }, TERMINAL)
      expect(await store.put(sid, { account: store.mara })).toMatchObject({ status: 403 })
      expect(await store.get(sid)).toMatchObject({ status: 404 })
      await blockNetwork(database.db, { network: '198.18.7.0/24', reason: 'attack' }, TERMINAL)
      const other = aSid()
      const client = aVisit({ ip: '198.18.7.9' })
      expect(await store.put(other, { account: { email: 'n@example.com' }, client })).toMatchObject({ status: 403 })
      expect(await store.put(other, { account: { email: 'n@example.com' } })).toMatchObject({ status: 200 })
      expect(await store.get(other, '?ip=198.18.7.9')).toMatchObject({ status: 403 })
      expect(await store.get(other, '?ip=198.18.8.9')).toMatchObject({ status: 200 })
      expect(await store.touch(other, { client }), 'a use from there is none').toMatchObject({ status: 403 })
    })

    it('S-14 a shorter age holds at once, also where the session is remembered', async () => {
      const store = await aStore()
      const sid = aSid()
      const { session } = (await store.put(sid, { account: store.mara, maxAge: 3_600 })).json
      const verdict = async () =>
        (await store.call('POST', '/sessions/verify', { token: tokenOf(session, sid) })).json.status
      await vi.waitFor(async () => {
        const { hits } = server.services.node.engine.stats()
        expect(await verdict()).toBe('active')
        expect(server.services.node.engine.stats().hits).toBeGreaterThan(hits)
      })
      await store.put(sid, { account: store.mara, maxAge: 60 })
      await age(database.db, { id: session }, { idleFor: '61 seconds' })
      await vi.waitFor(async () => expect(await verdict()).toBe('denied'), { timeout: 3_000 })
    })

    it('lapses by the age of the cookie, signed in or not, and is used again by a touch', async () => {
      const store = await aStore()
      const [nobody, somebody] = [aSid(), aSid()]
      await store.put(nobody, { maxAge: 60 })
      const { session } = (await store.put(somebody, { account: store.mara, maxAge: 60 })).json
      const lapse = () =>
        database.db
          .update(storedSessions)
          .set({ expiresAt: sql`now() - interval '1 second'` })
          .where(sql`expires_at is not null and app_id = ${store.app}`)
      await lapse()
      expect((await store.call('GET', '/store')).json.items).toMatchObject([{ sid: somebody.key }])
      expect((await store.call('GET', '/store/count')).json).toEqual({ count: 1 })
      expect(await store.touch(nobody)).toMatchObject({ status: 404 })
      expect(await store.get(nobody)).toMatchObject({ status: 404 })
      await store.put(nobody, { data: '{"new":1}', maxAge: 60 })
      expect(await store.touch(nobody)).toMatchObject({ status: 200 })
      await age(database.db, { id: session }, { idleFor: '50 seconds' })
      expect(await store.touch(somebody)).toMatchObject({ status: 200 })
      await age(database.db, { id: session }, { idleFor: '61 seconds' })
      expect(await store.get(somebody)).toMatchObject({
        status: 410,
        json: { detail: expect.stringContaining('idle') },
      })
      expect(await store.live()).toEqual([])
      await lapse()
      await removeLapsedStored(database.db)
      const left = await database.db.select().from(storedSessions).where(eq(storedSessions.appId, store.app))
      expect(left.map(({ sessionId }) => sessionId)).toEqual([session])
    })

    it('S-33 belongs to its app: to another key it is not there, and the built-in site has none', async () => {
      const [store, other] = [await aStore(), await aStore()]
      const sid = aSid()
      await store.put(sid, { account: store.mara })
      expect(await other.get(sid)).toMatchObject({ status: 404 })
      expect((await other.end(sid)).json).toEqual({ ended: 0 })
      expect((await other.call('DELETE', '/store')).json).toEqual({ ended: 0 })
      expect(await store.get(sid)).toMatchObject({ status: 200 })
      const { secret } = await aKey(database.db)
      const answer = await send(server.url, 'PUT', `/store/${sid.key}`, { key: secret, body: { data: '{}' } })
      expect(answer.status).toBe(422)
    })

    it('is emptied by the app: everybody is signed out, and it says how many', async () => {
      const store = await aStore()
      const [over, sids] = [aSid(), Array.from({ length: 5 }, () => aSid())]
      const { session } = (await store.put(over, { account: store.mara })).json
      await revokeSession(database.db, session, TERMINAL, 'over before')
      for (const [i, sid] of sids.entries())
        await store.put(sid, i % 2 === 0 ? { account: { email: `p${i}@example.com` } } : {})
      expect((await store.call('DELETE', '/store')).json).toEqual({ ended: 3 })
      expect(await store.live()).toEqual([])
      for (const sid of sids) expect(await store.put(sid)).toMatchObject({ status: 410 })
      expect((await store.call('GET', '/store/count')).json).toEqual({ count: 0 })
    })

    it('is held in memory by one process alone: when a second one comes, the first is told', async () => {
      const store = await aStore()
      const sid = aSid()
      const told = async (after?: string) => {
        const query = after ? `?after=${encodeURIComponent(after)}` : ''
        const { position, items } = (await store.call('GET', `/revocations${query}`)).json
        return { position, stored: items.filter(({ kind }: { kind: string }) => kind === 'stored') }
      }
      expect((await store.put(sid, { process: 'one' })).json.mayHold).toBe(true)
      expect((await store.get(sid, '?process=one')).json.mayHold).toBe(true)
      await server.services.node.engine.follower.nudge()
      const before = await told()
      expect((await store.get(sid, '?process=two')).json.mayHold).toBe(false)
      await server.services.node.engine.follower.nudge()
      const after = await told(before.position)
      expect(after.stored).toEqual([{ kind: 'stored', target: sid.key }])
      expect((await store.get(sid, '?process=one')).json.mayHold).toBe(false)
      await database.db.update(storedSessions).set({ sharedAt: sql`now() - interval '6 minutes'` })
      expect((await store.get(sid, '?process=two')).json.mayHold).toBe(true)
      await database.db.update(storedSessions).set({ heldAt: sql`now() - interval '1 minute'` })
      expect((await store.put(sid, { process: 'three' })).json.mayHold, 'the one that held it is gone').toBe(true)
      expect((await store.put(sid)).json.mayHold, 'a script').toBe(false)
      await server.services.node.engine.follower.nudge()
      const later = await told(after.position)
      expect(later.stored).toHaveLength(1)
      await database.db.update(storedSessions).set({ sharedAt: null })
      expect((await store.put(sid, { process: 'one' })).json.mayHold).toBe(true)
      expect((await store.end(sid, '?process=two')).status).toBe(200)
      await server.services.node.engine.follower.nudge()
      const ended = await told(later.position)
      expect(ended.stored, 'it was ended by another').toEqual([{ kind: 'stored', target: sid.key }])
      const own = aSid()
      expect((await store.put(own, { process: 'one' })).json.mayHold).toBe(true)
      await store.end(own, '?process=one')
      await server.services.node.engine.follower.nudge()
      expect((await told(ended.position)).stored, 'who ends its own knows').toEqual([])
    })

    it('comes over from another store with the age that it has, never over what is or was here', async () => {
      const store = await aStore()
      const [young, old, here, gone] = [aSid(), aSid(), aSid(), aSid()]
      const moved = (unusedFor: number, dryRun?: boolean) => ({ maxAge: 60, moved: { unusedFor, dryRun } })
      for (const account of [null, store.mara])
        expect(await store.put(old, { account, ...moved(60) })).toMatchObject({
          status: 410,
          json: { type: expect.stringMatching(/idle-too-long$/) },
        })
      expect(await store.get(old)).toMatchObject({ status: 404 })
      for (const account of [null, store.mara])
        expect(await store.put(young, { account, ...moved(50, true) })).toMatchObject({
          status: 200,
          json: { session: null, mayHold: false },
        })
      expect([await store.get(young), await store.live()]).toMatchObject([{ status: 404 }, []])
      expect(await store.put(young, moved(50))).toMatchObject({ status: 200 })
      const [row] = await database.db.select().from(storedSessions).where(eq(storedSessions.appId, store.app))
      const leftMs = (row?.expiresAt?.getTime() ?? 0) - Date.now()
      expect(leftMs).toBeLessThanOrEqual(10_000)

      await store.put(here, { data: '{"new":1}' })
      expect(await store.put(here, { data: '{"old":1}', ...moved(1) })).toMatchObject({ status: 409 })
      expect((await store.get(here)).json.data).toBe('{"new":1}')
      await store.put(gone)
      await store.end(gone)
      expect(await store.put(gone, moved(1))).toMatchObject({ status: 410 })
    })

    it('waits for an act that is about to end it, and saves nothing after that', async () => {
      if (database.kind === 'pglite') return
      const store = await aStore()
      const sid = aSid()
      const { session } = (await store.put(sid, { data: '{"v":1}', account: store.mara })).json
      let late: Promise<{ status: number }> | undefined
      await database.db.transaction(async (tx) => {
        await revokeSession(tx, session, TERMINAL, 'stolen')
        late = store.put(sid, { data: '{"v":2}', account: store.mara })
        await waitsForLock(tx)
      })
      expect(await late).toMatchObject({ status: 410 })
      const [row] = await database.db.select().from(storedSessions).where(eq(storedSessions.sessionId, session))
      expect(row?.content).toBe('{"v":1}')
    })

    /** Until somebody waits for what this transaction has locked. */
    async function waitsForLock(tx: typeof database.db) {
      for (;;) {
        const found = await tx.execute(sql`select 1 from pg_locks where not granted limit 1`)
        if (Array.from(found as Iterable<unknown>).length > 0) return
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
  })
})
