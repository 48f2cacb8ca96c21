import { inArray, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { type AppId, idFloor, type SessionId } from '../../../src/db/ids.js'
import { endings, sessionActivity, sessionChanges, sessions } from '../../../src/db/schema.js'
import { UNKNOWN_PLACE } from '../../../src/devices/place.js'
import { endSessions } from '../../../src/sessions/end.js'
import { endAll } from '../../../src/sessions/endings.js'
import { countLive } from '../../../src/sessions/lists/counts.js'
import { eachOf, estimate } from '../../../src/sessions/lists/facets.js'
import { countSessions, listSessions } from '../../../src/sessions/lists/list.js'
import { listBySeen, sortedBy } from '../../../src/sessions/lists/listBySeen.js'
import { countOnline, createOnlineCounter } from '../../../src/sessions/lists/online.js'
import { sessionPlaces } from '../../../src/sessions/lists/places.js'
import { matches } from '../../../src/sessions/lists/search.js'
import { type Summary, summarise } from '../../../src/sessions/lists/summary.js'
import {
  addUpChanges,
  atMost,
  readTallies,
  readTotal,
  type Tallied,
  type TalliedState,
  tidyChanges,
} from '../../../src/sessions/lists/tallies.js'
import { liveTables } from '../../../src/sessions/live.js'
import { markEndings } from '../../../src/sessions/many/markEndings.js'
import { markJobs } from '../../../src/sessions/many/markJobs.js'
import { removeOldSessions } from '../../../src/sessions/many/removeOld.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { LOOKED_AT, type SessionFilter } from '../../../src/sessions/types.js'
import { anAccount, anApp, aSession } from '../../support/builders.js'
import { everyDatabase } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { statementsOf } from '../../support/plans.js'

const COUNTRIES = ['DE', 'FR', null]
const BROWSERS = ['Chrome', 'Safari']
const CITIES = ['Berlin', 'Paris', null]

/** A stride's, whose ids are known by then. */
const looksAtRows = ({ query }: { query: string }) => /"id" = any\(\$\d+::uuid\[\]\)/.test(query)

describe('lists and counts at size', () => {
  everyDatabase((database) => {
    it('the tallies are what a count of every row gives, after any history, added up or not', async () => {
      const { db } = database
      const crowd = await aCrowd(db, 40)
      const step = fc.oneof(
        fc.record({ do: fc.constant('end' as const), some: fc.uniqueArray(fc.nat(39), { maxLength: 9 }) }),
        fc.record({ do: fc.constant('add up' as const) }),
        fc.record({ do: fc.constant('start' as const) }),
        fc.record({ do: fc.constant('remove' as const), one: fc.nat(39) }),
        fc.record({ do: fc.constant('roll back' as const), one: fc.nat(39) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
          for (const one of steps) {
            if (one.do === 'end')
              await end(
                db,
                one.some.map((n) => crowd.ids[n] as SessionId),
              )
            if (one.do === 'add up') await addUpChanges(db)
            if (one.do === 'start') await vary(db, (await aSession(db, { account: crowd.account })).session.id)
            if (one.do === 'remove')
              await db.delete(sessions).where(inArray(sessions.id, [crowd.ids[one.one] as SessionId]))
            if (one.do === 'roll back') await rolledBack(db, (tx) => end(tx, [crowd.ids[one.one] as SessionId]))
          }
          await agree(db)
        }),
        { numRuns: 12 },
      )
      await addUpChanges(db)
      expect(await db.$count(sessionChanges)).toBe(0)
      await tidyChanges(db)
      const [left] = rowsOf<{ bytes: number }>(
        await db.execute(sql`select pg_relation_size('session_changes')::int as bytes`),
      )
      expect(left?.bytes, 'nothing is left for pages to step over').toBe(0)
      await agree(db)
    })

    it('a page walks on past what has ended and is not marked, and misses nothing that is live', async () => {
      const { db } = database
      const app = await anApp(db)
      const { session } = await aSession(db, { app })
      await multiply(db, session, 400)
      await db.execute(sql`
        update ${sessionActivity} set last_seen_at = now() - interval '90 days'
        where session_id = any(array(select id from sessions where app_id = ${app} order by id desc limit 300))`)
      const seen: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await listSessions(db, { app }, { limit: 30, after })
        seen.push(...page.items.map(({ id }) => id))
        if (!page.next) break
        after = page.next
      }
      expect(seen).toHaveLength(101)
      expect(new Set(seen).size).toBe(101)
      const over = await listSessions(db, { app, state: 'ended' }, { limit: 200 })
      expect(over.items.every(({ state }) => state === 'ended')).toBe(true)
      expect(over.items).toHaveLength(200)
    })

    it('a list holds what the one predicate and its filter say, in every state, for what is common, rare and nowhere', async () => {
      const { db } = database
      const app = await anApp(db)
      const crowd = await aCrowd(db, 24, app)
      await end(db, crowd.ids.slice(0, 12))
      await db
        .update(sessionActivity)
        .set({ lastSeenAt: sql`now() - interval '90 days'` })
        .where(inArray(sessionActivity.sessionId, crowd.ids.slice(12, 15)))
      const oneOf = <T>(...values: T[]) => fc.constantFrom(undefined, ...values)
      const filters = fc.record({
        state: fc.constantFrom('live' as const, 'ended' as const, 'all' as const),
        app: fc.constant(app),
        country: oneOf('DE', 'FR', 'JP', 'unknown'),
        browser: oneOf('Chrome', 'Safari', 'Lynx', 'unknown'),
        version: oneOf('142', '7'),
        method: oneOf('password', 'sso'),
      })
      await fc.assert(
        fc.asyncProperty(filters, async (filter) => {
          const wanted = await db.execute<{ id: string }>(sql`
            select ${sessions.id} as id from ${liveTables} where ${matches(filter)} order by 1 desc`)
          const { items } = await listSessions(db, filter, { limit: 200 })
          expect(items.map(({ id }) => id)).toEqual(rowsOf<{ id: string }>(wanted).map(({ id }) => id))
          const theirs = { ...filter, account: crowd.account.id }
          const listed = listSessions(db, theirs, { limit: 200 })
          expect(await summarise(db, theirs, listed), 'from the page itself').toEqual(await summarise(db, theirs))
        }),
        { numRuns: 60 },
      )
    })

    it('by last use, a list holds the same ones in that order, page by page, and knows who was not seen for days', async () => {
      const { db } = database
      const app = await anApp(db)
      await db.execute(sql`
        update apps set idle_timeout = ${80 * 86_400}, absolute_timeout = ${300 * 86_400} where id = ${app}`)
      const crowd = await aCrowd(db, 12, app)
      await longAgo(db, crowd.ids)
      const filter = { app, country: 'DE' }
      for (const sort of ['seen', 'unseen'] as const) {
        const direction = sort === 'seen' ? sql`desc` : sql`asc`
        const wanted = rowsOf<{ id: string }>(
          await db.execute(sql`
            select ${sessions.id} as id from ${liveTables} where ${matches(filter)}
            order by ${sessionActivity.lastSeenAt} ${direction}, ${sessions.id} ${direction}`),
        ).map(({ id }) => id)
        expect(wanted).toHaveLength(4)
        const first = await listSessions(db, filter, { sort, limit: 3 })
        const second = await listSessions(db, filter, { sort, limit: 3, after: first.next ?? '' })
        expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(wanted)
        const back = await listSessions(db, filter, { sort, limit: 3, before: second.previous ?? '' })
        expect(back.items).toEqual(first.items)
      }
      const byDay: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await listBySeen(db, { app }, { sort: 'unseen', limit: 5, after }, 11)
        byDay.push(...page.items.map(({ id }) => id))
        if (!page.next) break
        after = page.next
      }
      expect(byDay).toEqual([...crowd.ids].reverse())
      for (const few of [{ app }, { account: crowd.account.id }])
        expect([await sortedBy(db, few, 11), await sortedBy(db, few, 12)]).toEqual(['day', 'second'])
      for (const unseenDays of [1, 3, 9, 40]) {
        const wanted = rowsOf<{ id: string }>(
          await db.execute(sql`
            select ${sessions.id} as id from ${liveTables}
            where ${matches({ app })} and ${sessionActivity.lastSeenAt} < now() - make_interval(days => ${unseenDays})
            order by 1 desc`),
        )
        expect(wanted).toHaveLength(Math.max(0, 12 - unseenDays))
        const { items } = await listSessions(db, { app, unseenDays })
        expect(items.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id))
        expect((await summarise(db, { app, unseenDays })).count).toEqual({ n: wanted.length, how: 'exact' })
      }
      await end(db, crowd.ids.slice(0, 6))
      const open = sql`${inArray(sessionActivity.sessionId, crowd.ids)} and ${sessionActivity.seenOn} is not null`
      expect(await db.$count(sessionActivity, open), 'what has ended is nobody’s to wait for').toBe(6)
    })

    it('of a blocked network, a list holds what is used elsewhere by now, and looks at nothing that is still there', async () => {
      const { db } = database
      const app = await anApp(db)
      const { session: refused } = await aSession(db, { app, ip: '198.51.100.7' })
      await multiply(db, refused, 700)
      const { session: left } = await aSession(db, { app, ip: '198.51.100.8' })
      const { session: came } = await aSession(db, { app, ip: '203.0.113.8' })
      const { session: wentOn } = await aSession(db, { app, ip: '203.0.113.8' })
      const used = (id: SessionId, ip: string) => ({ id, ip, secondsAgo: 0, requests: 1 })
      await touchSessions(db, [used(left.id, '203.0.113.9'), used(came.id, '198.51.100.9')], () => UNKNOWN_PLACE)
      await touchSessions(db, [used(wentOn.id, '198.51.100.9')], () => UNKNOWN_PLACE)
      await touchSessions(db, [used(wentOn.id, '203.0.113.9')], () => UNKNOWN_PLACE)
      await blockNetwork(db, { network: '198.51.0.0/16', reason: 'attack' }, TERMINAL)
      for (const filter of [{ app, ip: '198.51.100.0/24' }, { app, q: '198.51.100.0/24' }, { ip: '198.51.0.0/16' }]) {
        const list = async (over: Database) => {
          const { items } = await listSessions(over, filter)
          expect(items.map(({ id }) => id)).toEqual([wentOn.id, left.id])
        }
        const whole = (await statementsOf(database, list)).filter(looksAtRows)
        expect(whole, 'a stride of 51, no others of 204 and 816').toHaveLength(1)
        expect((await summarise(db, filter)).count).toEqual({ n: 2, how: 'exact' })
      }
      const all = await listSessions(db, { app, ip: '198.51.100.0/24', state: 'all' }, { limit: 200 })
      expect(all.items.map(({ state }) => state)).toContain('ended')
      // Of a wider one, not everything is refused.
      const wider = await listSessions(db, { app, ip: '198.50.0.0/15' }, { limit: 10 })
      expect(wider.items.map(({ id }) => id)).toEqual([wentOn.id, left.id])
    })

    it('past what ended and is not marked, a list reads no whole rows but those it shows', async () => {
      const { db } = database
      const left = await aSession(db, { app: await anApp(db) })
      const { session } = await aSession(db, { app: await anApp(db), ip: '198.18.7.7' })
      await multiply(db, session, 700)
      const theirs = [left.session.app.id, session.app.id]
      await db.execute(sql`update sessions set country = 'SJ' where app_id in (${theirs[0]}, ${theirs[1]})`)
      await blockNetwork(db, { network: '198.18.7.0/24', reason: 'attack' }, TERMINAL)
      const list = async (over: Database) => {
        const { items } = await listSessions(over, { country: 'SJ' })
        expect(items.map(({ id }) => id)).toEqual([left.session.id])
      }
      const sent = (await statementsOf(database, list)).filter(looksAtRows)
      const whole = sent.filter(({ query }) => query.includes('secret_hash'))
      const read = whole.map(({ params }) => Math.max(...params.map((given) => String(given).split(',').length)))
      expect(read, 'the first stride, and what is live of all others').toEqual([51, 1])
      expect(sent.length - whole.length).toBe(2)
    })

    it('where an act ended everyone, a list begins at that act, and shows the one that was left out', async () => {
      const { db } = database
      const mine = await aSession(db)
      const app = await anApp(db)
      const { session } = await aSession(db, { app })
      await multiply(db, session, 700)
      await db.transaction((tx) =>
        endAll(
          tx,
          { kind: 'everything', target: null },
          { reason: 'kill-switch', by: SYSTEM, note: 'test' },
          mine.session.id,
        ),
      )
      const later = await aSession(db)
      expect(await db.$count(endings, sql`done_at is null`), 'the marking is still to come').toBe(1)
      const { items } = await listSessions(db, {})
      expect(items.map(({ id }) => id)).toEqual([later.session.id, mine.session.id])
      expect((await listSessions(db, { app })).items).toEqual([])
    })

    it('where an act ended an app, a list of all apps looks at nothing of it, and counts what is there behind it', async () => {
      const { db } = database
      const since = new Date(Date.now() - 60_000)
      const left = await aSession(db, { app: await anApp(db) })
      const app = await anApp(db)
      const mine = await aSession(db, { app })
      const { session } = await aSession(db, { app })
      await multiply(db, session, LOOKED_AT)
      await db.execute(sql`update sessions set country = 'GL' where app_id in (${app}, ${left.session.app.id})`)
      await db.transaction((tx) =>
        endAll(tx, { kind: 'app', target: app }, { reason: 'kill-switch', by: SYSTEM, note: 'test' }, mine.session.id),
      )
      expect((await summarise(db, { country: 'GL', since })).count).toEqual({ n: 2, how: 'exact' })
      const list = async (over: Database) => {
        const { items } = await listSessions(over, { country: 'GL' })
        expect(items.map(({ id }) => id)).toEqual([mine.session.id, left.session.id])
      }
      const whole = (await statementsOf(database, list)).filter(looksAtRows)
      expect(whole, 'a stride of 51, no others of 204 and 816').toHaveLength(1)
      await db.execute(sql`update ${endings} set done_at = now() where done_at is null`)
    })

    it('what a filter ended is not taken for live by the order of a list by last use, marked or not', async () => {
      const { db } = database
      const app = await anApp(db)
      const { session } = await aSession(db, { app })
      await multiply(db, session, 600)
      expect(await sortedBy(db, { app }, 50)).toBe('day')
      expect((await revokeMatching(db, { q: session.account.id, app }, TERMINAL, 'over')).status).toBe('done')
      const { session: later } = await aSession(db, { app })
      expect(await sortedBy(db, { app }, 50)).toBe('second')
      expect((await listBySeen(db, { app }, { sort: 'seen' }, 50)).items.map(({ id }) => id)).toEqual([later.id])
    })

    it('ended sessions leave when their time is over, with what hangs on them, and nothing else does', async () => {
      const { db } = database
      const account = await anAccount(db)
      const made = await Promise.all([0, 1, 2].map(() => aSession(db, { account })))
      const [old, young, live] = made.map(({ session }) => session.id) as [SessionId, SessionId, SessionId]
      await end(db, [old, young])
      await db.execute(sql`update sessions set ended_at = now() - interval '31 days' where id = ${old}`)
      await db.execute(sql`update sessions set ended_at = now() - interval '29 days' where id = ${young}`)
      await db.execute(sql`update sessions set created_at = now() - interval '90 days' where id = ${live}`)
      expect(await removeOldSessions(db, 30)).toBe(1)
      const left = await db
        .select({ id: sessions.id })
        .from(sessions)
        .where(inArray(sessions.id, [old, young, live]))
      expect(left.map(({ id }) => id).sort()).toEqual([young, live].sort())
      expect(await db.$count(sessionActivity, inArray(sessionActivity.sessionId, [old]))).toBe(0)
    })

    it('what a filter ended is not counted as live, marked or not', async () => {
      const { db } = database
      const app = await anApp(db)
      const { session } = await aSession(db, { app })
      await multiply(db, session, LOOKED_AT)
      await db.execute(sql`update sessions set country = 'BV' where app_id = ${app}`)
      await db.execute(sql`update ${endings} set done_at = now() where done_at is null`)
      await recount(db)
      const counts = async () => [(await countLive(db)).n, (await summarise(db, {})).count.n]
      const before = await counts()
      expect((await revokeMatching(db, { country: 'BV' }, TERMINAL, 'over')).status).toBe('done')
      expect(await counts()).toEqual(before.map((n) => n - LOOKED_AT - 1))
    })

    it('while what ended together is being marked, no value has a number, and a filter’s total is a bound', async () => {
      const { db } = database
      const app = await anApp(db)
      const { session } = await aSession(db, { app })
      await multiply(db, session, LOOKED_AT)
      const { session: other } = await aSession(db)
      await multiply(db, other, LOOKED_AT)
      await markJobs(db)
      await db.execute(sql`update sessions set country = 'TF' where app_id = ${app}`)
      await recount(db)
      const numbers = (summary: Summary) =>
        eachOf((name) => summary.facets[name].filter(({ count }) => count !== undefined))
      const none = eachOf(() => [])
      const isCounted = async () => {
        const all = await summarise(db, {})
        expect(all.isMarking).toBeUndefined()
        expect(numbers(all)).toEqual(all.facets)
        expect((await summarise(db, { app })).count.how).toBe('exact')
      }
      const isMarking = async (filter: SessionFilter) => {
        const all = await summarise(db, {})
        expect(all.isMarking).toBe(true)
        expect(numbers(all)).toEqual(none)
        expect(
          all.facets.app.map(({ value }) => value),
          'still to choose',
        ).toContain(other.app.id)
        const here = await summarise(db, filter)
        expect(here).toMatchObject({ count: { how: 'up to' }, isMarking: true })
        expect(here.count.n).toBeLessThanOrEqual(all.count.n)
        expect(numbers(here)).toEqual(none)
        expect(
          (await summarise(db, { ...filter, state: 'all' })).isMarking,
          'those are there all the same',
        ).toBeUndefined()
      }
      await isCounted()
      expect((await revokeMatching(db, { country: 'TF' }, TERMINAL, 'over')).status).toBe('done')
      await isMarking({ country: 'TF' })
      await markJobs(db)
      await isCounted()
      await db.transaction((tx) =>
        endAll(tx, { kind: 'app', target: other.app.id }, { reason: 'revoked', by: SYSTEM, note: null }),
      )
      await isMarking({ app: other.app.id })
      await markEndings(db)
    })

    it('above a few thousand sessions, numbers come from the tallies and say what they are', async () => {
      const { db } = database
      const account = await anAccount(db)
      const app = await anApp(db)
      const { session } = await aSession(db, { account, app })
      await multiply(db, session, LOOKED_AT)
      await db.execute(sql`update sessions set country = 'AQ' where app_id = ${app} and id <> ${session.id}`)
      // Counted as the migration of an installation that has sessions counts them.
      await recount(db)
      const live = await countLive(db)
      expect(live.how).toBe('about')
      expect(live.n).toBeGreaterThan(LOOKED_AT)

      const inAntarctica = await summarise(db, { country: 'AQ' })
      expect(inAntarctica.count).toEqual({ n: await countSessions(db, { country: 'AQ' }), how: 'exact' })
      expect(inAntarctica.facets.app.find(({ value }) => value === app)?.count).toBe(LOOKED_AT)
      expect((await summarise(db, { account: account.id })).count).toEqual({ n: 500, how: 'over' })
      expect((await summarise(db, { account: account.id, since: new Date(Date.now() + 60_000) })).count.n).toBe(0)
      expect((await listSessions(db, { country: 'JP', app })).items).toEqual([])

      expect(await countOnline(db, await countLive(db))).toEqual({ n: 0, at: undefined })
      let now = 0
      const count = createOnlineCounter(database.open, () => {
        now += 10
        return now
      })
      await count()
      const online = await countOnline(db, await countLive(db))
      expect(online.at).toBeInstanceOf(Date)
      expect(online.n).toBeGreaterThan(0)
      await db.update(sessionActivity).set({ lastSeenAt: sql`now() - interval '10 minutes'` })
      await count()
      expect((await countOnline(db, await countLive(db))).n, 'not counted again at once').toBe(online.n)
      now = 1e9
      await count()
      expect((await countOnline(db, await countLive(db))).n).toBe(0)
    })
  })
})

