import { eq, sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { TERMINAL } from '../../../src/audit/types.js'
import { sessionCounts, sessions } from '../../../src/db/schema.js'
import { endedInDay, recordCounts } from '../../../src/sessions/lists/counts.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'

eachDatabase((database) => {
  const quarterAgo = (quarters: number) =>
    sql<Date>`date_bin('15 minutes', now(), 'epoch') - make_interval(mins => ${15 * quarters})`

  it('what ended within a day is known at once, before and after it is written down', async () => {
    const { db } = database
    const ended = () => endedInDay(db, new Date())
    const end = async () => revokeSession(db, (await aSession(db)).session.id, TERMINAL, 'test')
    const counted = (quarters: number, n: number) =>
      db
        .insert(sessionCounts)
        .values({ at: quarterAgo(quarters), live: 0, online: 0, signIns: 0, failures: 0, ended: n })

    expect(await ended()).toBe(0)
    await counted(90, 7)
    await counted(100, 1_000)
    expect(await ended()).toBe(7)
    await end()
    await end()
    expect(await ended()).toBe(9)
    await recordCounts(db)
    expect(await ended()).toBe(9)
    await end()
    expect(await ended()).toBe(10)
  })

  it('what came at the end of a quarter of an hour is in it', async () => {
    const { db } = database
    const begin = new Date('2026-03-10T12:00:00Z')
    const { session } = await aSession(db)
    await revokeSession(db, session.id, TERMINAL, 'test')
    await db
      .update(sessions)
      .set({ endedAt: new Date(begin.getTime() + 899_000) })
      .where(eq(sessions.id, session.id))
    await db.insert(sessionCounts).values({ at: begin, live: 5, online: 3, signIns: 0, failures: 0, ended: 0 })
    const written = async () => (await db.select().from(sessionCounts).where(eq(sessionCounts.at, begin)))[0]

    await recordCounts(db, new Date('2026-03-10T12:29:00Z'))
    expect(await written(), 'long over').toMatchObject({ live: 5, ended: 0 })
    await recordCounts(db, new Date('2026-03-10T12:15:40Z'))
    expect(await written()).toMatchObject({ live: 5, online: 3, ended: 1 })
  })
})
