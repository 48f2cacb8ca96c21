import { describe, expect, it, vi } from 'vitest'
import { TERMINAL } from '../../../src/audit/types.js'
import type { Verifier } from '../../../src/client/index.js'
import { newId } from '../../../src/db/ids.js'
import { revocations } from '../../../src/db/schema.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { aSession } from '../../support/builders.js'
import { eachPostgres, oneDatabase, type TestDatabase } from '../../support/database.js'
import { forwarderTo } from '../../support/forwarder.js'
import { freePort } from '../../support/postgres.js'
import { startServer } from '../../support/server.js'
import { type AppProcess, anAppProcess } from './anAppProcess.js'
import { aBalancer, aLineTo } from './proxies.js'

const LEASE_MS = 2_000
const denied = (reason: string) => ({ status: 'denied', reason })
const soon = { interval: 1, timeout: 1_500 }
const laterThan = (ms: number) => ({ interval: 10, timeout: ms })

const untilActive = (app: Verifier, token: string, within: number) =>
  vi.waitFor(async () => expect(await app.verify(token)).toMatchObject({ status: 'active' }), laterThan(within))

/**
 * Asks memory alone, again and again, until it no longer answers.
 *
 * @param since when the session had ended for certain
 * @returns for how long after that it was accepted, in ms
 */