/** Sessions of all combinations. */
async function aCrowd(db: Database, size: number, app?: AppId) {
  const account = await anAccount(db)
  const ids: SessionId[] = []
  for (let n = 0; n < size; n++) {
    const { session } = await aSession(db, { account, ...(app && { app }) })
    await vary(db, session.id)
    ids.push(session.id)
  }
  await recount(db)
  return { account, ids }
}

/** The first was seen on this day, each one after it a day earlier; they signed in before. */
async function longAgo(db: Database, ids: SessionId[]) {
  for (const [day, id] of ids.entries()) {
    const old = `${idFloor(new Date(Date.now() - 60 * 86_400_000)).slice(0, 24)}${id.slice(24)}` as SessionId
    await db.execute(sql`
      insert into sessions select (jsonb_populate_record(s, jsonb_build_object('id', ${old}::text,
        'created_at', now() - interval '60 days', 'expires_at', now() + interval '60 days'))).*
      from sessions s where id = ${id}`)
    await db.execute(sql`
      insert into session_activity (session_id, last_seen_at)
      values (${old}, now() - make_interval(days => ${day}) - interval '1 minute')`)
    await db.delete(sessions).where(inArray(sessions.id, [id]))
    ids[day] = old
  }
  await recount(db)
}

let turn = 0
/** Behind the triggers' back, then counted anew: no act changes where a session is from. */
async function vary(db: Database, id: SessionId) {
  turn += 1
  const [country, browser, city] = [COUNTRIES[turn % 3], BROWSERS[turn % 2], CITIES[turn % 3]]
  await db
    .update(sessions)
    .set({ country: country ?? null, browser: browser ?? null, city: city ?? null, latitude: 1, longitude: 2 })
    .where(inArray(sessions.id, [id]))
  await recount(db)
}

