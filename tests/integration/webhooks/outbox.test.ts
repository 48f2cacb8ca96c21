import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { disableApp, enableApp } from '../../../src/accounts/apps/changeApp.js'
import { revokeKey } from '../../../src/accounts/apps/keys.js'
import { blockAccount, liftAccountBlock } from '../../../src/accounts/blocks/blocks.js'
import { liftExpiredBlocks } from '../../../src/accounts/blocks/liftBlock.js'
import { blockNetwork, blockNetworks } from '../../../src/accounts/blocks/networkBlocks.js'
import { requireNewPassword } from '../../../src/accounts/passwords/requirePassword.js'
import { setPassword } from '../../../src/accounts/passwords/setPassword.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { recordAudit } from '../../../src/audit/record.js'
import { AUDIT_ACTIONS, SYSTEM } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { newId } from '../../../src/db/ids.js'
import { deliveries, outbox, webhooks } from '../../../src/db/schema/webhooks.js'
import { blocks, sessions, settings } from '../../../src/db/schema.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { markEndings } from '../../../src/sessions/many/markEndings.js'
import { markJobs } from '../../../src/sessions/many/markJobs.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import {
  revokeAccountSessions,
  revokeSession,
  revokeSessions,
  revokeUnrecognised,
} from '../../../src/sessions/revoke.js'
import { startSession } from '../../../src/sessions/start.js'
import { setWebhookDisabled } from '../../../src/webhooks/endpoints.js'
import { EVENT_OF, EVENT_TYPES, type EventType } from '../../../src/webhooks/events.js'
import { payloadOf } from '../../../src/webhooks/payload.js'
import { aWebhook } from '../../support/aWebhook.js'
import { age, anAccount, anApp, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aKey } from '../api/client.js'

const GUARD = { allowLoopback: true, resolve: () => Promise.resolve(['127.0.0.1']) }
const NETWORK = '192.88.99.0/24'

async function anEndpoint(db: Database, events: readonly EventType[]) {
  const wanted = { url: `http://localhost:4000/${newId()}`, description: '', events }
  const added = await aWebhook(db, wanted, SYSTEM, GUARD)
  return added.status === 'added' ? added.webhook.id : expect.fail(added.status)
}

async function aWorld(db: Database) {
  const app = await anApp(db)
  const account = await anAccount(db, { password: 'an old password, long enough' })
  const { session } = await aSession(db, { account, ip: '192.88.99.5' })
  const { session: inApp } = await aSession(db, { account, app, ip: '198.51.100.6' })
  return { db, app, account, session, inApp }
}
type World = Awaited<ReturnType<typeof aWorld>>
type Road = { act: (world: World) => Promise<unknown>; before?: (world: World) => Promise<unknown>; told: string[] }

const signIn = ({ db, account, session }: World, more: object = {}) =>
  startSession(db, {
    account,
    appId: session.app.id,
    client: aClient({ ip: '198.51.100.5' }),
    method: 'password',
    ...more,
  })
const block = ({ db, account }: World) => blockAccount(db, account.id, { reason: 'test' }, SYSTEM)
const over = ({ db }: World) => db.update(blocks).set({ until: sql`now() - interval '1 second'` })
const TWO = ['session.ended', 'session.ended']

