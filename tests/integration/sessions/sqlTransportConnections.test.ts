import { sql } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type OpenDatabase, openDatabase } from '../../../src/db/connect.js'
import { newId } from '../../../src/db/ids.js'
import { isDatabaseUnavailable } from '../../../src/db/unavailable.js'
import { systemClock } from '../../../src/follower/clock.js'
import type { Told } from '../../../src/follower/follower.js'
import { appendRevocations, NUDGES } from '../../../src/sessions/log/revocations.js'
import { aSession } from '../../support/builders.js'
import { everyDatabase, everyPostgres } from '../../support/database.js'
import { forwarderTo } from '../../support/forwarder.js'
import { freePort } from '../../support/postgres.js'
import { aNode } from './aNode.js'

const entry = { kind: 'session', target: 'somebody' } as const

/** Counts calls, and can be waited for. */
function counter() {
  let count = 0
  return Object.assign(
    () => {
      count += 1
    },
    { count: () => count, reaches: (wanted: number) => expect.poll(() => count, { timeout: 20_000 }).toBe(wanted) },
  )
}

/** A clock that a test sets forward; its timers are real. */
function aClock() {
  let ahead = 0
  return {
    clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + ahead },
    passes: (ms: number) => {
      ahead += ms
    },
  }
}

describe('nudges', () => {
  everyDatabase((database) => {
    it('come when an act commits, and not when it is undone', async () => {
      const node = aNode(database.open)
      const heard = counter()
      await node.listen(heard)
      // Listening has begun: what was before is to be read now.
      await heard.reaches(1)
      await database.db
        .transaction(async (tx) => {
          await appendRevocations(tx, [entry])
          tx.rollback()
        })
        .catch(() => {})
      await database.db.transaction((tx) => appendRevocations(tx, [entry]))
      await heard.reaches(2)
    })

    it('tell of few entries which, of many that there are some, and nothing of another version', async () => {
      const node = aNode(database.open)
      const heard = counter()
      const told: (readonly Told[])[] = []
      await node.listen((entries) => {
        told.push(entries)
        heard()
      })
      await heard.reaches(1)
      const many = Array.from({ length: 51 }, () => ({ kind: 'session' as const, target: newId<string>() }))
      const few = [...many.slice(0, 49), { kind: 'everything' as const, target: 'everyone' }]
      await database.db.transaction((tx) => appendRevocations(tx, few))
      await database.db.transaction((tx) => appendRevocations(tx, many))
      await database.db.execute(sql`select pg_notify(${NUDGES}, '[{"kind":"planet"}]')`)
      await database.db.execute(sql`select pg_notify(${NUDGES}, 'no JSON')`)
      await heard.reaches(5)
      expect(told).toEqual([[], few, [], [], []])
    })

    it('that arrive are known to arrive', async () => {
      const node = aNode(database.open)
      expect(node.nudged).toBe(false)
      await node.listen(() => {})
      await node.poll(undefined)
      await expect.poll(() => node.nudged).toBe(true)
    })
  })

  everyPostgres((database) => {
    it('that stop arriving are noticed, and listened for anew', async () => {
      const { clock, passes } = aClock()
      const renewed = counter()
      let deaf = false
      const open: Parameters<typeof aNode>[0] = {
        checks: database.open.checks,
        polls: database.open.polls,
        listen: (channel, heard, onListening) =>
          database.open.listen(channel, (payload) => deaf || heard(payload), onListening),
        renew: (what) => {
          if (what === 'listener') renewed()
        },
      }
      const node = aNode(open, { clock })
      await node.listen(() => {})
      const { snapshot } = await node.poll(undefined)
      await expect.poll(() => node.nudged).toBe(true)
      deaf = true
      passes(5_001)
      await node.poll(snapshot)
      expect(node.nudged).toBe(true)
      passes(1_001)
      await node.poll(snapshot)
      expect(node.nudged).toBe(false)
      expect(renewed.count()).toBe(1)
      deaf = false
      passes(10_001)
      await node.poll(snapshot)
      await expect.poll(() => node.nudged).toBe(true)
    })

    it('come again after the connection is lost, and the follower is told to read at once', async () => {
      const { open } = await through(database.url)
      const node = aNode(open)
      const heard = counter()
      await node.listen(heard)
      await heard.reaches(1)
      await database.db.execute(sql`
        select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and datname = current_database()`)
      await heard.reaches(2)
      await database.db.transaction((tx) => appendRevocations(tx, [entry]))
      await heard.reaches(3)
    })

    it('come again over a new connection when the old one is half open', async () => {
      const { open, forwarder } = await through(database.url)
      const node = aNode(open)
      const heard = counter()
      await node.listen(heard)
      await heard.reaches(1)
      forwarder.stall()
      await database.db.transaction((tx) => appendRevocations(tx, [entry]))
      open.renew('listener')
      await heard.reaches(2)
      await database.db.transaction((tx) => appendRevocations(tx, [entry]))
      await heard.reaches(3)
    })
  })
})