async function recount(db: Database) {
  await db.execute(sql`delete from session_tallies`)
  await db.execute(sql`delete from session_changes`)
  await db.execute(sql`
    insert into session_changes
      (n, ended, app_id, country, browser, os, device_type, method, city, latitude, longitude)
    select count(*) filter (where ended_at is null), count(*) filter (where ended_at is not null),
      app_id, country, browser, os, device_type, method, city, max(latitude), max(longitude)
    from sessions group by app_id, country, browser, os, device_type, method, city`)
}

const end = (db: Database, ids: SessionId[]) =>
  db.transaction((tx) => endSessions(tx, sql`${inArray(sessions.id, ids)}`, { reason: 'revoked', by: SYSTEM }))

async function rolledBack(db: Database, act: (tx: Database) => Promise<unknown>) {
  const stop = new Error('rolled back')
  await expect(
    db.transaction(async (tx) => {
      await act(tx)
      throw stop
    }),
  ).rejects.toBe(stop)
}

async function agree(db: Database) {
  const given: [Tallied, string][] = [
    ['country', 'DE'],
    ['browser', 'Chrome'],
  ]
  const states: [TalliedState, ReturnType<typeof sql>][] = [
    ['live', sql`ended_at is null`],
    ['ended', sql`ended_at is not null`],
    ['all', sql`true`],
  ]
  const count = async (...where: ReturnType<typeof sql>[]) =>
    rowsOf<{ n: number }>(
      await db.execute(sql`select count(*)::int as n from sessions where ${sql.join(where, sql` and `)}`),
    )[0]?.n
  for (const [state, isIn] of states) {
    const tallies = await readTallies(db, given, state)
    expect(tallies.total).toBe(await count(isIn))
    for (const country of COUNTRIES) {
      const is = country ? sql`country = ${country}` : sql`country is null`
      expect(tallies.of('country', country ?? 'unknown')).toBe(await count(isIn, is))
      expect(tallies.ofPair(['browser', 'Chrome'], ['country', country ?? 'unknown'])).toBe(
        await count(isIn, sql`browser = 'Chrome'`, is),
      )
    }
    expect(estimate(tallies, given)).toBe(await count(isIn, sql`country = 'DE' and browser = 'Chrome'`))
  }
  expect((await readTotal(db)).total).toBe(await count(sql`ended_at is null`))
  expect(await atMost(db, given)).toEqual({
    live: await count(sql`ended_at is null and country = 'DE' and browser = 'Chrome'`),
    ended: await count(sql`ended_at is not null and country = 'DE' and browser = 'Chrome'`),
  })
  await addUpChanges(db)
  const places = await sessionPlaces(db)
  expect(places.reduce((sum, place) => sum + place.count, 0)).toBe(
    await count(sql`ended_at is null and country is not null`),
  )
}
