import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { describe, expect, it, vi } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { readConfig } from '../../../src/config.js'
import { BUILT_IN_APP, newId } from '../../../src/db/ids.js'
import { sessionActivity } from '../../../src/db/schema.js'
import type { AppEnv } from '../../../src/http/env.js'
import { createStreams, pageStream, type Reader, type Streams } from '../../../src/http/streams.js'
import { createLog } from '../../../src/log.js'
import { createFeed } from '../../../src/sessions/feed/feed.js'
import { countNewer, newSessions } from '../../../src/sessions/feed/lookAgain.js'
import { createNews } from '../../../src/sessions/feed/news.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import type { Session } from '../../../src/sessions/types.js'
import { useApp } from '../../support/app.js'
import { age, anAccount, aSession, type TestAccount } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'

const nobodyIsOver = async () => []
const someNews = () =>
  createNews({
    feed: createFeed(),
    counts: async () => ({ live: 0, online: 0, endedInDay: 0 }),
    inTouch: () => true,
    paceMs: () => 25,
    onFailure: () => {},
  })

describe('event streams', () => {
  eachDatabase((database) => {
    const app = useApp(database)

    async function openStream(account?: TestAccount) {
      const {
        session,
        token,
        account: owner,
      } = await aSession(database.db, { ip: '127.0.0.1', ...(account ? { account } : {}) })
      const client = aBrowserLikeClient(app.url)
      client.cookies.set('rollcall', token)
      const response = await client.fetch('/account/stream', { headers: { accept: 'text/event-stream' } })
      return { session, token, account: owner, client, response }
    }

    const lastSeen = async ({ id }: Session) => {
      const [row] = await database.db.select().from(sessionActivity).where(eq(sessionActivity.sessionId, id))
      return row?.lastSeenAt
    }

    it('S-17 the stream of a page says that its session was ended, and closes', async () => {
      const { session, response } = await openStream()
      expect(response.headers.get('content-type')).toMatch('text/event-stream')
      await revokeSession(database.db, session.id, TERMINAL, 'stolen')
      // Read to its end: a stream that stayed open would never return.
      expect(await response.text()).toContain('event: ended\ndata: {"reason":"revoked"}')
    })

    it('S-17 a block closes the streams of all of the account’s pages', async () => {
      const first = await openStream()
      const second = await openStream(first.account)
      await blockAccount(database.db, first.account.id, { reason: 'stolen' }, TERMINAL)
      for (const { response } of [first, second]) expect(await response.text()).toContain('{"reason":"blocked"}')
    })

    it('S-17 a session that has ended gets no stream again', async () => {
      const { session, client } = await openStream()
      await revokeSession(database.db, session.id, TERMINAL, null)
      const again = await client.fetch('/account/stream', { headers: { accept: 'text/event-stream' } })
      expect(again.status).toBe(401)
    })

    it('S-46 who asks for its head alone opens none', async () => {
      const { client } = await openStream()
      const before = app.services.streams.open
      const answer = await client.fetch('/account/stream', { method: 'HEAD', headers: { accept: 'text/event-stream' } })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
      expect(app.services.streams.open).toBe(before)
    })

    describe('an open list', () => {
      async function aList() {
        const { db } = database
        const { token } = await aSession(db, { account: await anAccount(db, { role: 'viewer' }) })
        const name = `Nia ${newId<string>().slice(-12)}`
        const account = await anAccount(db, { name })
        const [first, second] = [await aSession(db, { account }), await aSession(db, { account })]
        const ask = (path: string, query: Record<string, string>) =>
          fetch(`${app.url}/admin/live/${path}?${new URLSearchParams({ q: name, ...query })}`, {
            headers: { cookie: `rollcall=${token}`, 'rollcall-background': '1' },
          })
        return { account, rows: [first.session.id, second.session.id] as const, ask }
      }

      it('asks for its rows’ times, which of them have ended, and how many newer ones match its filter', async () => {
        const { account, rows, ask } = await aList()
        const nobody = newId<string>()
        await revokeSession(database.db, rows[0], TERMINAL, null)
        for (const whom of [account, undefined, account]) await aSession(database.db, whom ? { account: whom } : {})
        const answer = await ask('seen', { rows: [...rows, nobody].join(), from: rows[1] })
        const seen = (await answer.json()) as { rows: string[][]; ended: string[]; newer: Record<string, unknown> }
        expect(seen.rows.map(([id]) => id).sort()).toEqual([...rows].sort())
        expect(seen.rows[0]?.[1]).toBe('now')
        expect(seen.rows[0]?.[2]).toEqual([
          'now',
          expect.any(String),
          expect.stringContaining('UTC'),
          expect.any(String),
        ])
        expect(seen.ended).toEqual([rows[0], nobody])
        expect(seen.newer['count']).toBe(2)
        // From there on it is counted the next time.
        const again = await ask('seen', { from: String(seen.newer['newest']) })
        expect(await again.json()).toMatchObject({ newer: { count: 0 } })
        expect(await countNewer(database.db, { account: account.id }, rows[1], 1)).toMatchObject({ count: 1 })
      })

      it('gets the rows that ended as they now are, and the new ones at its head, but not more than slide in', async () => {
        const { account, rows, ask } = await aList()
        await revokeSession(database.db, rows[0], TERMINAL, null)
        const { session } = await aSession(database.db, { account })
        const answer = await ask('rows', { rows: rows.join(), from: rows[1], known: rows.join() })
        const html = await answer.text()
        expect(html.match(/<tr id="s-[0-9a-f-]{36}"/g)).toEqual([`<tr id="s-${rows[0]}"`, `<tr id="s-${session.id}"`])
        expect(html).toMatch(/hx-swap="afterbegin"/)
        const newer = await newSessions(database.db, { account: account.id }, { from: rows[1], known: [] }, 1)
        expect(newer).toBeUndefined()
      })

      it('names what it asks for wrongly', async () => {
        const { ask } = await aList()
        const answer = await ask('seen', { rows: 'one,two' })
        expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('rows')])
      })
    })

    it('S-46 a session that opens too many streams is refused in words, and closing one makes room', async () => {
      const { client, response, account } = await openStream()
      const more: Response[] = [response]
      for (let i = 0; i < 11; i += 1) more.push(await client.fetch('/account/stream'))
      expect(more.every((stream) => stream.status === 200)).toBe(true)
      const refused = await client.fetch('/account/stream')
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
      const other = await openStream(account)
      expect(other.response.status).toBe(200)
      for (const stream of [...more, other.response]) await stream.body?.cancel()
    })

    it('S-07 S-17 a page that only listens and refreshes becomes idle, and its stream says so and closes', async () => {
      app.services.streams = createStreams((watched) => app.services.node.over(watched, BUILT_IN_APP), {
        recheckMs: 20,
      })
      const { client, session, response } = await openStream()
      await app.services.touches.flush()
      // Ten seconds before it is idle: whatever counted as an activity would keep it.
      await age(database.db, session, { idleFor: '23 hours 59 minutes 50 seconds' })
      const before = await lastSeen(session)
      const background = { headers: { 'rollcall-background': '1' } }
      expect((await client.fetch('/account/sessions', background)).status).toBe(200)
      const second = await client.fetch('/account/stream', { headers: { accept: 'text/event-stream' } })
      await app.services.touches.flush()
      expect(await lastSeen(session)).toEqual(before)

      await database.db
        .update(sessionActivity)
        .set({ lastSeenAt: sql`${sessionActivity.lastSeenAt} - interval '11 seconds'` })
        .where(eq(sessionActivity.sessionId, session.id))
      for (const stream of [response, second])
        expect(await stream.text()).toContain('event: ended\ndata: {"reason":"idle"}')
      expect((await client.fetch('/account/sessions', background)).status).toBe(303)
      app.services.streams = createStreams(nobodyIsOver)
    })
  })

  describe('a reader', () => {
    /** The stream of a page that hears `event` at each change, without a socket between. */
    function aStream(timing: Parameters<typeof createStreams>[1], event: string) {
      const [streams, news] = [createStreams(nobodyIsOver, timing), someNews()]
      const lines: string[] = []
      const app = new Hono<AppEnv>()
      app.get('/', (c) => {
        c.set('config', readConfig({}))
        c.set('streams', streams)
        c.set('news', news)
        c.set('log', createLog('debug', { write: (line) => lines.push(line) }))
        c.set('current', { session: { id: 'session' }, account: { id: 'account', role: 'person' } } as never)
        c.set('verifier', { verify: async () => ({ status: 'active' }) } as never)
        c.set('node', { engine: { onEnded: () => () => {} } } as never)
        return pageStream(c, { tell: () => new TextEncoder().encode(`event: ${event}\ndata:\n\n`) })
      })
      return { streams, news, lines, open: () => app.request('/', {}, {}) }
    }

    it('S-46 hears a heartbeat while nothing happens', async () => {
      const { streams, open } = aStream({ heartbeatMs: 1 }, 'sessions')
      const reader = (await open()).body?.pipeThrough(new TextDecoderStream()).getReader()
      let heard = ''
      while (heard.length < 72) heard += (await reader?.read())?.value ?? expect.fail('the stream ended')
      expect(heard).toMatch(/^(event: here\ndata: 1\n\n){3}/)
      await reader?.cancel()
      await expect.poll(() => streams.open).toBe(0)
    })

    it('S-46 who does not read is dropped, with one line in the log and none on the terminal', async () => {
      const terminal = vi.spyOn(console, 'error')
      const { streams, news, lines, open } = aStream({ heartbeatMs: 1, slowReaderMs: 20 }, 'sessions')
      const response = await open()
      expect([response.status, streams.open, news.listeners]).toEqual([200, 1, 1])
      await expect.poll(() => [streams.open, news.listeners]).toEqual([0, 0])
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { level: 20, msg: 'a slow reader of a stream was dropped' },
      ])
      expect(terminal).not.toHaveBeenCalled()
      terminal.mockRestore()
    })
  })

  const reader = (n: number, more: Partial<Reader> = {}) =>
    ({ session: `session ${n}`, account: `account ${n}`, admin: false, ...more }) as Reader
  const enter = (streams: Streams, n: number, more: Partial<Reader> = {}) =>
    streams.enter(reader(n, more), { close() {}, recheck() {} })

  it('S-46 there is a limit for all streams together, and a part of it is kept for admins', () => {
    const streams = createStreams(nobodyIsOver)
    const leave = Array.from({ length: 1_800 }, (_, n) => enter(streams, n))
    expect(enter(streams, 1_800)).toBeUndefined()
    for (let n = 1_800; n < 2_000; n += 1) expect(enter(streams, n, { admin: true })).toBeDefined()
    expect(enter(streams, 2_000, { admin: true })).toBeUndefined()
    leave[0]?.()
    expect(enter(streams, 2_000, { admin: true })).toBeDefined()
  })

  it('S-46 one account has at most 50, in however many sessions', () => {
    const streams = createStreams(nobodyIsOver)
    const account = 'one account' as Reader['account']
    const leave = Array.from({ length: 50 }, (_, n) => enter(streams, n, { account }))
    expect(enter(streams, 51, { account, admin: true })).toBeUndefined()
    expect(enter(streams, 51)).toBeDefined()
    leave[0]?.()
    expect(enter(streams, 51, { account })).toBeDefined()
  })

  it('S-72 closing all of them closes each once', () => {
    const streams = createStreams(nobodyIsOver)
    let closed = 0
    for (const name of ['a', 'b']) {
      const leave = streams.enter(reader(0, { session: name as Reader['session'] }), {
        close() {
          closed += 1
          leave?.()
        },
        recheck() {},
      })
    }
    streams.closeAll()
    expect([closed, streams.open]).toEqual([2, 0])
  })
})
