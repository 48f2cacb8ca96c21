import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { blockAccount, liftAccountBlock } from '../../../src/accounts/blocks/blocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { rowsOf } from '../../../src/db/connect.js'
import { findSession } from '../../../src/sessions/read.js'
import { age, aSession } from '../../support/builders.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { sweepSessions } from '../../support/sweepSessions.js'

/** So few that a subquery for each of them looks cheap to a planner that knows nothing; 4 million rows it was. */
const MANY = 1_200

eachDatabase((database) => {
  it('a sweep leaves what somebody opened after their block was lifted', async () => {
    const { account } = await aSession(database.db)
    await blockAccount(database.db, account.id, { reason: 'stolen' }, SYSTEM)
    await liftAccountBlock(database.db, account.id, null, SYSTEM)
    const { session } = await aSession(database.db, { account })
    await sweepSessions(database.db)
    expect((await findSession(database.db, session.id))?.state).toBe('live')
  })
})

eachPostgres((database) => {
  it('a sweep looks a few times at each session, also where the database has no statistics yet', async () => {
    const { session } = await aSession(database.db)
    const { session: idle } = await aSession(database.db)
    await age(database.db, idle, { idleFor: '100 days' })
    await database.db.execute(sql`
      insert into accounts (id, name) select gen_random_uuid(), 'Person ' || n from generate_series(1, ${MANY / 4}::int) n`)
    await database.db.execute(sql`
      insert into sessions (id, secret_hash, account_id, app_id, account_generation, app_generation, everyone_generation,
        created_at, expires_at, method)
      select gen_random_uuid(), secret_hash, accounts.id, app_id, 0, app_generation, everyone_generation,
        sessions.created_at, expires_at, method
      from sessions, accounts, generate_series(1, 4)
      where sessions.id = ${session.id} and accounts.id <> ${session.account.id}`)
    await database.db.execute(sql`
      insert into session_activity (session_id, last_seen_at) select id, now() from sessions on conflict do nothing`)

    const looked = await database.db.transaction(async (tx) => {
      expect(await sweepSessions(tx)).toBe(1)
      const [row] = rowsOf<{ rows: number }>(
        await tx.execute(sql`
          select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
          from pg_stat_xact_user_tables where relname = 'sessions'`),
      )
      return row?.rows ?? Number.POSITIVE_INFINITY
    })
    expect(looked).toBeGreaterThan(MANY)
    expect(looked).toBeLessThan(MANY * 20)
  })
})
