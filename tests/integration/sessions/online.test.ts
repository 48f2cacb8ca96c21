import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import type { SessionId } from '../../../src/db/ids.js'
import { accounts } from '../../../src/db/schema.js'
import { takenBack } from '../../../src/db/takenBack.js'
import { countOnline, peopleOnlineOfMany } from '../../../src/sessions/lists/online.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { acting, age, anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'

const PEOPLE = 4
const SESSIONS = 14
const MANY = 6_000

const session = fc.nat(SESSIONS - 1)
const step = fc.oneof(
  fc.record({
    do: fc.constant('use' as const),
    session,
    idleFor: fc.constantFrom('0 s', '2 minutes', '299 s', '300 s', '20 hours', '30 hours'),
  }),
  fc.record({ do: fc.constant('revoke' as const), session }),
  fc.record({ do: fc.constant('bump account' as const), person: fc.nat(PEOPLE - 1) }),
)

describe('who is online, where sessions are many', () => {
  eachDatabase((database) => {
    it('is who one statement finds, whatever has happened and however long the strides', async () => {
      const { db } = database
      const admin = await acting(db, await anOwner(db))
      const people = await Promise.all(Array.from({ length: PEOPLE }, () => anAccount(db)))
      const ids: SessionId[] = []
      for (let n = 0; n < SESSIONS; n++) {
        const account = people[n % PEOPLE]
        if (account) ids.push((await aSession(db, { account })).session.id)
      }
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 16 }), fc.integer({ min: 1, max: 20 }), async (steps, stride) => {
          // One transaction, so that both count at the same time.
          await takenBack(db, async (tx) => {
            for (const one of steps) {
              if (one.do === 'use') await age(tx, { id: ids[one.session] as SessionId }, one)
              else if (one.do === 'revoke') await revokeSession(tx, ids[one.session] as SessionId, admin, 'test')
              else {
                const { id } = people[one.person] as (typeof people)[number]
                await tx.update(accounts).set({ generation: sql`generation + 1` }).where(eq(accounts.id, id))
              }
            }
            const { n } = await countOnline(tx, { n: SESSIONS, how: 'exact' })
            expect(await peopleOnlineOfMany(tx, stride)).toBe(n)
          })
        }),
        { numRuns: 40 },
      )
    })

    it('looks at so few sessions at a time that nobody waits for it', async () => {
      const { db } = database
      await multiply(db, (await aSession(db)).session, MANY)
      await db.execute(sql`
        update session_activity set last_seen_at = now() - interval '8 minutes'
        where session_id <> all(array(select session_id from session_activity limit 60))`)
      await db.execute(sql`analyze session_activity`)
      const looked: number[] = []
      expect(await peopleOnlineOfMany(noting(db, looked), 500)).toBeGreaterThan(0)
      expect(Math.max(...looked)).toBeLessThanOrEqual(500)
    })
  })
})

/** Notes how many rows every transaction read. */
const noting = (db: Database, looked: number[]): Database =>
  ({
    transaction: <T>(act: (tx: Database) => Promise<T>) =>
      db.transaction(async (tx) => {
        const before = await rowsRead(tx)
        const outcome = await act(tx)
        looked.push((await rowsRead(tx)) - before)
        return outcome
      }),
  }) as unknown as Database

/** By this connection: what it has not reported yet stays from one transaction to the next. */
async function rowsRead(tx: Database): Promise<number> {
  const [row] = rowsOf<{ n: number }>(
    await tx.execute(sql`
      select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables
      where relname in ('sessions', 'session_activity')`),
  )
  return row?.n ?? 0
}