async function acceptedFor(app: Verifier, token: string, since: number): Promise<number> {
  for (let last = since; ; ) {
    const asked = performance.now()
    const verdict = app.verifyCached(token)
    if (verdict === 'ask' || verdict.status === 'denied') return last - since
    last = asked
    if (asked - since > 3 * LEASE_MS) throw new Error('it is accepted for ever')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

async function remembered(database: TestDatabase, app: AppProcess) {
  const made = await aSession(database.db, { app: app.appId })
  await vi.waitFor(async () => {
    expect(await app.verify(made.token)).toMatchObject({ status: 'active' })
    expect(app.verifyCached(made.token)).toMatchObject({ status: 'active' })
  }, laterThan(15_000))
  return made
}

describe('an app process and the road to its node', () => {
  oneDatabase((database) => {
    const server = useApp(database, { ROLLCALL_LEASE_MS: String(LEASE_MS) })

    it('S-15 knows itself again soon after an act on very many, over a line that takes seconds for all of it', async () => {
      const line = await aLineTo(server.url)
      const app = await anAppProcess(database.db, line.url)
      const { token } = await remembered(database, app)
      const ids = () => Array.from({ length: 1_000 }, () => newId()).join()
      await database.db
        .insert(revocations)
        .values(Array.from({ length: 200 }, () => ({ kind: 'sessions' as const, target: ids() })))
      const { follower } = server.services.node.engine
      line.bytesAMs = 4_000
      await follower.nudge()
      expect(follower.stats.applied).toBeGreaterThanOrEqual(200_000)
      const isBack = () => {
        const { applied, startedAnew, leaseLeftMs } = app.stats()
        expect(applied >= 200_000 || startedAnew > 1).toBe(true)
        expect(leaseLeftMs).toBeGreaterThan(0)
      }
      await vi.waitFor(isBack, laterThan(2 * LEASE_MS))
      expect(await app.verify(token)).toMatchObject({ status: 'active' })
    })

    it('S-15 S-16 half-open connections: nothing is accepted past the bound, and nothing waits for them after', async () => {
      const line = await aLineTo(server.url)
      const app = await anAppProcess(database.db, line.url)
      const { session, token } = await remembered(database, app)
      line.swallows = true
      await revokeSession(database.db, session.id, TERMINAL, 'test')
      const ended = performance.now()
      expect(await acceptedFor(app, token, ended)).toBeLessThan(LEASE_MS)
      expect(await app.verify(token)).toEqual(denied('unavailable'))
      expect(app.failures.map(({ code }) => code)).toEqual(['no-answer'])

      line.swallows = false
      await vi.waitFor(async () => expect(await app.verify(token)).toEqual(denied('ended')), laterThan(LEASE_MS))
      await vi.waitFor(() => expect(app.stats().streaming).toBe(true), laterThan(20_000))
      const again = await remembered(database, app)
      await revokeSession(database.db, again.session.id, TERMINAL, 'test')
      await vi.waitFor(async () => expect(await app.verify(again.token)).toEqual(denied('ended')), soon)
    })

    it('stops within seconds while Rollcall hangs, though the last uses are not told', async () => {
      const line = await aLineTo(server.url)
      const app = await anAppProcess(database.db, line.url)
      const { session } = await remembered(database, app)
      line.swallows = true
      app.touch(session.id)
      const began = performance.now()
      await app.stop()
      expect(performance.now() - began).toBeLessThan(3_000)
    })

    it('slow answers: within the lease checks go on; beyond it nothing is accepted', async () => {
      const line = await aLineTo(server.url)
      const app = await anAppProcess(database.db, line.url)
      const { token } = await remembered(database, app)
      line.delayMs = 150
      const slow = await aSession(database.db, { app: app.appId })
      expect(await app.verify(slow.token)).toMatchObject({ status: 'active' })
      expect(app.verifyCached(token)).toMatchObject({ status: 'active' })

      line.delayMs = 1_500
      await acceptedFor(app, token, performance.now())
      const began = performance.now()
      expect(await app.verify(token)).toEqual(denied('unavailable'))
      expect(performance.now() - began).toBeLessThan(LEASE_MS + 500)
      line.delayMs = 0
      await untilActive(app, token, 2 * LEASE_MS)
    })
  })
})

describe('an app process before two nodes', () => {
  oneDatabase((database) => {
    const fast = useApp(database)
    /** Polls alone: no notice reaches it, so it is behind by up to a quarter of the lease. */
    const slow = useApp(
      Object.create(database, {
        open: { get: () => Object.create(database.open, { listen: { value: async () => {} } }) },
      }),
    )

    it('S-14 S-15 keeps no "active" of a node that is behind what it has applied', async () => {
      const url = await aBalancer((path) => (path.endsWith('/sessions/verify') ? slow.url : fast.url))
      const app = await anAppProcess(database.db, url)
      for (let i = 0; i < 20; i++) {
        const { session, token } = await remembered(database, app)
        await revokeSession(database.db, session.id, TERMINAL, 'test')
        await acceptedFor(app, token, performance.now())
        expect(await app.verify(token)).toEqual(denied('ended'))
        expect(app.verifyCached(token)).not.toMatchObject({ status: 'active' })
      }
    })

    it('S-15 may be moved between them with each request', async () => {
      let turn = 0
      const url = await aBalancer(() => (turn++ % 2 === 0 ? fast.url : slow.url))
      const app = await anAppProcess(database.db, url)
      for (let i = 0; i < 10; i++) {
        const { session, token } = await remembered(database, app)
        await revokeSession(database.db, session.id, TERMINAL, 'test')
        const ended = performance.now()
        expect(await acceptedFor(app, token, ended)).toBeLessThan(LEASE_MS)
        expect(await app.verify(token)).toEqual(denied('ended'))
      }
    })
  })
})

describe('an app process whose server', () => {
  eachPostgres((database) => {
    it('is killed and started again goes on by itself, and never accepted what ended meanwhile', async () => {
      const port = await freePort()
      const options = { databaseUrl: database.url, port }
      const first = await startServer(options)
      const app = await anAppProcess(database.db, first.url)
      const gone = await remembered(database, app)
      const stays = await remembered(database, app)
      await first.stop('SIGKILL')
      await revokeSession(database.db, gone.session.id, TERMINAL, 'test')
      const ended = performance.now()
      expect(await acceptedFor(app, gone.token, ended)).toBeLessThan(LEASE_MS)
      expect(await app.verify(gone.token)).toEqual(denied('unavailable'))
      await startServer(options)
      await vi.waitFor(async () => expect(await app.verify(gone.token)).toEqual(denied('ended')), laterThan(15_000))
      await untilActive(app, stays.token, 15_000)
      await vi.waitFor(() => expect(app.stats().streaming).toBe(true), laterThan(20_000))
      await revokeSession(database.db, stays.session.id, TERMINAL, 'test')
      await vi.waitFor(async () => expect(await app.verify(stays.token)).toEqual(denied('ended')), soon)
    })

    it('S-16 has lost its database accepts nothing for longer than the lease, and goes on once it is back', async () => {
      const road = forwarderTo(database.url ?? '', await freePort())
      await road.open()
      const server = await startServer({ databaseUrl: road.url })
      const app = await anAppProcess(database.db, server.url)
      const gone = await remembered(database, app)
      const stays = await remembered(database, app)
      await road.cut()
      await revokeSession(database.db, gone.session.id, TERMINAL, 'test')
      const ended = performance.now()
      expect(await acceptedFor(app, gone.token, ended)).toBeLessThan(LEASE_MS)
      expect(await app.verify(gone.token)).toEqual(denied('unavailable'))
      expect(await app.verify(stays.token, { fresh: true })).toEqual(denied('unavailable'))
      await road.open()
      await vi.waitFor(async () => expect(await app.verify(gone.token)).toEqual(denied('ended')), laterThan(15_000))
      await untilActive(app, stays.token, 15_000)
    })

    it('is stopped in good order hears the last uses, and its app goes on with the next', async () => {
      const port = await freePort()
      const server = await startServer({ databaseUrl: database.url, port })
      const app = await anAppProcess(database.db, server.url)
      const { token } = await remembered(database, app)
      expect((await server.stop()).code).toBe(0)
      await vi.waitFor(
        async () => expect(await app.verify(token)).toEqual(denied('unavailable')),
        laterThan(2 * LEASE_MS),
      )
      await startServer({ databaseUrl: database.url, port })
      await untilActive(app, token, 15_000)
    })
  })
})
