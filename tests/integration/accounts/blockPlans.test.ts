import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { countBlocks, listBlocks } from '../../../src/accounts/blocks/listBlocks.js'
import { everyPostgres } from '../../support/database.js'
import { plansOf } from '../../support/plans.js'

/** The account that is looked for. */
const ID = '00000000-0000-7000-8000-000000000042'

describe('a search of many blocks reads what its index names', () => {
  everyPostgres((database) => {
    beforeAll(async () => {
      const { db } = database
      await db.execute(sql`
        insert into accounts (id, name, email, email_key, role)
        select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Person ' || md5(n::text),
          'p' || n || '@example.com', 'p' || n || '@example.com', 'person'
        from generate_series(1, 20000) n`)
      await db.execute(sql`
        insert into blocks (id, kind, account_id, reason, created_by_kind, created_by_name)
        select gen_random_uuid(), 'account', ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'test', 'system', 'Rollcall'
        from generate_series(1, 2000) n`)
      await db.execute(sql`
        insert into blocks (id, kind, network, reason, created_by_kind, created_by_name)
        select gen_random_uuid(), 'network', ('10.' || n / 256 || '.' || n % 256 || '.0/24')::cidr, 'test', 'system', 'Rollcall'
        from generate_series(1, 10000) n`)
      // What is still to be put into accounts_words makes it look dear.
      await db.execute(sql`vacuum analyze`)
    }, 60_000)

    it.each([
      ['an address', '10.1.2.3', ['blocks_networks']],
      ['a network', '10.1.2.0/28', ['blocks_networks']],
      ['an e-mail address', 'p42@example.com', ['accounts_words', 'blocks_one_an_account']],
      ['a part of a name', 'a1d0c6e83f027', ['accounts_words', 'blocks_one_an_account']],
      ['letters that many begin with', 'p1', ['accounts_pkey']],
      ['a word that all accounts have', 'example.com', ['accounts_pkey']],
      ['a word of all accounts beside a rare one', 'person p42@', ['accounts_words', 'blocks_one_an_account']],
      ['an id', ID, ['blocks_pkey', 'blocks_one_an_account']],
    ])('%s', async (_, q, wanted) => {
      for (const ask of [listBlocks, countBlocks]) {
        const { indexes, read } = await plansOf(database, (db) => ask(db, { q }))
        expect(indexes).toEqual(expect.arrayContaining(wanted))
        expect(read, 'read from one end to the other').not.toContain('accounts')
        if (wanted.some((index) => index.startsWith('blocks_'))) expect(read).not.toContain('blocks')
      }
    })
  })
})
