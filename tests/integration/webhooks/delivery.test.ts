import { eq, sql } from 'drizzle-orm'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { blockAccount, liftAccountBlock } from '../../../src/accounts/blocks/blocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { WebhookId } from '../../../src/db/ids.js'
import { deliveries, outbox, webhooks } from '../../../src/db/schema/webhooks.js'
import { auditEvents } from '../../../src/db/schema.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { findWebhook, rotateSecret, setWebhookDisabled } from '../../../src/webhooks/endpoints.js'
import type { EventType } from '../../../src/webhooks/events.js'
import { listDeliveries, pruneOutbox, replay } from '../../../src/webhooks/log.js'
import { giveUpOld } from '../../../src/webhooks/note.js'
import { createSender } from '../../../src/webhooks/send.js'
import { takeDue } from '../../../src/webhooks/take.js'
import { createWorker, type Worker } from '../../../src/webhooks/worker.js'
import { aWebhook } from '../../support/aWebhook.js'
import { anAccount, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { type Answer, aReceiver, type Receiver } from '../../support/receiver.js'

const GUARD = { allowLoopback: true, resolve: () => Promise.resolve(['127.0.0.1']) }

const failing: Answer = (response) => response.writeHead(500).end('the <b>disk</b> is full')
const working: Answer = (response) => response.writeHead(204).end()

/** However busy the machine is. */
const SOON = { interval: 5, timeout: 15_000 }

eachDatabase((database) => {
  const stops: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop()
    for (const table of [deliveries, outbox, webhooks]) await database.db.delete(table)
  })

  /** Somebody who wants to be told, and a node that tells them. */
  async function anEndpoint(events: EventType[], answer?: Answer, timeoutMs = 10_000) {
    const { db } = database
    const receiver = await aReceiver(answer)
    stops.push(receiver.close)
    const added = await aWebhook(db, { url: receiver.url, description: '', events }, SYSTEM, GUARD)
    if (added.status !== 'added') throw new Error(added.status)
    const node = () => {
      const failures: unknown[] = []
      const sender = createSender({ timeoutMs })
      const worker = createWorker({ db, sender, onFailure: (error) => failures.push(error), ...GUARD })
      stops.push(async () => {
        await worker.stop()
        sender.close()
        expect(failures).toEqual([])
      })
      return worker
    }
    return { receiver, node, worker: node(), id: added.webhook.id, secret: added.secret }
  }

  const log = async (id: WebhookId) => (await listDeliveries(database.db, id)).items
  const present = async (id: WebhookId) =>
    (await database.db.select().from(webhooks).where(eq(webhooks.id, id)))[0] ?? expect.fail('it is gone')
  const dueNow = async (id: WebhookId) => {
    await database.db.update(webhooks).set({ retryAt: null }).where(eq(webhooks.id, id))
    await database.db
      .update(deliveries)
      .set({ nextAt: sql`now() - interval '1 second'` })
      .where(eq(deliveries.state, 'pending'))
  }

  /** Until everything that was tried is noted. */
  async function tried(worker: Worker, receiver: Receiver, count: number) {
    await worker.look()
    await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThanOrEqual(count), SOON)
    await vi.waitFor(
      async () =>
        expect(await database.db.$count(deliveries, sql`claimed_until is not null and state = 'pending'`)).toBe(0),
      SOON,
    )
  }

  describe('deliveries', () => {
    test('what happened arrives signed, in its order, as the log says', async () => {
      const { db } = database
      const { receiver, worker, id, secret } = await anEndpoint([
        'session.started',
        'session.ended',
        'account.blocked',
        'account.lifted',
      ])
      const { account, session } = await aSession(db, { on: 'Safari on iPhone', ip: '198.51.100.7' })
      await revokeSession(db, session.id, SYSTEM, 'lost phone')
      await blockAccount(db, account.id, { reason: 'Compromised' }, SYSTEM)
      await liftAccountBlock(db, account.id, 'found', SYSTEM)

      await tried(worker, receiver, 4)
      expect(receiver.types()).toEqual(['session.started', 'session.ended', 'account.blocked', 'account.lifted'])
      expect(receiver.received.every((one) => receiver.accepts(one, secret))).toBe(true)
      const [first] = receiver.received
      expect(receiver.accepts({ ...(first ?? expect.fail()), body: '{}' }, secret), 'and nothing else').toBe(false)
      const person = { id: account.id, email: account.email, name: account.name }
      expect(receiver.received.map(({ data }) => data)).toEqual([
        expect.objectContaining({
          account: person,
          session: expect.objectContaining({
            id: session.id,
            ip: '198.51.100.7',
            app: expect.objectContaining({ name: 'Rollcall' }),
          }),
        }),
        expect.objectContaining({
          account: person,
          reason: 'revoked',
          note: 'lost phone',
          by: { kind: 'system', id: null, name: 'Rollcall' },
        }),
        expect.objectContaining({ account: person, reason: 'Compromised', sessionsEnded: 0 }),
        expect.objectContaining({ account: person, reason: 'found' }),
      ])
      expect(await log(id)).toEqual(
        receiver.received.toReversed().map(({ id: messageId, type, timestamp }) =>
          expect.objectContaining({
            messageId,
            type,
            at: new Date(timestamp),
            state: 'delivered',
            attempts: 1,
            status: 204,
          }),
        ),
      )
    })

    test('a failed one is tried again, later and later, with the same id; what comes after it in its lane waits', async () => {
      const { db } = database
      const { receiver, worker, id, secret } = await anEndpoint(['account.blocked', 'account.lifted'], failing)
      const account = await anAccount(db)
      await blockAccount(db, account.id, { reason: 'test' }, SYSTEM)
      await liftAccountBlock(db, account.id, null, SYSTEM)
      await tried(worker, receiver, 1)
      const waits = []
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        expect(receiver.types()).toEqual(Array(attempt).fill('account.blocked'))
        const [, blocked] = await log(id)
        expect(blocked).toMatchObject({
          state: 'pending',
          attempts: attempt,
          status: 500,
          answer: 'the <b>disk</b> is full',
        })
        waits.push((blocked?.nextAt?.getTime() ?? 0) - (blocked?.triedAt?.getTime() ?? 0))
        expect((await present(id)).retryAt, 'the third in a row: left alone for a while').toEqual(
          attempt === 3 ? expect.any(Date) : null,
        )
        if (attempt === 3) receiver.answer = working
        await dueNow(id)
        await tried(worker, receiver, attempt + 1)
      }
      expect(waits.map((ms) => Math.round(ms / 1000))).toEqual([
        expect.closeTo(5, -0.5),
        expect.closeTo(20, -1),
        expect.closeTo(80, -1.6),
      ])
      await dueNow(id)
      await tried(worker, receiver, 5)
      expect(receiver.types()).toEqual([...Array(4).fill('account.blocked'), 'account.lifted'])
      expect(new Set(receiver.received.map((one) => one.id)).size, 'ids: one an event').toBe(2)
      expect(receiver.received.every((one) => receiver.accepts(one, secret))).toBe(true)
    })

    test('an account that has to wait holds nobody else up, and an endpoint that fails is asked one at a time', async () => {
      const { db } = database
      const held: (() => void)[] = []
      const hold: Answer = (response) => void held.push(() => response.writeHead(500).end())
      const { receiver, node, worker, id } = await anEndpoint(['session.started'], hold)
      for (let count = 0; count < 4; count += 1) await aSession(db)
      await worker.look()
      await vi.waitFor(() => expect(held).toHaveLength(4), SOON)
      expect(receiver.mostAtOnce(), 'while nothing has failed').toBe(4)
      for (const fail of held.splice(0)) fail()
      await vi.waitFor(async () => expect((await log(id)).every(({ attempts }) => attempts === 1)).toBe(true), SOON)
      expect(await present(id), 'together they count as one').toMatchObject({ failures: 1, retryAt: null })

      await dueNow(id)
      const nodes = [worker, node(), node()]
      await Promise.all(nodes.map((one) => one.look()))
      await vi.waitFor(() => expect(held).toHaveLength(1), SOON)
      await Promise.all(nodes.map((one) => one.look()))
      const inHand = await db.$count(deliveries, sql`claimed_until > now()`)
      expect(inHand, 'the others wait for its answer, on whatever node').toBe(1)
      receiver.answer = working
      held.pop()?.()
      await tried(worker, receiver, 8)
      await dueNow(id)
      await tried(worker, receiver, 9)
      await vi.waitFor(
        async () => expect((await log(id)).map(({ state }) => state)).toEqual(Array(4).fill('delivered')),
        SOON,
      )
      expect(await present(id)).toMatchObject({ failures: 0, failingSince: null })
    })

    test('an endpoint that goes on failing is left alone, for a quarter of an hour at most; what waited goes out once it works', async () => {
      const { db } = database
      const { receiver, worker, id } = await anEndpoint(['session.started'], failing)
      await aSession(db)
      await db.update(webhooks).set({ failures: 30, failingSince: sql`now() - interval '1 day'` })
      await db.update(deliveries).set({ attempts: 30 })
      await tried(worker, receiver, 1)
      const [failed] = await log(id)
      const hours = ((failed?.nextAt?.getTime() ?? 0) - (failed?.triedAt?.getTime() ?? 0)) / 3_600_000
      expect(hours, 'six hours at most, a fifth more or less').toSatisfy((n: number) => n > 4.7 && n < 7.3)
      const minutes = ((await present(id)).retryAt?.getTime() ?? 0) / 60_000 - Date.now() / 60_000
      expect(minutes, 'a fifth more or less').toSatisfy((n: number) => n > 11 && n < 19)
      await aSession(db)
      await worker.look()
      expect(await db.$count(deliveries, sql`claimed_until > now()`), 'nobody else’s event is sent to it').toBe(0)

      receiver.answer = working
      await db.update(webhooks).set({ retryAt: sql`now()` })
      await tried(worker, receiver, 3)
      await vi.waitFor(
        async () => expect((await log(id)).map(({ state }) => state)).toEqual(['delivered', 'delivered']),
        SOON,
      )
    })

    test('several nodes share the work: each event arrives once', async () => {
      const { receiver, node, worker } = await anEndpoint(['session.started'])
      for (let count = 0; count < 40; count += 1) await aSession(database.db)
      const nodes = [worker, node(), node()]
      await Promise.all(nodes.map((one) => one.look()))
      await vi.waitFor(async () => {
        await Promise.all(nodes.map((one) => one.look()))
        expect(await database.db.$count(deliveries, eq(deliveries.state, 'delivered'))).toBe(40)
      }, SOON)
      expect(receiver.received).toHaveLength(40)
      expect(new Set(receiver.received.map((one) => one.id)).size).toBe(40)
    })

    test('a node that dies between sending and noting leaves one that is sent again, with the same id', async () => {
      const { db } = database
      const { receiver, worker, id } = await anEndpoint(['session.started'])
      await aSession(db)
      const batch = (await takeDue(db, id, 10)) ?? expect.fail('nothing was due')
      const sender = createSender()
      const [delivery] = batch.deliveries
      const message = { id: `msg_${delivery?.messageId.replaceAll('-', '')}`, body: '{"type":"session.started"}' }
      await sender.send(new URL(batch.url), '127.0.0.1', message, batch.secrets)
      sender.close()

      await worker.look()
      expect(receiver.received, 'it may still be under way').toHaveLength(1)
      await db.update(deliveries).set({ claimedUntil: sql`now() - interval '1 second'` })
      await tried(worker, receiver, 2)
      expect(new Set(receiver.received.map((one) => one.id)).size).toBe(1)
      expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 1 }])
    })

    test('after three days a delivery is given up; it is sent once more when somebody asks', async () => {
      const { db } = database
      const { receiver, worker, id } = await anEndpoint(['session.started'], failing)
      for (let count = 0; count < 2; count += 1) await aSession(db)
      await db.update(deliveries).set({ expiresAt: sql`now()` })
      await tried(worker, receiver, 2)
      expect(await log(id)).toMatchObject([{ state: 'given-up' }, { state: 'given-up', nextAt: null }])

      receiver.answer = working
      const [newest] = await log(id)
      expect(await replay(db, id, { delivery: newest?.id ?? 0 }, SYSTEM)).toEqual({ status: 'replayed', count: 1 })
      await dueNow(id)
      await tried(worker, receiver, 3)
      expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 1 }, { state: 'given-up' }])
      expect(receiver.received.at(-1)?.id).toBe(newest?.messageId)
      const later = new Date(Date.now() + 60_000)
      expect(await replay(db, id, { failedSince: later }, SYSTEM)).toEqual({ status: 'replayed', count: 0 })
      const earlier = new Date(Date.now() - 60_000)
      expect(await replay(db, id, { failedSince: earlier }, SYSTEM)).toEqual({ status: 'replayed', count: 1 })
      await tried(worker, receiver, 4)
      expect(await log(id)).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }])
    })

    test('what is sent once more while an attempt is under way is sent, whatever comes of that one', async () => {
      const { db } = database
      const answers: (() => void)[] = []
      const { receiver, worker, id } = await anEndpoint(['account.blocked'], (response) => {
        answers.push(() => response.writeHead(204).end())
      })
      await blockAccount(db, (await anAccount(db)).id, { reason: 'r' }, SYSTEM)
      await worker.look()
      await vi.waitFor(() => expect(answers).toHaveLength(1), SOON)
      const [inHand] = await log(id)
      expect(await replay(db, id, { delivery: inHand?.id ?? 0 }, SYSTEM)).toEqual({ status: 'replayed', count: 1 })
      answers[0]?.()
      await vi.waitFor(async () => {
        await worker.look()
        expect(answers).toHaveLength(2)
      }, SOON)
      answers[1]?.()
      await vi.waitFor(async () => expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 1 }]), SOON)
      expect(receiver.received.map((one) => one.id)).toEqual(Array(2).fill(receiver.received[0]?.id))
    })

    test('an endpoint that has failed for three days is switched off, and the log says so', async () => {
      const { db } = database
      const { receiver, worker, id } = await anEndpoint(['session.started'], failing)
      await aSession(db)
      await db.update(webhooks).set({ failures: 1, failingSince: sql`now() - interval '71 hours'` })
      await tried(worker, receiver, 1)
      expect(await present(id)).toMatchObject({ disabledAt: null })
      await db.update(webhooks).set({ failingSince: sql`now() - interval '73 hours'` })
      await dueNow(id)
      await tried(worker, receiver, 2)
      expect(await present(id)).toMatchObject({ disabledAt: expect.any(Date), disabledWhy: 'failing' })
      const lines = await db.select().from(auditEvents).where(eq(auditEvents.action, 'webhook.disabled'))
      expect(lines).toMatchObject([{ actorKind: 'system', targetName: receiver.url, details: { cause: 'failing' } }])

      await aSession(db)
      expect(await db.$count(outbox), 'nothing is written for one that is off').toBe(1)
      await dueNow(id)
      await worker.look()
      await setWebhookDisabled(db, id, false, SYSTEM)
      receiver.answer = working
      await tried(worker, receiver, 3)
      expect(await log(id), 'what waited goes on').toMatchObject([{ state: 'delivered', attempts: 3 }])
    })

    test('what could not be tried in time is given up too, and all of it is forgotten after thirty days', async () => {
      const { db } = database
      const { id } = await anEndpoint(['session.started'])
      for (let count = 0; count < 2; count += 1) await aSession(db)
      await db.update(deliveries).set({ expiresAt: sql`now()` }).where(sql`id = (select min(id) from deliveries)`)
      await giveUpOld(db)
      expect(await log(id)).toMatchObject([
        { state: 'pending' },
        { state: 'given-up', attempts: 0, problem: 'It could not be tried in time' },
      ])
      await db.update(outbox).set({ at: sql`now() - interval '31 days'` })
      await pruneOutbox(db)
      expect(await log(id), 'what is still to be sent stays').toMatchObject([{ state: 'pending' }])
      expect(await db.$count(outbox)).toBe(1)
    })

    test('while a secret is being replaced both sign; a day later the new one alone', async () => {
      const { db } = database
      const { receiver, worker, id, secret } = await anEndpoint(['session.started'])
      const rotated = await rotateSecret(db, id, SYSTEM)
      const fresh = rotated?.status === 'changed' ? rotated.secret : expect.fail('it was not replaced')
      const acceptedBy = async (count: number) => {
        await aSession(db)
        await tried(worker, receiver, count)
        const last = receiver.received.at(-1) ?? expect.fail('nothing came')
        return [secret, fresh].map((one) => receiver.accepts(last, one))
      }
      expect(await acceptedBy(1)).toEqual([true, true])
      await db.update(webhooks).set({ previousUntil: sql`now()` })
      expect(await acceptedBy(2)).toEqual([false, true])
    })
  })

  describe('answers', () => {
    test.each<[string, Answer, object]>([
      [
        'a redirect',
        (r) => r.writeHead(302, { location: 'https://example.com/' }).end(),
        { status: 302, problem: expect.stringContaining('not followed') },
      ],
      ['nothing within the time', () => {}, { status: null, problem: 'It took longer than 0.3 s' }],
      [
        'a body that never ends',
        (r) => r.writeHead(200).write('x'),
        { status: null, problem: 'It took longer than 0.3 s' },
      ],
      ['a connection that is cut', (r) => r.destroy(), { status: null, problem: 'The connection was cut' }],
    ])('S-57 %s is no delivery', async (_, answer, noted) => {
      const { receiver, worker, id } = await anEndpoint(['session.started'], answer, 300)
      await aSession(database.db)
      await tried(worker, receiver, 1)
      expect(await log(id)).toMatchObject([{ state: 'pending', attempts: 1, ...noted }])
      expect(receiver.received).toHaveLength(1)
    })

    test('S-57 a name that leads inside by now is not connected to, whatever it was when it was added', async () => {
      const { db } = database
      const receiver = await aReceiver()
      stops.push(receiver.close)
      const addresses = ['127.0.0.1', '10.0.0.1', '127.0.0.1']
      const rebinding = { allowLoopback: true, resolve: async () => [addresses.shift() ?? '10.0.0.1'] }
      const url = receiver.url.replace('127.0.0.1', 'localhost')
      const added = await aWebhook(db, { url, description: '', events: ['session.started'] }, SYSTEM, rebinding)
      const { id } = added.status === 'added' ? added.webhook : expect.fail(added.status)
      const sender = createSender()
      const worker = createWorker({ db, sender, onFailure: (error) => expect.fail(String(error)), ...rebinding })
      await aSession(db)
      await tried(worker, receiver, 0)
      await vi.waitFor(
        async () =>
          expect(await log(id)).toMatchObject([
            {
              attempts: 1,
              status: null,
              problem: 'Not sent: the address must be on the public internet: localhost is 10.0.0.1',
            },
          ]),
        SOON,
      )
      expect(receiver.received).toEqual([])
      await dueNow(id)
      await tried(worker, receiver, 1)
      expect(addresses, 'looked up once for each').toEqual([])
      await worker.stop()
      sender.close()
    })

    test('S-57 no more than 64 KiB of an answer are read, and its first words kept', async () => {
      let sent = 0
      const flood: Answer = (response) => {
        const more = () => {
          for (let ok = true; ok && sent < 1e9; sent += 65_536) ok = response.write('x'.repeat(65_536))
        }
        response.on('drain', more)
        more()
      }
      const { receiver, worker, id } = await anEndpoint(['session.started'], flood)
      await aSession(database.db)
      await tried(worker, receiver, 1)
      expect(await log(id)).toMatchObject([{ state: 'delivered', status: 200, answer: 'x'.repeat(1_000) }])
      expect(sent, 'what fits into the buffers of both sides').toBeLessThan(50e6)
    })

    test('an answer with characters that no database takes is noted like any other, and not asked for again', async () => {
      const { receiver, worker, id } = await anEndpoint(['session.started'], (response) =>
        response.writeHead(200).end('o\0k'),
      )
      await aSession(database.db)
      await tried(worker, receiver, 1)
      expect(await log(id)).toMatchObject([{ state: 'delivered', attempts: 1, answer: 'o\ufffdk' }])
    })

    test.each([429, 503])('%i with Retry-After: nothing is sent before, whatever else goes well', async (status) => {
      const { db } = database
      const held: (() => void)[] = []
      const hold: Answer = (response, { type }) =>
        void held.push(() => {
          if (type === 'account.blocked') response.writeHead(status, { 'retry-after': '3600' }).end()
          else response.writeHead(204).end()
        })
      const { receiver, worker, id } = await anEndpoint(['account.blocked', 'account.lifted', 'session.started'], hold)
      const account = await anAccount(db)
      await blockAccount(db, account.id, { reason: 'test' }, SYSTEM)
      await liftAccountBlock(db, account.id, null, SYSTEM)
      await aSession(db)
      await worker.look()
      await vi.waitFor(() => expect(held).toHaveLength(2), SOON)
      for (const answer of held.splice(0)) answer()
      await vi.waitFor(async () => expect((await log(id)).map(({ attempts }) => attempts)).toEqual([1, 0, 1]), SOON)

      const [, lifted, blocked] = await log(id)
      expect(blocked).toMatchObject({ state: 'pending', status })
      expect((blocked?.nextAt?.getTime() ?? 0) - (blocked?.triedAt?.getTime() ?? 0)).toBeGreaterThanOrEqual(3_600_000)
      expect((await findWebhook(db, id))?.retryAt?.getTime()).toBeCloseTo(blocked?.nextAt?.getTime() ?? 0, -5)
      await aSession(db)
      await worker.look()
      expect(await db.$count(deliveries, sql`claimed_until > now()`), 'a sign-in of somebody else waits too').toBe(0)

      receiver.answer = working
      await db.update(webhooks).set({ notBefore: sql`now()` })
      await dueNow(id)
      await tried(worker, receiver, 5)
      await vi.waitFor(async () => expect((await log(id)).every(({ state }) => state === 'delivered')).toBe(true), SOON)
      const ofAccount = receiver.received.filter(({ type }) => type !== 'session.started')
      expect(ofAccount.map((one) => one.id)).toEqual([blocked?.messageId, blocked?.messageId, lifted?.messageId])
    })

    test('an endpoint that is gone for good is switched off', async () => {
      const { receiver, worker, id } = await anEndpoint(['session.started'], (response) =>
        response.writeHead(410).end(),
      )
      await aSession(database.db)
      await tried(worker, receiver, 1)
      expect(await present(id)).toMatchObject({ disabledAt: expect.any(Date), disabledWhy: 'gone' })
    })
  })
})
