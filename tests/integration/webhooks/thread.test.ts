import { Worker } from 'node:worker_threads'
import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { SYSTEM } from '../../../src/audit/types.js'
import { rowsOf } from '../../../src/db/connect.js'
import { deliveries, outbox, webhooks } from '../../../src/db/schema/webhooks.js'
import { tellError } from '../../../src/log.js'
import { listDeliveries } from '../../../src/webhooks/log.js'
import { createWebhooks, type Webhooks } from '../../../src/webhooks/service.js'
import { aWebhook } from '../../support/aWebhook.js'
import { aSession } from '../../support/builders.js'
import { newestPostgres } from '../../support/database.js'
import { type Answer, aReceiver } from '../../support/receiver.js'

const GUARD = { allowLoopback: true, resolve: () => Promise.resolve(['127.0.0.1']) }
/** However busy the machine is. */
const SOON = { interval: 20, timeout: 30_000 }

newestPostgres((database) => {
  describe('on PostgreSQL a thread of its own sends', () => {
    let node: Webhooks
    let failures: unknown[] = []
    const threads: Worker[] = []
    const noteThread = (thread: Worker) => threads.push(thread)
    const closes: (() => Promise<unknown>)[] = []

    beforeAll(() => void process.on('worker', noteThread))
    afterAll(() => void process.off('worker', noteThread))
    beforeEach(() => {
      failures = []
      threads.length = 0
    })
    afterEach(async () => {
      await node.stop()
      for (const close of closes.splice(0)) await close()
      for (const table of [deliveries, outbox, webhooks]) await database.db.delete(table)
    })

    function start({ allowLoopback = true } = {}) {
      const onFailure = (error: unknown) => void failures.push(error)
      node = createWebhooks({ database: database.open, databaseUrl: database.url, allowLoopback, onFailure })
      node.start()
    }
    async function anEndpoint(url: string) {
      const added = await aWebhook(database.db, { url, description: '', events: ['session.started'] }, SYSTEM, GUARD)
      return added.status === 'added' ? added.webhook.id : expect.fail(added.status)
    }
    async function receiving(answer?: Answer) {
      const receiver = await aReceiver(answer)
      closes.push(receiver.close)
      return { receiver, id: await anEndpoint(receiver.url) }
    }
    const listening = async () =>
      rowsOf(
        await database.db.execute(
          sql`select from pg_stat_activity where datname = current_database() and query like 'listen%outbox%'`,
        ),
      ).length

    test('once somebody wants to be told: a thread that is busy with checks holds no delivery up', async () => {
      start()
      // Longer than it takes to see whether it is needed.
      await new Promise((resolve) => setTimeout(resolve, 1_100))
      expect(threads, 'before, it is not there').toEqual([])
      const elsewhere = await aReceiverElsewhere()
      closes.push(elsewhere.close)
      await anEndpoint(elsewhere.url)
      await vi.waitFor(async () => expect(await listening()).toBe(1), SOON)

      await aSession(database.db)
      expect(elsewhere.blockUntilTold(30_000), 'this thread has done nothing meanwhile').toBe(true)
    })

    test('S-57 it connects to nothing inside either, and says why in the log of deliveries', async () => {
      const { receiver, id } = await receiving()
      start({ allowLoopback: false })
      await aSession(database.db)
      const problem = 'Not sent: the address must begin with https://'
      await vi.waitFor(
        async () => expect((await listDeliveries(database.db, id)).items).toMatchObject([{ attempts: 1, problem }]),
        SOON,
      )
      expect(receiver.received).toEqual([])
    })

    test('what fails in it is told here; one that dies is started again, and what it had in hand is sent again', async () => {
      const { db } = database
      const { receiver, id } = await receiving(() => {})
      start()
      await aSession(db)
      await vi.waitFor(() => expect(receiver.received).toHaveLength(1), SOON)
      await db.execute(sql`alter table deliveries rename to hidden`)
      await vi.waitFor(() => expect(failures.length).toBeGreaterThan(0), SOON)
      await db.execute(sql`alter table hidden rename to deliveries`)
      expect(tellError(failures[0])).toMatchObject({
        type: 'Error',
        message: expect.stringContaining('Failed query'),
        cause: { code: '42P01' },
      })

      failures = []
      await threads[0]?.terminate()
      expect(failures.map(tellError)).toMatchObject([{ message: 'the thread that sends ended with 1' }])
      receiver.answer = (response) => response.writeHead(204).end()
      await db.update(deliveries).set({ claimedUntil: sql`now() - interval '1 second'` })
      await vi.waitFor(
        async () => expect((await listDeliveries(db, id)).items).toMatchObject([{ state: 'delivered' }]),
        SOON,
      )
      expect(threads).toHaveLength(2)
      expect(new Set(receiver.received.map((one) => one.id)).size).toBe(1)
    })

    test('the server’s end waits for what is under way, and notes it', async () => {
      const { db } = database
      const held: (() => void)[] = []
      const { id } = await receiving((response) => void held.push(() => response.writeHead(204).end()))
      start()
      await aSession(db)
      await vi.waitFor(() => expect(held).toHaveLength(1), SOON)
      let over = false
      const stopped = node.stop().then(() => {
        over = true
      })
      await aSession(db)
      await db.execute(sql`select pg_sleep(0.2)`)
      expect(over).toBe(false)
      held[0]?.()
      await stopped
      expect((await listDeliveries(db, id)).items).toMatchObject([
        { state: 'pending', attempts: 0 },
        { state: 'delivered', status: 204 },
      ])
      expect(await db.$count(deliveries, eq(deliveries.state, 'pending')), 'taken by nobody any more').toBe(1)
      expect(await listening()).toBe(0)
      expect(failures).toEqual([])
    })
  })
})

/** Somebody's server on a thread of its own, which says by shared memory that it was told. */
async function aReceiverElsewhere() {
  const told = new Int32Array(new SharedArrayBuffer(4))
  const thread = new Worker(
    `const { parentPort, workerData: told } = require('node:worker_threads')
    const server = require('node:http').createServer((request, response) => request.resume().on('end', () => {
      response.writeHead(204).end()
      Atomics.store(told, 0, 1)
      Atomics.notify(told, 0)
    }))
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true, workerData: told, execArgv: [] },
  )
  const port = await new Promise((resolve) => thread.once('message', resolve))
  return {
    url: `http://127.0.0.1:${port}/`,
    blockUntilTold: (ms: number) => Atomics.wait(told, 0, 0, ms) !== 'timed-out',
    close: () => thread.terminate(),
  }
}
