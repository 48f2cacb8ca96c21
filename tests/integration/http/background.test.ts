import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../../src/db/changes.js'
import type { SessionId } from '../../../src/db/ids.js'
import { sessionActivity, sessionAddresses } from '../../../src/db/schema.js'
import { sessionDetail } from '../../../src/sessions/detail.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { useApp } from '../../support/app.js'
import { aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'

const HOME = '192.0.2.10'
const THIEF = '198.51.100.66'

describe('what says that it happens in the background', () => {
  eachDatabase((database) => {
    const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.1,::1' })

    const use = async (token: string, ip: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${app.url}/account`, {
        headers: { cookie: `rollcall=${token}`, 'x-forwarded-for': ip, ...headers },
        redirect: 'manual',
      })
      await answer.body?.cancel()
      return answer.status
    }
    const activity = async (id: SessionId) => {
      await app.services.touches.flush()
      const [row] = await database.db.select().from(sessionActivity).where(eq(sessionActivity.sessionId, id))
      return row ?? expect.fail('no such session')
    }
    const addresses = async (id: SessionId) => {
      const rows = await database.db.select().from(sessionAddresses).where(eq(sessionAddresses.sessionId, id))
      return rows.map((row) => row.ip).sort()
    }

    it('S-07 from an address that is new to the session it is seen there, and still keeps no session alive', async () => {
      const { session, token } = await aSession(database.db, { ip: HOME, idleFor: '10 minutes' })
      const before = await activity(session.id)
      expect(await use(token, THIEF, { 'rollcall-background': '1' })).toBe(200)
      expect(await activity(session.id)).toMatchObject({
        lastSeenAt: before.lastSeenAt,
        requests: before.requests,
        lastIp: THIEF,
      })
      expect(await addresses(session.id)).toEqual([THIEF])
      const detail = await sessionDetail(database.db, session.id, app.services.places.findNow)
      expect(detail?.lastIp).toBe(THIEF)
      expect(detail?.addresses.map(({ ip }) => ip)).toEqual([HOME, THIEF])
    })

    it('S-07 by a stream alone it is seen too', async () => {
      const { session, token } = await aSession(database.db, { ip: HOME, idleFor: '10 minutes' })
      const before = await activity(session.id)
      const stream = await fetch(`${app.url}/account/stream`, {
        headers: { cookie: `rollcall=${token}`, accept: 'text/event-stream', 'x-forwarded-for': THIEF },
      })
      expect((await activity(session.id)).lastSeenAt).toEqual(before.lastSeenAt)
      expect(await addresses(session.id)).toEqual([THIEF])
      await stream.body?.cancel()
    })

    it('S-07 only a request that reads is believed: a post is an activity, whatever its header says', async () => {
      const { session, token } = await aSession(database.db, { ip: HOME, idleFor: '10 minutes' })
      const before = await activity(session.id)
      const background = { 'rollcall-background': '1' }
      for (const method of ['GET', 'HEAD']) {
        await fetch(`${app.url}/account`, {
          method,
          headers: { cookie: `rollcall=${token}`, 'x-forwarded-for': HOME, ...background },
        })
      }
      expect((await activity(session.id)).lastSeenAt).toEqual(before.lastSeenAt)
      await fetch(`${app.url}/account/sessions/revoke-others`, {
        method: 'POST',
        body: new URLSearchParams(),
        headers: { cookie: `rollcall=${token}`, 'x-forwarded-for': HOME, ...background },
        redirect: 'manual',
      })
      expect((await activity(session.id)).lastSeenAt.getTime()).toBeGreaterThan(before.lastSeenAt.getTime())
    })

    it('S-07 where nothing is new nobody is told, so that open pages do not keep each other busy', async () => {
      const { session, token } = await aSession(database.db, { ip: HOME })
      await activity(session.id)
      const heard: Change[] = []
      const stop = app.services.feed.subscribe((change) => heard.push(change))
      await use(token, HOME, { 'rollcall-background': '1' })
      await activity(session.id)
      // Notices arrive in order: when this one is here, an earlier one would be too.
      const { session: last } = await aSession(database.db)
      await expect
        .poll(() =>
          heard.some((change) => change.kind === 'started' && JSON.stringify(change).includes(last.account.id)),
        )
        .toBe(true)
      expect(heard.filter((change) => change.kind === 'touched')).toEqual([])
      stop()
    })

    it('S-07 every address of an interval is kept, up to eight; more are counted without one', async () => {
      const { session } = await aSession(database.db, { ip: HOME, idleFor: '10 minutes' })
      const { requests } = await activity(session.id)
      const from = Array.from({ length: 10 }, (_, i) => `198.51.100.${i + 1}`)
      // As requests do it, and within one interval however slow the machine is.
      for (const ip of from) app.services.touches.note(session.id, ip)
      expect(await activity(session.id)).toMatchObject({ requests: requests + 10, lastIp: '198.51.100.8' })
      expect(await addresses(session.id)).toEqual(from.slice(0, 8))
    })

    it('S-07 of two uses in one moment the later one says where the session is', async () => {
      const { session } = await aSession(database.db, { ip: HOME, idleFor: '1 hour' })
      const use = { id: session.id, secondsAgo: 1, requests: 1 }
      const both = [THIEF, '203.0.113.7'].map((ip) => ({ ...use, ip }))
      await touchSessions(database.db, both, app.services.places.findNow)
      expect(await activity(session.id)).toMatchObject({ lastIp: '203.0.113.7' })
      await touchSessions(database.db, both.toReversed(), app.services.places.findNow)
      expect(await activity(session.id)).toMatchObject({ lastIp: THIEF })
    })

    it('S-07 uses from two addresses count once each, and the last one is where the session is', async () => {
      const { session } = await aSession(database.db, { ip: HOME, idleFor: '1 hour' })
      const before = await activity(session.id)
      const use = { id: session.id, requests: 2 }
      await touchSessions(
        database.db,
        [
          { ...use, ip: THIEF, secondsAgo: 30 },
          { ...use, ip: null, secondsAgo: 5 },
          { ...use, ip: HOME, secondsAgo: 90 },
          { ...use, ip: '203.0.113.7', secondsAgo: 10, background: true, requests: 0 },
        ],
        app.services.places.findNow,
      )
      const after = await activity(session.id)
      expect(after).toMatchObject({ lastIp: '203.0.113.7', requests: before.requests + 6 })
      const seenAgo = Date.now() - after.lastSeenAt.getTime()
      expect(seenAgo).toBeGreaterThanOrEqual(4_000)
      expect(seenAgo).toBeLessThan(29_000)
    })

    it('a session fills a thousand rows with addresses and no more; what is shown is the first and the newest', async () => {
      const { session } = await aSession(database.db, { ip: HOME })
      await database.db.execute(sql`
        insert into ${sessionAddresses} (session_id, ip, first_seen_at)
        select ${session.id}::uuid, '10.0.0.0'::inet + n, now() - interval '1 day' + make_interval(secs => n)
        from generate_series(1, 998) n`)
      const touch = (ip: string) =>
        touchSessions(database.db, [{ id: session.id, ip, secondsAgo: 0, requests: 1 }], app.services.places.findNow)
      const all = Array.from({ length: 5 }, (_, i) => ({
        id: session.id,
        ip: `198.51.100.${i}`,
        secondsAgo: 5 - i,
        requests: 1,
      }))
      expect(await touchSessions(database.db, all, app.services.places.findNow)).toEqual([])
      const kept = await addresses(session.id)
      expect(kept).toHaveLength(1_000)
      expect(kept.slice(-2)).toEqual(['198.51.100.0', '198.51.100.1'])
      await touch(THIEF)
      expect(await addresses(session.id)).toHaveLength(1_000)
      expect((await activity(session.id)).lastIp).toBe(THIEF)

      const shown =
        (await sessionDetail(database.db, session.id, app.services.places.findNow))?.addresses.map(({ ip }) => ip) ?? []
      expect(shown).toHaveLength(50)
      expect([shown[0], shown[1], ...shown.slice(-3)]).toEqual([
        HOME,
        '10.0.3.184',
        '10.0.3.230',
        '198.51.100.0',
        '198.51.100.1',
      ])
    })
  })
})
