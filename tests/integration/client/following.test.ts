import { eq, sql } from 'drizzle-orm'
import { describe, expect, it, vi } from 'vitest'
import { revokeKey } from '../../../src/accounts/apps/keys.js'
import { blockAccount, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { changeRole } from '../../../src/accounts/roles.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { createVerifier, type Verifier, type VerifyRequest } from '../../../src/client/index.js'
import type { KeyId } from '../../../src/db/ids.js'
import { sessionActivity, sessions } from '../../../src/db/schema.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { useApp } from '../../support/app.js'
import { anApp, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aKey, send } from '../api/client.js'
import { type AppProcess, anAppProcess } from './anAppProcess.js'

const HERE = '198.51.100.77'
const denied = (reason: string) => ({ status: 'denied', reason })
const soon = { interval: 1, timeout: 3_000 }

describe('an app process that follows a node', () => {
  eachDatabase((database) => {
    const server = useApp(database)

    /** A session of the app that its process has in memory. */
    async function remembered(app: AppProcess, request?: VerifyRequest, options: Parameters<typeof aSession>[1] = {}) {
      const made = await aSession(database.db, { ...options, app: app.appId })
      // On a busy machine a lease may run out in between: then it is asked for again.
      await vi.waitFor(async () => {
        expect(await app.verify(made.token, request)).toMatchObject({ status: 'active' })
        expect(app.verifyCached(made.token, request)).toMatchObject({ status: 'active' })
      }, soon)
      return made
    }

    const refuses = (app: Verifier, token: string, reason: string, request?: VerifyRequest) =>
      vi.waitFor(async () => expect(await app.verify(token, request)).toEqual(denied(reason)), soon)

    const activityOf = async (id: string) => {
      const [row] = await database.db
        .select({ ago: sql<number>`extract(epoch from now() - last_seen_at)::float8`, activity: sessionActivity })
        .from(sessionActivity)
        .where(eq(sessionActivity.sessionId, id as never))
      if (!row) throw new Error('no such session')
      return { ago: row.ago, ip: row.activity.lastIp, requests: Number(row.activity.requests) }
    }

    it('tells who is asking as the node does, and a token of another app is unknown to it (S-38)', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session, token, account } = await remembered(app)
      const verdict = await server.services.verifier.verify(token)
      expect(await app.verify(token)).toEqual(verdict)
      expect(verdict).toMatchObject({ session: { id: session.id }, account: { id: account.id, email: account.email } })
      const other = await aSession(database.db, { app: await anApp(database.db) })
      expect(await app.verify(other.token)).toEqual(denied('unknown'))
    })

    it('S-15 refuses a session within a moment of its sign-out, by the panel or by the API', async () => {
      const app = await anAppProcess(database.db, server.url, { leaseMs: 60_000 })
      await vi.waitFor(() => expect(app.stats().streaming).toBe(true), soon)
      const { secret } = await aKey(database.db, { app: app.appId, scopes: ['sessions:write'] })
      const taken: number[] = []
      for (let i = 0; i < 20; i++) {
        const { session, token } = await remembered(app)
        if (i % 2 === 0) await revokeSession(database.db, session.id, TERMINAL, 'test')
        else await send(server.url, 'DELETE', `/sessions/${session.id}?reason=test`, { key: secret })
        const acted = performance.now()
        await vi.waitFor(() => expect(app.verifyCached(token)).not.toMatchObject({ status: 'active' }), soon)
        taken.push(performance.now() - acted)
        expect(await app.verify(token)).toEqual(denied('ended'))
      }
      const median = taken.toSorted((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY
      expect(median, `${taken.map((ms) => ms.toFixed(1)).join(', ')} ms`).toBeLessThan(100)
    })

    it('S-15 hears of everything that ends trust: accounts, networks, apps, everyone', async () => {
      const app = await anAppProcess(database.db, server.url)
      const blocked = await remembered(app)
      await blockAccount(database.db, blocked.account.id, { reason: 'stolen' }, TERMINAL)
      await refuses(app, blocked.token, 'blocked')

      const from = { ip: '203.0.113.99' }
      const inside = await remembered(app, from)
      const network = await blockNetwork(database.db, { network: '203.0.113.96/28', reason: 'attack' }, TERMINAL)
      if (network.status !== 'blocked') throw new Error(network.status)
      await refuses(app, inside.token, 'network-blocked', from)
      expect(await app.verify(inside.token, { ip: HERE })).toMatchObject({ status: 'active' })
      await liftBlock(database.db, network.block.id, null, TERMINAL)
      await vi.waitFor(
        async () => expect(await app.verify(inside.token, from)).toMatchObject({ status: 'active' }),
        soon,
      )

      const promoted = await remembered(app)
      await changeRole(database.db, promoted.account.id, 'viewer', TERMINAL)
      await vi.waitFor(
        async () => expect(await app.verify(promoted.token)).not.toMatchObject({ account: { role: 'person' } }),
        soon,
      )

      const ofApp = await remembered(app)
      const name = (await server.services.db.query.apps.findFirst({ where: (a, { eq: is }) => is(a.id, app.appId) }))
        ?.name
      await killSwitch(database.db, { app: app.appId }, 'leak', TERMINAL, { confirm: name ?? '' })
      await refuses(app, ofApp.token, 'ended')

      const anybody = await remembered(app)
      await killSwitch(database.db, 'everyone', 'leak', TERMINAL, { confirm: 'everyone' })
      await refuses(app, anybody.token, 'ended')
    })

    it('asks the database where the app says so, for what no log ever tells', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session, token } = await remembered(app)
      await database.db
        .update(sessions)
        .set({ endedAt: sql`now()`, endReason: 'revoked' })
        .where(eq(sessions.id, session.id))
      expect(await app.verify(token)).toMatchObject({ status: 'active' })
      expect(await app.verify(token, { fresh: true })).toEqual(denied('ended'))
    })

    it('S-60 denies everything within the bound once its own key is revoked, and says why', async () => {
      const appId = await anApp(database.db)
      const key = await aKey(database.db, { app: appId, scopes: ['sessions:verify'] })
      const failures: string[] = []
      const app = createVerifier({
        url: server.url,
        key: key.secret,
        onUnavailable: 'allow-cached',
        onFailure: ({ code, message }) => failures.push(`${code}: ${message}`),
      })
      await app.started
      const { token } = await aSession(database.db, { app: appId })
      expect(await app.verify(token)).toMatchObject({ status: 'active' })
      await revokeKey(database.db, key.id as KeyId, TERMINAL)
      await vi.waitFor(() => expect(app.verifyCached(token)).toEqual(denied('unavailable')), {
        ...soon,
        timeout: 2_000,
      })
      expect(await app.verify(token, { fresh: true })).toEqual(denied('unavailable'))
      expect(failures).toEqual([expect.stringMatching(/^key-refused: .*does not take this API key \(401: /)])
      await app.stop()
    })

    it('says of a key without the scope that it lacks it', async () => {
      const { secret } = await aKey(database.db, { app: await anApp(database.db), scopes: ['sessions:read'] })
      const failures: string[] = []
      const app = createVerifier({ url: server.url, key: secret, onFailure: ({ message }) => failures.push(message) })
      await vi.waitFor(
        () => expect(failures).toEqual([expect.stringContaining('It needs the scope sessions:verify')]),
        soon,
      )
      await app.stop()
      await app.started
    })

    it('tells uses within 5 s, by address, each counted once', async () => {
      const app = await anAppProcess(database.db, server.url)
      const from = { ip: HERE, userAgent: 'curl/8' }
      const { session } = await aSession(database.db, { app: app.appId, idleFor: '10 minutes' }).then(async (made) => {
        for (let i = 0; i < 3; i++) await app.verify(made.token, from)
        return made
      })
      const began = performance.now()
      const before = (await activityOf(session.id)).requests
      await vi.waitFor(async () => expect((await activityOf(session.id)).ago).toBeLessThan(6), {
        interval: 50,
        timeout: 6_000,
      })
      expect(performance.now() - began).toBeLessThan(5_000)
      expect(await activityOf(session.id)).toMatchObject({ ip: HERE, requests: before + 3 })
    })

    it('S-07 keeps no session from becoming idle by requests in the background', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session, token } = await aSession(database.db, { app: app.appId, idleFor: '10 minutes' })
      await app.verify(token, { ip: HERE, background: true })
      app.verifyCached(token, { ip: HERE, background: true })
      await app.stop()
      await server.services.touches.flush()
      expect((await activityOf(session.id)).ago).toBeGreaterThan(599)
    })

    it('S-12 brings no ended session back by a late use, and forgets it', async () => {
      const app = await anAppProcess(database.db, server.url)
      const { session, token } = await remembered(app, { ip: HERE })
      await revokeSession(database.db, session.id, TERMINAL, 'test')
      const before = await activityOf(session.id)
      await app.stop()
      expect(await activityOf(session.id)).toMatchObject({ ip: before.ip, requests: before.requests })
      expect(await server.services.verifier.verify(token, { fresh: true })).toEqual(denied('ended'))
    })

    it('is listed with its name, what it does when nobody can tell, and what it has applied', async () => {
      const app = await anAppProcess(database.db, server.url, { name: 'shop-1', onUnavailable: 'allow-cached' })
      const { session, token } = await remembered(app)
      await revokeSession(database.db, session.id, TERMINAL, 'test')
      await refuses(app, token, 'ended')
      const listed = () => server.services.node.processes.list().find(({ name }) => name === 'shop-1')
      await vi.waitFor(() => {
        expect(listed()).toMatchObject({ onUnavailable: 'allow-cached', leaseMs: 2_000, app: { id: app.appId } })
        expect(listed()?.position).toEqual(server.services.node.engine.follower.position)
      }, soon)
    })
  })
})