/** Each way to each event, with all that it tells: roads of `trustLog.test.ts`, by what somebody else hears of them. */
const ROADS: Record<string, Road> = {
  'a sign-in': { act: signIn, told: ['session.started'] },
  'a sign-in that replaces another': {
    act: (world) => signIn(world, { replaces: world.session.id }),
    told: ['session.ended', 'session.started'],
  },
  'one beyond the limit': {
    before: ({ db }) => db.update(settings).set({ sessionLimit: 1 }),
    act: signIn,
    told: ['session.ended', 'session.started'],
  },
  'a sign-out': { act: ({ db, session }) => revokeSession(db, session.id, SYSTEM, 'test'), told: ['session.ended'] },
  'one that its person does not recognise': {
    act: ({ db, account: { id, name }, session, inApp }) =>
      revokeUnrecognised(
        db,
        inApp.id,
        { kind: 'account', id, name, sessionId: session.id, ip: null },
        { accountId: id },
      ),
    told: ['session.ended', 'detection.opened'],
  },
  'several signed out': {
    act: ({ db, session, inApp }) => revokeSessions(db, [session.id, inApp.id], SYSTEM, 'test'),
    told: TWO,
  },
  'by filter': {
    act: ({ db, account }) => revokeMatching(db, { account: account.id }, SYSTEM, 'test'),
    told: ['sessions.revoked', ...TWO],
  },
  'signed out everywhere': {
    act: ({ db, account }) => revokeAccountSessions(db, account.id, SYSTEM, 'test'),
    told: [...TWO, 'account.sessions_revoked'],
  },
  'a block': { act: block, told: [...TWO, 'account.blocked'] },
  'a block lifted': {
    before: block,
    act: ({ db, account }) => liftAccountBlock(db, account.id, null, SYSTEM),
    told: ['account.lifted'],
  },
  'a block that runs out': {
    before: async (world) => [await block(world), await over(world)],
    act: ({ db }) => liftExpiredBlocks(db),
    told: ['account.lifted'],
  },
  'another role': {
    act: ({ db, account }) => changeRole(db, account.id, 'viewer', SYSTEM),
    told: [...TWO, 'account.role_changed'],
  },
  'another password': {
    act: ({ db, account }) => setPassword(db, account, 'hash', SYSTEM, { how: 'invitation' }),
    told: [...TWO, 'account.password_changed'],
  },
  'a password required': {
    act: ({ db, account }) => requireNewPassword(db, account.id, 'leaked', SYSTEM),
    told: [...TWO, 'account.password_required'],
  },
  'a network blocked': {
    act: ({ db }) => blockNetwork(db, { network: NETWORK, reason: 'test', endSessions: true }, SYSTEM),
    told: ['session.ended', 'network.blocked'],
  },
  'many networks': {
    act: ({ db }) =>
      blockNetworks(
        db,
        [
          { network: NETWORK, reason: 'a' },
          { network: '192.88.98.0/24', reason: 'b' },
        ],
        SYSTEM,
      ),
    told: ['network.blocked', 'network.blocked'],
  },
  'a network lifted': {
    before: async (world) => [
      await blockNetwork(world.db, { network: NETWORK, reason: 'a' }, SYSTEM),
      await over(world),
    ],
    act: ({ db }) => liftExpiredBlocks(db),
    told: ['network.lifted'],
  },
  'an app disabled': {
    act: ({ db, app }) => disableApp(db, app, 'test', SYSTEM),
    told: ['session.ended', 'app.disabled'],
  },
  'an app enabled': {
    before: ({ db, app }) => disableApp(db, app, 'test', SYSTEM),
    act: ({ db, app }) => enableApp(db, app, null, SYSTEM),
    told: ['app.enabled'],
  },
  'the kill switch': {
    act: ({ db, app, inApp }) => killSwitch(db, { app }, 'test', SYSTEM, { confirm: inApp.app.name }),
    told: ['session.ended', 'killswitch.used'],
  },
  'a key revoked': {
    act: async ({ db }) => revokeKey(db, (await aKey(db)).id, SYSTEM),
    told: ['key.revoked'],
  },
  'not used for long': {
    before: ({ db, session }) => age(db, session, { idleFor: '25 hours' }),
    act: ({ db }) => sweepSessions(db),
    told: ['session.ended'],
  },
  'its time is over': {
    before: ({ db, session }) => age(db, session, { signedInFor: '31 days' }),
    act: ({ db }) => sweepSessions(db),
    told: ['session.ended'],
  },
}

