import { eq, inArray, sql } from 'drizzle-orm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { askInTime } from '../../../src/db/askInTime.js'
import { openDatabase } from '../../../src/db/connect.js'
import { sessionActivity, sessionAddresses } from '../../../src/db/schema.js'
import type { Place } from '../../../src/devices/types.js'
import { systemClock } from '../../../src/follower/clock.js'
import { createTouchBuffer, touchSessions, type Uses } from '../../../src/sessions/touch.js'
import { aSession } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { forwarderTo } from '../../support/forwarder.js'
import { freePort } from '../../support/postgres.js'

const placed = (city: string | null, networkOwner: string | null) => (): Place => ({
  kind: 'place',
  country: 'DE',
  region: null,
  city,
  latitude: null,
  longitude: null,
  asn: 7,
  networkOwner,
})

describe('touches', () => {
  eachDatabase((database) => {
    const activity = (id: string) =>
      database.db
        .select()
        .from(sessionActivity)
        .where(eq(sessionActivity.sessionId, id as never))

    it('S-43 write places as they are called, whatever that holds, and nothing where there is none', async () => {
      const { session } = await aSession(database.db)
      for (const name of [
        '{"a","b"}',
        'back\\slash',
        'Quote " and \\" both',
        'NULL',
        'null',
        ' ',
        'Zürich, {x}',
        "'; --",
      ]) {
        const touch = { id: session.id, secondsAgo: 0, ip: '198.51.100.7', requests: 1 }
        expect(await touchSessions(database.db, [touch], placed(name, name))).toEqual([])
        expect(await activity(session.id)).toMatchObject([
          { lastCity: name, lastNetworkOwner: name, lastCountry: 'DE' },
        ])
      }
      await touchSessions(
        database.db,
        [{ id: session.id, secondsAgo: 0, ip: '198.51.100.8', requests: 1 }],
        placed(null, null),
      )
      expect(await activity(session.id)).toMatchObject([{ lastCity: null, lastNetworkOwner: null, lastCountry: 'DE' }])
    })

    it('of a use that is told late do not set back when the session was seen last', async () => {
      const { session } = await aSession(database.db)
      const [before] = await activity(session.id)
      const late = { id: session.id, secondsAgo: 600, ip: null, requests: 1 }
      expect(await touchSessions(database.db, [late], placed(null, null))).toEqual([])
      expect(await activity(session.id)).toMatchObject([{ lastSeenAt: before?.lastSeenAt, requests: 2 }])
    })

    it('write a thousand addresses of one session, and no more', async () => {
      const { session } = await aSession(database.db, { signedInFor: '1 hour' })
      const from = (count: number, net: number) =>
        Array.from({ length: count }, (_, n) => ({
          id: session.id,
          secondsAgo: 1,
          ip: `198.${net}.${n >> 8}.${n & 255}`,
          requests: 1,
        }))
      for (const uses of [from(990, 18), from(20, 19)]) await touchSessions(database.db, uses, placed(null, null))
      expect(await database.db.$count(sessionAddresses, eq(sessionAddresses.sessionId, session.id))).toBe(1_000)
    })

    it('of more sessions than one statement takes are all written', async () => {
      const made = await Promise.all(Array.from({ length: 3 }, () => aSession(database.db)))
      const failures: unknown[] = []
      const buffer = createTouchBuffer(
        (ask) => ask(database.db),
        placed(null, null),
        (error) => failures.push(error),
      )
      const strangers = (from: number) =>
        Array.from({ length: 2_500 }, (_, i) => `019abc00-0000-7000-8000-${String(from + i).padStart(12, '0')}`)
      const ids = [0, 1, 2].flatMap((n) => [made[n]?.session.id ?? '', ...strangers(n * 2_500)])
      for (const id of ids) buffer.note(id as never, '198.51.100.9')
      await buffer.flush()
      expect(failures).toEqual([])
      const rows = await database.db
        .select()
        .from(sessionActivity)
        .where(
          inArray(
            sessionActivity.sessionId,
            made.map(({ session }) => session.id),
          ),
        )
      expect(rows.map(({ lastIp }) => lastIp)).toEqual(made.map(() => '198.51.100.9'))
    })
  })

  eachPostgres((database) => {
    it('are written over a new connection when the old one is half open, and none is lost', async () => {
      const { session } = await aSession(database.db)
      const forwarder = forwarderTo(database.url ?? '', await freePort())
      await forwarder.open()
      const open = await openDatabase({ url: forwarder.url, dataDir: '' })
      onTestFinished(() => open.close())
      // Both are connected: of the pool none is left that is not half open.
      await Promise.all([1, 2].map(() => open.uses.execute(sql`select pg_sleep(0.2)`)))
      const failures: unknown[] = []
      const uses: Uses = (question) => askInTime(open, 'uses', systemClock, 500, question)
      const buffer = createTouchBuffer(uses, placed(null, null), (error) => failures.push(error))
      const usedFrom = async (ip: string) => {
        buffer.note(session.id, ip)
        await buffer.flush()
        const [row] = await database.db.select().from(sessionActivity).where(eq(sessionActivity.sessionId, session.id))
        return row
      }
      expect(await usedFrom('198.51.100.1')).toMatchObject({ lastIp: '198.51.100.1', requests: 2 })
      forwarder.stall()
      expect(await usedFrom('198.51.100.2')).toMatchObject({ lastIp: '198.51.100.1', requests: 2 })
      expect(failures).toMatchObject([{ code: 'took_too_long' }])
      expect(await usedFrom('198.51.100.3')).toMatchObject({ lastIp: '198.51.100.3', requests: 4 })
      expect(failures).toHaveLength(1)
    })
  })
})
