import { spawnSync } from 'node:child_process'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../src/db/connect.js'
import { openPlaces } from '../../src/devices/place.js'
import { PROJECT_ROOT } from '../../src/root.js'
import { fill, NotEmpty } from '../../src/seed/fill.js'
import { countLive } from '../../src/sessions/lists/counts.js'
import { countSessions, listSessions } from '../../src/sessions/lists/list.js'
import { readTallies } from '../../src/sessions/lists/tallies.js'
import { everyDatabase } from '../support/database.js'

describe('npm run seed', () => {
  everyDatabase((database) => {
    it('fills an empty database with what was asked for, counted, indexed and live', async () => {
      const { db, open } = database
      const places = await openPlaces()
      await places.warm()
      const indexes = async () =>
        rowsOf<{ text: string }>(
          await db.execute(sql`select indexdef as text from pg_indexes where schemaname = 'public' order by 1`),
        )
      const before = await indexes()
      const size = { sessions: 1_000, ended: 1_500, accounts: 300, days: 30 }
      await fill(open, size, places.findNow, () => {})

      expect(await countSessions(db, { state: 'live' })).toBe(1_000)
      expect(await countSessions(db, { state: 'ended' })).toBe(1_500)
      expect((await countLive(db)).n).toBe(1_000)
      expect((await readTallies(db)).total).toBe(1_000)
      const { items } = await listSessions(db, {})
      expect(items[0]?.createdAt.getTime()).toBeGreaterThan(items[49]?.createdAt.getTime() ?? 0)
      expect(new Set(items.map(({ place }) => place.country)).size).toBeGreaterThan(3)
      expect(items.every(({ device }) => device.browser)).toBe(true)
      expect(await indexes(), 'every index is back').toEqual(before)
      await expect(fill(open, size, places.findNow, () => {})).rejects.toThrow(NotEmpty)
      expect(await countSessions(db, { state: 'all' })).toBe(2_500)
    })
  })

  it('says in words that the database does not answer', () => {
    const env = { PATH: process.env['PATH'], DATABASE_URL: 'postgres://rollcall:secret@127.0.0.1:1/rollcall' }
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/server/seed/main.js', '--sessions', '1000'], {
      cwd: PROJECT_ROOT,
      env,
      encoding: 'utf8',
    })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe('The database of DATABASE_URL does not answer. Nothing was changed; try again when it does.\n')
  })
})