eachDatabase((database) => {
  const told = async () =>
    (await database.db.select().from(outbox).orderBy(outbox.id)).map((row) => ({
      ...payloadOf(row),
      source: row.source,
    }))
  const clear = async () => {
    const { db } = database
    for (const table of [deliveries, outbox, webhooks]) await db.delete(table)
    await db
      .update(blocks)
      .set({ liftedAt: sql`now()`, liftReason: 'test', liftedByName: 'test' })
      .where(sql`lifted_at is null`)
    await db.update(settings).set({ sessionLimit: 100 })
    await db.update(sessions).set({ endedAt: sql`now()`, endReason: 'revoked' }).where(sql`ended_at is null`)
  }
  beforeEach(clear)
  afterEach(clear)

  describe('the outbox', () => {
    test.each(Object.entries(ROADS))(
      '%s is written with the act, or not at all',
      async (_, { before, act, told: events }) => {
        const { db } = database
        const world = await aWorld(db)
        await before?.(world)
        await anEndpoint(db, EVENT_TYPES)
        const undone = db.transaction(async (tx) => {
          await act({ ...world, db: tx })
          throw new Error('taken back')
        })
        await expect(undone).rejects.toThrow('taken back')
        expect(await told(), 'what is rolled back tells nobody').toEqual([])

        await db.transaction((tx) => act({ ...world, db: tx }))
        expect((await told()).map(({ type }) => type)).toEqual(events)
        const ids = rowsOf<{ id: string }>(
          await db.execute(sql`select ${outbox.id}::text as id from ${outbox} order by ${outbox.id}`),
        )
        const made = rowsOf<{ id: string }>(
          await db.execute(
            sql`select ${deliveries.outboxId}::text as id from ${deliveries} order by ${deliveries.outboxId}`,
          ),
        )
        expect(made).toEqual(ids)
      },
    )

    test('every event is walked above', () => {
      const walked = new Set(Object.values(ROADS).flatMap((road) => road.told))
      expect([...walked].toSorted()).toEqual([...EVENT_TYPES].toSorted())
    })

    test('every line of the audit log is told as what it is listed as, and a refused attempt never', async () => {
      const { db } = database
      await anEndpoint(db, EVENT_TYPES)
      await db.delete(outbox)
      for (const action of AUDIT_ACTIONS) {
        await recordAudit(db, SYSTEM, action)
        await recordAudit(db, SYSTEM, action, { result: 'refused' })
      }
      const expected = AUDIT_ACTIONS.flatMap((action) => EVENT_OF[action] ?? [])
      expect((await told()).map(({ type }) => type)).toEqual(expected)
    })

    test('nothing is written while nobody wants it, and for each who does once', async () => {
      const { db } = database
      const first = await anEndpoint(db, ['account.blocked'])
      await aSession(db)
      expect(await told()).toEqual([])
      const second = await anEndpoint(db, ['account.blocked', 'session.started'])
      const third = await anEndpoint(db, ['session.started'])
      await setWebhookDisabled(db, third, true, SYSTEM)
      const { account } = await aSession(db)
      await blockAccount(db, account.id, { reason: 'test' }, SYSTEM)
      expect((await told()).map(({ type }) => type)).toEqual(['session.started', 'account.blocked'])
      const made = await db.select().from(deliveries).orderBy(deliveries.id)
      expect(made.map(({ webhookId, lane }) => [webhookId, lane])).toEqual(
        expect.arrayContaining([
          [second, account.id],
          [first, account.id],
          [second, account.id],
        ]),
      )
      expect(made).toHaveLength(3)
    })

    async function manyInAnApp(count: number) {
      const app = await anApp(database.db)
      const { session } = await aSession(database.db, { app })
      await multiply(database.db, session, count - 1)
      return { app, confirm: session.app.name, account: session.account.id }
    }

    test('many at once are told by what marks them, 250 to an event, and the act itself by one', async () => {
      const { db } = database
      const { app, confirm } = await manyInAnApp(1_300)
      await anEndpoint(db, ['session.ended', 'killswitch.used'])
      await killSwitch(db, { app }, 'breach', SYSTEM, { confirm })
      expect((await told()).map(({ type, data }) => [type, data['sessionsEnded']])).toEqual([
        ['killswitch.used', 1_300],
      ])
      await markEndings(db)
      const [, ...many] = await told()
      expect(new Set(many.map(({ type }) => type))).toEqual(new Set(['session.ended_many']))
      const sizes = many.map(({ data }) => (data['sessions'] as unknown[]).length)
      expect(sizes, 'of batches of a thousand').toEqual([250, 250, 250, 250, 250, 50])
      expect(many[0]?.data).toMatchObject({ reason: 'kill-switch', note: 'breach', by: { name: 'Rollcall' } })
      const named = many.flatMap(({ data }) => data['sessions'] as { id: string }[]).map(({ id }) => id)
      const over = await db.select({ id: sessions.id }).from(sessions).where(eq(sessions.appId, app))
      expect(named.toSorted(), 'each of them once').toEqual(over.map(({ id }) => id).toSorted())
    })

    test('the same by a filter', async () => {
      const { db } = database
      const { account } = await manyInAnApp(600)
      await anEndpoint(db, ['session.ended', 'sessions.revoked'])
      await revokeMatching(db, { account }, SYSTEM, 'test')
      await markJobs(db)
      const [act, ...many] = await told()
      expect(act).toMatchObject({ type: 'sessions.revoked', data: { sessionsEnded: 600, filter: { account } } })
      expect(many.map(({ data }) => (data['sessions'] as unknown[]).length)).toEqual([250, 250, 100])
    })
  })
})
