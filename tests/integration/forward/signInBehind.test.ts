import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { changeSettings, readSettings } from '../../../src/accounts/settings.js'
import type { Role } from '../../../src/accounts/types.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AppId, BUILT_IN_APP, type SessionId } from '../../../src/db/ids.js'
import { apps, revocations } from '../../../src/db/schema.js'
import { challengeOf, offerHandOver, takeHandOver } from '../../../src/sessions/handOver.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { findJob } from '../../../src/sessions/many/jobs.js'
import { markEndings } from '../../../src/sessions/many/markEndings.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import { findSession, placeOf } from '../../../src/sessions/read.js'
import { touchSessions } from '../../../src/sessions/touch.js'
import { useApp } from '../../support/app.js'
import { age, anAccount, anApp, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { useForwardAuth, usualHost } from '../../support/forwardAuth.js'
import { multiply } from '../../support/manySessions.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { atTheSameTime } from '../accounts/interleave.js'
import { aKey, send } from '../api/client.js'

const IP = '203.0.113.34'
/** More than are marked within an act. */
const CROWD = 30

const to = (appId: AppId) => ({ host: usualHost(appId), appId, challenge: challengeOf('the browser’s secret') })
const take = (db: Database, code: string, appId: AppId) =>
  takeHandOver(db, code, to(appId), { client: aClient({ ip: IP }) })

/** A sign-in at Rollcall, and the session of an app that it was handed over to. */
async function handedOver(db: Database, appId: AppId, role: Role = 'person') {
  const from = await aSession(db, { account: await anAccount(db, { role }), ip: IP })
  const taken = await take(db, await offerHandOver(db, from.session.id, to(appId)), appId)
  if (taken.status !== 'started') return expect.fail(taken.status)
  return { signIn: from.session, account: from.account, session: taken.session, token: taken.token }
}

const endOf = async (db: Database, id: SessionId) => (await findSession(db, id))?.end
const isLive = async (db: Database, id: SessionId) => (await findSession(db, id))?.state === 'live'

const nameOfBuiltIn = async (db: Database) =>
  (await db.select({ name: apps.name }).from(apps).where(eq(apps.id, BUILT_IN_APP)))[0]?.name ?? ''

describe('S-10 a session of a protected host is over with the sign-in at Rollcall that it came from', () => {
  eachDatabase((database) => {
    const app = useApp(database, { ROLLCALL_TRUSTED_PROXIES: '127.0.0.0/8' })
    const { aHost, verify, nudge } = useForwardAuth(database, app)
    const call = async (method: string, path: string, body?: unknown, key?: string) =>
      send(app.url, method, path, { key: key ?? (await aKey(database.db)).secret, body })

    /** Let in from memory, by the time this returns. */
    async function letIn(role?: Role) {
      const { host, appId } = await aHost()
      const made = await handedOver(database.db, appId, role)
      const status = async () => (await verify(host, { token: made.token })).status
      expect(await status()).toBe(200)
      return { ...made, host, appId, status }
    }

    it('when a filter matched that sign-in alone: previewed, ended, counted and received as one act', async () => {
      const { db } = database
      const { account, session, signIn, status } = await letIn()
      const other = await letIn()
      const filter = { account: account.id, app: BUILT_IN_APP }
      expect((await call('POST', '/sessions/revoke', { filter, reason: 'stolen', dryRun: true })).json.count).toBe(2)
      const revoked = await call('POST', '/sessions/revoke', { filter, reason: 'stolen' })
      expect(revoked.status).toBe(202)
      await nudge()
      expect([await status(), await other.status()]).toEqual([401, 200])
      const job = await findJob(db, revoked.json.job.id)
      expect(job?.set?.total).toBe(2)
      for (const id of [session.id, signIn.id])
        expect(await endOf(db, id)).toMatchObject({ reason: 'revoked', note: 'stolen', position: job?.position })
    })

    it('when the kill switch ended the app Rollcall, before a row is marked, in one entry of the log', async () => {
      const { db } = database
      const { signIn, session, status } = await letIn()
      await multiply(db, signIn, CROWD)
      const logged = await db.$count(revocations)
      const killed = await call('POST', '/kill-switch', {
        app: BUILT_IN_APP,
        reason: 'breach',
        confirm: await nameOfBuiltIn(db),
      })
      expect(killed.status).toBeLessThan(300)
      await nudge()
      expect(await status()).toBe(401)
      expect(await isLive(db, session.id)).toBe(false)
      expect((await db.$count(revocations)) - logged).toBeLessThanOrEqual(2)
      // The server's own loop may be at it, and then this call has nothing to do.
      await markEndings(db)
      const ends = async () => [await endOf(db, session.id), await endOf(db, signIn.id)]
      const asKilled = { reason: 'kill-switch', note: 'breach' }
      await expect.poll(ends, { timeout: 10_000 }).toMatchObject([asKilled, asKilled])
      const [end, behind] = await ends()
      expect(end?.position).toEqual(behind?.position)
    })

    it('but lives on with the owner’s own, which the kill switch spared', async () => {
      const { db } = database
      const { session, account, signIn, status } = await letIn('owner')
      const { id, name } = account
      const by = { kind: 'account', id, name, sessionId: signIn.id, ip: IP } as const
      await killSwitch(db, { app: BUILT_IN_APP }, 'breach', by, { confirm: await nameOfBuiltIn(db) })
      await nudge()
      expect([await status(), await isLive(db, session.id)]).toEqual([200, true])
    })

    it('S-06 when that went idle: a person’s use of the host keeps it alive, a timer’s does not', async () => {
      const { db } = database
      const { host, token, signIn, session, status } = await letIn()
      await age(db, signIn, { idleFor: '23 hours' })
      await age(db, session, { idleFor: '1 hour' })
      const idleFor = async () => Date.now() - ((await findSession(db, signIn.id))?.lastSeenAt.getTime() ?? 0)
      await app.services.touches.flush()
      await age(db, signIn, { idleFor: '23 hours' })
      await verify(host, { token, headers: { 'rollcall-background': '1', 'x-forwarded-for': '203.0.113.98' } })
      await app.services.touches.flush()
      expect(await idleFor()).toBeGreaterThan(22 * 3_600_000)
      await verify(host, { token, headers: { 'x-forwarded-for': '203.0.113.99' } })
      await app.services.touches.flush()
      expect(await idleFor()).toBeLessThan(600_000)
      expect((await findSession(db, signIn.id))?.lastIp).toBe(IP)
      expect(await status()).toBe(200)
    })

    it('S-06 when a person’s went idle', async () => {
      const { db } = database
      const { host, token, signIn, session } = await letIn()
      await app.services.touches.flush()
      await age(db, signIn, { idleFor: '25 hours' })
      const at = (await findSession(db, signIn.id))?.end?.at
      expect(await endOf(db, session.id)).toMatchObject({ reason: 'idle', at })
      await sweepSessions(db)
      await nudge()
      expect((await verify(host, { token })).status).toBe(401)
      expect(await endOf(db, session.id)).toMatchObject({ reason: 'idle', by: { kind: 'system' } })
      expect(await db.$count(revocations, sql`target = ${session.id}`)).toBe(1)
    })

    it('S-06 when that went idle, which no memory keeps: a use that is on its way to the database takes it back', async () => {
      const { db } = database
      const { token, signIn, session } = await letIn()
      const { engine } = app.services.node
      const check = async () => engine.verify(token)
      await app.services.touches.flush()
      await age(db, signIn, { idleFor: '24 hours 5 seconds' })
      await age(db, session, { idleFor: '1 hour' })
      engine.forget(session.id)
      expect(await check()).toEqual({ status: 'denied', reason: 'idle' })
      await touchSessions(db, [{ id: session.id, secondsAgo: 8, ip: IP, requests: 1 }], () => placeOf(IP, {}))
      expect(await check()).toMatchObject({ status: 'active' })
      expect(await isLive(db, session.id)).toBe(true)
    })

    it.each([
      ['person', 'absoluteTimeout'],
      ['viewer', 'adminAbsoluteTimeout'],
    ] as const)('S-06 at once when a shorter policy ended that of a %s, before any sweep', async (role, timeout) => {
      const { db } = database
      const { absoluteTimeout, adminAbsoluteTimeout } = await readSettings(db)
      await changeSettings(db, { adminAbsoluteTimeout: 2 * 86_400 }, SYSTEM)
      const { host, token, signIn, session } = await letIn(role)
      await app.services.touches.flush()
      await db.execute(sql`update sessions set created_at = created_at - interval '30 hours' where id = ${signIn.id}`)
      await changeSettings(db, { [timeout]: 25 * 3_600 }, SYSTEM)
      await nudge()
      const answers = [
        (await verify(host, { token })).status,
        await isLive(db, signIn.id),
        await isLive(db, session.id),
      ]
      await changeSettings(db, { absoluteTimeout, adminAbsoluteTimeout }, SYSTEM)
      expect(answers).toEqual([401, false, false])
    })

    it('S-12 when that seems idle and a filter ended it alone: no use that is told late brings it back', async () => {
      const { db } = database
      const { token, signIn, session, appId } = await letIn()
      await app.services.touches.flush()
      await age(db, signIn, { idleFor: '24 hours 30 seconds' })
      const ended = await revokeMatching(db, { app: appId, ip: IP }, SYSTEM, 'stolen')
      expect(ended.status).toBe('done')
      const late = { id: session.id, secondsAgo: 45, ip: IP, requests: 1 }
      expect(await touchSessions(db, [late], () => placeOf(IP, {}))).toEqual([session.id])
      await nudge()
      expect((await app.services.node.engine.verify(token)).status).toBe('denied')
      expect(await isLive(db, session.id)).toBe(false)
      expect(await endOf(db, session.id)).toMatchObject({ reason: 'idle', note: null })
    })

    it('S-07 but not when an admin’s did: no use of a host keeps the panel open, and its session goes on by its own timeouts', async () => {
      const { db } = database
      const { host, token, signIn, session, status } = await letIn('viewer')
      await app.services.touches.flush()
      await age(db, signIn, { idleFor: '14 minutes' })
      await verify(host, { token, headers: { 'x-forwarded-for': '203.0.113.99' } })
      await app.services.touches.flush()
      expect(Date.now() - ((await findSession(db, signIn.id))?.lastSeenAt.getTime() ?? 0)).toBeGreaterThan(800_000)

      await age(db, signIn, { idleFor: '16 minutes' })
      await sweepSessions(db)
      await nudge()
      expect(await endOf(db, signIn.id)).toMatchObject({ reason: 'idle' })
      expect([await status(), await isLive(db, session.id)]).toEqual([200, true])

      await killSwitch(db, { app: BUILT_IN_APP }, 'breach', SYSTEM, { confirm: await nameOfBuiltIn(db) })
      await nudge()
      expect([await status(), await isLive(db, session.id)], 'what ends all of Rollcall ends it').toEqual([401, false])
    })

    it('memory asks the database once the sign-in may have gone idle, long before the session’s own end', async () => {
      const { appId } = await aHost()
      const { token, signIn } = await handedOver(database.db, appId)
      await age(database.db, signIn, { idleFor: '23 hours 50 minutes' })
      const key = (await aKey(database.db, { app: appId, scopes: ['sessions:verify'] })).secret
      const { position } = (await call('GET', '/revocations', undefined, key)).json
      const checked = await call('POST', '/sessions/verify', { token, position }, key)
      expect(checked.json.memory.expiresInMs).toBeGreaterThan(0)
      expect(checked.json.memory.expiresInMs).toBeLessThanOrEqual(10 * 60_000)
    })
  })

  eachPostgres((database) => {
    const byFilter = (db: Database, account: Awaited<ReturnType<typeof handedOver>>['account']) =>
      revokeMatching(db, { account: account.id, app: BUILT_IN_APP }, SYSTEM, 'stolen')
    async function offered(db: Database) {
      const appId = await anApp(db)
      const { session, account } = await aSession(db)
      return { appId, session, account, code: await offerHandOver(db, session.id, to(appId)) }
    }

    it('S-13 a filter that comes while one is handed over finds it, and one that came first leaves nothing to hand over', async () => {
      const nodes = await database.twoConnections()
      const one = await offered(nodes[0])
      const [taken] = await atTheSameTime(
        nodes,
        (tx) => take(tx, one.code, one.appId),
        (db) => byFilter(db, one.account),
      )
      if (taken.status !== 'started') return expect.fail(taken.status)
      expect(await endOf(nodes[1], taken.session.id)).toMatchObject({ reason: 'revoked', note: 'stolen' })

      const other = await offered(nodes[0])
      const [, late] = await atTheSameTime(
        nodes,
        (tx) => byFilter(tx, other.account),
        (db) => take(db, other.code, other.appId),
      )
      expect(late.status).toBe('gone')
    })

    it.each([0, CROWD])('S-13 so does the kill switch of Rollcall, with %i more sign-ins', async (more) => {
      const nodes = await database.twoConnections()
      const kill = async (db: Database) =>
        killSwitch(db, { app: BUILT_IN_APP }, 'breach', SYSTEM, { confirm: await nameOfBuiltIn(db) })
      const one = await offered(nodes[0])
      const other = await offered(nodes[0])
      if (more) await multiply(nodes[0], one.session, more)
      const [taken] = await atTheSameTime(nodes, (tx) => take(tx, one.code, one.appId), kill)
      if (taken.status !== 'started') return expect.fail(taken.status)
      expect(await isLive(nodes[1], taken.session.id)).toBe(false)
      expect((await take(nodes[0], other.code, other.appId)).status).toBe('gone')
      await markEndings(nodes[0])
      expect((await endOf(nodes[1], taken.session.id))?.reason).toBe('kill-switch')
    })
  })
})
