import { performance } from 'node:perf_hooks'
import { inArray, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createLimits } from '../../../src/accounts/limits.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { webhooks } from '../../../src/db/schema/webhooks.js'
import { sessions } from '../../../src/db/schema.js'
import { endSessions } from '../../../src/sessions/end.js'
import { storeReceipts } from '../../../src/sessions/receipts/stored.js'
import type { Receipt } from '../../../src/sessions/receipts/summary.js'
import { noteOutcomes } from '../../../src/webhooks/note.js'
import { aWebhook } from '../../support/aWebhook.js'
import { aSession } from '../../support/builders.js'
import { eachPostgres } from '../../support/database.js'
import { lockRow, lockRowNow, whileItWaits } from '../accounts/interleave.js'

describe('S-74 what locks several rows does so in one order, or two of them wait in a circle', () => {
  eachPostgres((database) => {
    it('the endpoints of webhooks, in whatever order their deliveries came back', async () => {
      const { db } = database
      const two = await database.twoConnections()
      const anEndpoint = async (path: string) => {
        const wanted = { url: `http://localhost:4000/${path}`, description: '', events: ['session.ended' as const] }
        const guard = { allowLoopback: true, resolve: () => Promise.resolve(['127.0.0.1']) }
        const added = await aWebhook(db, wanted, SYSTEM, guard)
        return added.status === 'added' ? added.webhook.id : expect.fail(added.status)
      }
      const [first = '', second = ''] = [await anEndpoint('one'), await anEndpoint('two')].sort()
      const failed = (webhookId: typeof first) => ({
        id: 1,
        webhookId: webhookId as Awaited<ReturnType<typeof anEndpoint>>,
        claim: new Date(0).toISOString(),
        attempt: { ok: false, status: 500, durationMs: 1, answer: null, problem: null, retryAfterS: null },
        began: performance.now(),
      })
      await whileItWaits(
        two,
        (tx) => lockRow(tx, webhooks, first),
        (node) => noteOutcomes(node, [failed(second), failed(first)]),
        (tx) => lockRowNow(tx, webhooks, second),
      )
    })

    it('the sessions of an act, in whatever order they lie in the table', async () => {
      const { db } = database
      const [first, second] = await twoSessions(db)
      await db.execute(sql`update ${sessions} set user_agent = user_agent where id = ${first}`)
      await db.execute(sql`analyze ${sessions}`)
      const both = sql`${inArray(sessions.id, [second, first])}`
      await whileItWaits(
        await database.twoConnections(),
        (tx) => lockRow(tx, sessions, first),
        (node) => node.transaction((tx) => endSessions(tx, both, { reason: 'revoked', by: SYSTEM })),
        (tx) => lockRowNow(tx, sessions, second),
      )
    })

    it('the receipts that every node keeps', async () => {
      const receipt = (xid: number): Receipt => ({
        position: `x${xid}`,
        complete: true,
        afterMs: 1,
        boundMs: 2_000,
        nodes: { have: 1, of: 1 },
        apps: { have: 0, of: 0 },
        late: [],
        waitedMs: null,
      })
      await whileItWaits(
        await database.twoConnections(),
        (tx) => storeReceipts(tx, [receipt(9)]),
        (node) => storeReceipts(node, [receipt(10), receipt(9)]),
        async (tx) => {
          await tx.execute(sql`set local lock_timeout = '100ms'`)
          await storeReceipts(tx, [receipt(10)])
        },
      )
    })

    it('the counters of an account, in whatever order they lie in the table', async () => {
      const { db } = database
      const limits = createLimits()
      const attempt = { ip: '192.0.2.7', emailKey: 'ada@example.com', knownDevice: null }
      const lock = (counter: string, how = sql``) =>
        sql`select 1 from sign_in_limits where key like ${`${counter}:%`} for update ${how}`
      for (const done of [limits.succeeded, limits.giveBack]) {
        await limits.take(db, attempt)
        await db.execute(sql`update sign_in_limits set level = level where key like 'account:%'`)
        await db.execute(sql`analyze sign_in_limits`)
        await whileItWaits(
          await database.twoConnections(),
          (tx) => tx.execute(lock('account')),
          (node) => done(node, attempt),
          (tx) => tx.execute(lock('pair', sql`nowait`)),
        )
      }
    })
  })
})

async function twoSessions(db: Database) {
  const [one, other] = [await aSession(db), await aSession(db)].map(({ session }) => session.id).sort()
  if (!one || !other) throw new Error('there are not two')
  return [one, other] as const
}