describe('connections', () => {
  everyPostgres((database) => {
    it('S-16 a half-open connection makes a poll and a miss reject, and the next ones find a new connection', async () => {
      const { open, forwarder } = await through(database.url)
      const node = aNode(open)
      const { token } = await aSession(database.db)
      const { snapshot } = await node.poll(undefined)
      await node.load(token, {}, snapshot)
      forwarder.stall()
      const [poll, load] = await Promise.allSettled([node.poll(snapshot), node.load(token, {}, snapshot)])
      expect(poll).toMatchObject({ status: 'rejected', reason: { code: 'took_too_long' } })
      expect(load).toMatchObject({ status: 'rejected', reason: { code: 'took_too_long' } })
      expect(await node.poll(snapshot)).toMatchObject({ anew: false })
      expect(await node.load(token, {}, snapshot)).toMatchObject({ status: 'known' })
    })

    it('S-16 what was asked on a connection that is dropped rejects instead of hanging', async () => {
      const { open, forwarder } = await through(database.url)
      await open.checks.execute(sql`select 'connected'`)
      forwarder.stall()
      const lost = open.checks.execute(sql`select 'lost'`).then(
        () => 'answered',
        (error) => isDatabaseUnavailable(error),
      )
      open.renew('checks')
      expect(await lost).toBe(true)
      expect(await open.checks.execute(sql`select 1 as one`)).toMatchObject([{ one: 1 }])
    })

    it('S-73 S-74 pages that hold every connection keep no check and no poll waiting', async () => {
      const open = await openDatabase({ url: database.url, dataDir: '', connections: 2 })
      onTestFinished(() => open.close())
      const { token } = await aSession(database.db)
      const node = aNode(open)
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const taken = counter()
      const pages = [1, 2].map(() =>
        open.db.transaction(async (tx) => {
          await tx.execute(sql`select 1`)
          taken()
          await held
        }),
      )
      await taken.reaches(2)
      const page = open.db.execute(sql`select 1`).then(() => 'answered')
      const { snapshot } = await node.poll(undefined)
      expect(await node.load(token, {}, snapshot)).toMatchObject({ status: 'known' })
      expect(await Promise.race([page, Promise.resolve('waits')])).toBe('waits')
      release()
      await Promise.all(pages)
      expect(await page).toBe('answered')
    })

    it('S-74 a flood of slow misses keeps no poll waiting, and each of them ends within its second', async () => {
      const open = await openDatabase({ url: database.url, dataDir: '' })
      onTestFinished(() => open.close())
      const flood = Array.from({ length: 8 }, () => open.checks.execute(sql`select pg_sleep(5)`))
      const ends = Promise.allSettled(flood)
      const polled = aNode(open)
        .poll(undefined)
        .then(() => 'polled')
      expect(await Promise.race([polled, ends])).toBe('polled')
      expect((await ends).every(({ status }) => status === 'rejected')).toBe(true)
    })
  })
})

/** The database by a road that can be cut off. */
async function through(
  url: string | undefined,
): Promise<{ open: OpenDatabase; forwarder: ReturnType<typeof forwarderTo> }> {
  const forwarder = forwarderTo(url ?? '', await freePort())
  await forwarder.open()
  const open = await openDatabase({ url: forwarder.url, dataDir: '' })
  onTestFinished(() => open.close())
  return { open, forwarder }
}
