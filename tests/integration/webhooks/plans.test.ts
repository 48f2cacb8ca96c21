import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { SYSTEM } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { newId, type WebhookId } from '../../../src/db/ids.js'
import { listWebhooks } from '../../../src/webhooks/endpoints.js'
import { listDeliveries, pruneOutbox, replay } from '../../../src/webhooks/log.js'
import { giveUpOld, noteOutcomes } from '../../../src/webhooks/note.js'
import { unanswered } from '../../../src/webhooks/send.js'
import { dueEndpoints, takeDue } from '../../../src/webhooks/take.js'
import { everyDatabase } from '../../support/database.js'
import { plansOf } from '../../support/plans.js'

/** As large as makes every index cheaper than reading all of its table, and no larger. */
const EVENTS = 20_000

const busy = newId<WebhookId>()
const quiet = newId<WebhookId>()

/** Takes some in hand and notes what came of them. */
async function takeAndNote(db: Database, ok: boolean) {
  const batch = (await takeDue(db, busy, 64)) ?? expect.fail('nothing was due')
  const attempt = { ...unanswered('It answered 500'), ok }
  const began = performance.now()
  await noteOutcomes(
    db,
    batch.deliveries.map(({ id, claim }) => ({ id, webhookId: busy, claim, attempt, began })),
  )
}

describe('with many deliveries in the log, each statement reads what its index names', () => {
  everyDatabase((database) => {
    beforeAll(async () => {
      const { db } = database
      for (const id of [busy, quiet])
        await db.execute(sql`
          insert into webhooks (id, url, events, actions, secret, created_by_name)
          values (${id}, 'https://example.com/' || ${id}::text, '{session.started}', '{session.started}', 'whsec_', 'Rollcall')`)
      await db.execute(sql`
        insert into outbox (source, facts, at) select 'audit', '{"action": "session.started"}', now() - n * interval '2 minutes'
        from generate_series(1, ${EVENTS}::int) n`)
      // Of the log little is given up or still to be sent, and little is the quiet one's.
      await db.execute(sql`
        insert into deliveries (webhook_id, outbox_id, lane, state, expires_at)
        select case when id % 20 < 2 then ${quiet}::uuid else ${busy}::uuid end, id, (id / 10)::text,
          case when id % 100 in (20, 25) then 'given-up' when id % 50 in (0, 5) then 'pending' else 'delivered' end, now() + interval '3 days'
        from outbox`)
      await db.execute(sql`analyze`)
    }, 120_000)

    it.each<[string, string[], (db: Database) => Promise<unknown>]>([
      ['which endpoints there is something to do for', ['deliveries_pending'], (db) => dueEndpoints(db)],
      [
        'taking and noting what went well',
        ['deliveries_pending', 'deliveries_lane', 'deliveries_pkey', 'outbox_pkey'],
        (db) => takeAndNote(db, true),
      ],
      ['noting what went wrong', ['deliveries_pkey'], (db) => takeAndNote(db, false)],
      [
        'after a failure what waits goes at once',
        ['deliveries_pending'],
        async (db) => {
          await db.execute(sql`update webhooks set failures = 3 where id = ${busy}`)
          await takeAndNote(db, true)
        },
      ],
      ['giving up what is too old', ['deliveries_pending', 'deliveries_pkey'], (db) => giveUpOld(db)],
      ['forgetting', ['outbox_at', 'deliveries_outbox'], (db) => pruneOutbox(db)],
      ['how many wait', ['deliveries_pending'], (db) => listWebhooks(db)],
      ['the log', ['deliveries_webhook', 'outbox_pkey'], (db) => listDeliveries(db, quiet)],
      ['its next page', ['deliveries_webhook', 'outbox_pkey'], nextPage],
      ['what waits in it', ['deliveries_pending'], (db) => listDeliveries(db, quiet, { state: 'pending' })],
      ['what was given up', ['deliveries_given_up'], (db) => listDeliveries(db, quiet, { state: 'given-up' })],
      [
        'sending one once more',
        ['deliveries_pkey', 'outbox_pkey'],
        async (db) => {
          const [one] = rowsOf<{ id: number }>(
            await database.db.execute(sql`select id::int from deliveries where webhook_id = ${busy} limit 1`),
          )
          await replay(db, busy, { delivery: one?.id ?? 0 }, SYSTEM)
        },
      ],
      [
        'sending once more what was given up',
        ['deliveries_given_up'],
        (db) => replay(db, quiet, { failedSince: new Date(Date.now() - 20 * 86_400_000) }, SYSTEM),
      ],
    ])('%s: %s', async (_, wanted, work) => {
      const { indexes, read } = await plansOf(database, work)
      for (const one of wanted) expect(indexes, one).toContain(one)
      expect(
        read.filter((table) => ['deliveries', 'outbox'].includes(table)),
        'read from one end to the other',
      ).toEqual([])
    })
  })
})

async function nextPage(db: Database) {
  const { next } = await listDeliveries(db, quiet)
  return listDeliveries(db, quiet, {}, { after: next ?? expect.fail('there is one page only') })
}
