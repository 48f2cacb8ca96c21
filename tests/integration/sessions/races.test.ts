import { eq, inArray, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { type Database, rowsOf } from '../../../src/db/connect.js'
import { BUILT_IN_APP } from '../../../src/db/ids.js'
import {
  auditEvents,
  revocations,
  sessionActivity,
  sessionAddresses,
  sessions,
  settings,
} from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession, revokeUnrecognised } from '../../../src/sessions/revoke.js'
import { startSession } from '../../../src/sessions/start.js'
import { createTouchBuffer, touchSessions } from '../../../src/sessions/touch.js'
import { anAccount, anApp, aSession, type TestAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { aVerifier } from '../../support/verifier.js'
import { atTheSameTime } from '../accounts/interleave.js'

const nowhere = () =>
  ({
    kind: 'unknown',
    country: null,
    region: null,
    city: null,
    latitude: null,
    longitude: null,
    asn: null,
    networkOwner: null,
  }) as const
const fail = (error: unknown) => {
  throw error
}

describe('ended means ended', () => {
  eachDatabase((database) => {
    it('S-12 a late touch does not bring an ended session back, and says so', async () => {
      const { session, token } = await aSession(database.db)
      await revokeSession(database.db, session.id, SYSTEM, 'test')
      const before = await database.db.select().from(sessionActivity).where(eq(sessionActivity.sessionId, session.id))
      const ended = await touchSessions(
        database.db,
        [{ id: session.id, secondsAgo: 0, ip: '198.51.100.9', requests: 3 }],
        nowhere,
      )
      expect(ended).toEqual([session.id])
      expect(await database.db.select().from(sessionActivity).where(eq(sessionActivity.sessionId, session.id))).toEqual(
        before,
      )
      expect(
        await database.db.select().from(sessionAddresses).where(eq(sessionAddresses.sessionId, session.id)),
      ).toEqual([])
      expect(await aVerifier(database.db, fail).verify(token)).toEqual({ status: 'denied', reason: 'ended' })
    })

    it('S-12 a touch that was noted before the revocation and written after it changes nothing', async () => {
      const { session, token } = await aSession(database.db)
      const buffer = createTouchBuffer((ask) => ask(database.db), nowhere, fail)
      buffer.note(session.id, '198.51.100.9')
      await revokeSession(database.db, session.id, SYSTEM, 'test')
      await buffer.flush()
      expect((await findSession(database.db, session.id))?.lastIp).toBe(session.lastIp)
      expect(await aVerifier(database.db, fail).verify(token)).toEqual({ status: 'denied', reason: 'ended' })
    })

    it('S-12 a session that has become idle is not brought back by a touch before the sweeper marks it', async () => {
      const { session, token } = await aSession(database.db, { idleFor: '25 hours' })
      const touch = (secondsAgo: number) =>
        touchSessions(database.db, [{ id: session.id, secondsAgo, ip: null, requests: 1 }], nowhere)
      expect(await touch(0)).toEqual([session.id])
      expect(await aVerifier(database.db, fail).verify(token)).toEqual({ status: 'denied', reason: 'idle' })
      // A use while it was still live that is told late, by an app's batch, counts.
      expect(await touch(2 * 3_600)).toEqual([])
      expect((await aVerifier(database.db, fail).verify(token)).status).toBe('active')
    })

    it('a session that moves out of a blocked network is seen there again', async () => {
      const { session } = await aSession(database.db, { ip: '192.88.5.5' })
      await blockNetwork(database.db, { network: '192.88.5.0/24', reason: 'test' }, SYSTEM)
      const from = (ip: string) =>
        touchSessions(database.db, [{ id: session.id, secondsAgo: 0, ip, requests: 1 }], nowhere)
      expect(await from('192.88.5.6')).toEqual([session.id])
      expect(await from('192.88.6.6')).toEqual([])
      expect(await findSession(database.db, session.id)).toMatchObject({ state: 'live', lastIp: '192.88.6.6' })
    })

    it('S-13 a sign-in whose credentials were checked before the block gets no session after it', async () => {
      const account = await anAccount(database.db)
      await blockAccount(database.db, account.id, { reason: 'stolen' }, SYSTEM)
      const started = await startSession(database.db, {
        account: { id: account.id, generation: account.generation },
        appId: BUILT_IN_APP,
        client: aClient(),
        method: 'password',
      })
      expect(started).toEqual({ status: 'blocked', why: 'account' })
      expect(await database.db.select().from(sessions).where(eq(sessions.accountId, account.id))).toEqual([])
    })

    it('S-13 a sign-in whose credentials were checked before its network was blocked gets no session after it', async () => {
      const account = await anAccount(database.db)
      await blockNetwork(database.db, { network: '192.88.9.0/24', reason: 'attack' }, SYSTEM)
      expect(await startSession(database.db, signInOf(account, '192.88.9.9'))).toEqual({
        status: 'blocked',
        why: 'network',
      })
      expect(await startSession(database.db, signInOf(account, '192.88.10.9'))).toMatchObject({ status: 'started' })
    })

    it('two revokes of one session leave one audit event, and the first reason and actor', async () => {
      const { session } = await aSession(database.db)
      await revokeSession(database.db, session.id, SYSTEM, 'first')
      const again = await revokeSession(
        database.db,
        session.id,
        { kind: 'terminal', name: 'Server terminal' },
        'second',
      )
      expect(again?.end).toMatchObject({ reason: 'revoked', note: 'first', by: { kind: 'system' } })
      const events = await database.db.select().from(auditEvents).where(eq(auditEvents.sessionId, session.id))
      expect(events.filter((event) => event.action === 'session.revoked')).toHaveLength(1)
    })

    it('ending is one transaction: the row, the revocation log and the audit event are there together or not at all', async () => {
      const { session } = await aSession(database.db)
      const undone = database.db.transaction(async (tx) => {
        await revokeSession(tx, session.id, SYSTEM, 'test')
        throw new Error('the connection broke')
      })
      await expect(undone).rejects.toThrow('the connection broke')
      const log = () => database.db.select().from(revocations).where(eq(revocations.target, session.id))
      expect(await log()).toEqual([])
      expect((await findSession(database.db, session.id))?.state).toBe('live')
      await revokeSession(database.db, session.id, SYSTEM, 'test')
      expect(await log()).toMatchObject([{ kind: 'session', target: session.id }])
    })

    it('S-08 one sign-in beyond the limit ends the oldest session, with its reason', async () => {
      await database.db.update(settings).set({ sessionLimit: 2 })
      try {
        const first = await aSession(database.db)
        const { account } = first
        await aSession(database.db, { account })
        await aSession(database.db, { account })
        expect((await findSession(database.db, first.session.id))?.end).toMatchObject({
          reason: 'limit',
          by: { kind: 'system' },
        })
        const rest = await database.db
          .select()
          .from(sessions)
          .where(sql`${sessions.accountId} = ${account.id} and ${sessions.endedAt} is null`)
        expect(rest).toHaveLength(2)
      } finally {
        await database.db.update(settings).set({ sessionLimit: 100 })
      }
    })

    it('S-38 a token of one app is unknown to another', async () => {
      const { token } = await aSession(database.db)
      const verifier = aVerifier(database.db, fail)
      const other = '01900000-0000-7000-8000-000000000002' as typeof BUILT_IN_APP
      expect(await verifier.verify(token, { appId: other })).toEqual({ status: 'denied', reason: 'unknown' })
      expect((await verifier.verify(token, { appId: BUILT_IN_APP })).status).toBe('active')
    })

    it('S-01 a wrong secret for a known session id is unknown', async () => {
      const one = await aSession(database.db)
      const other = await aSession(database.db)
      const mixed = one.token.slice(0, 26) + other.token.slice(26)
      expect(await aVerifier(database.db, fail).verify(mixed)).toEqual({ status: 'denied', reason: 'unknown' })
    })
  })

  eachPostgres((database) => {
    it('a session that is not recognised twice at once opens one detection', async () => {
      const account = await anAccount(database.db)
      const [here, stranger] = [await aSession(database.db, { account }), await aSession(database.db, { account })]
      const by = { kind: 'account', id: account.id, name: account.name, sessionId: here.session.id, ip: null } as const
      const press = (db: Database) => revokeUnrecognised(db, stranger.session.id, by, { accountId: account.id })
      const [first, second] = await atTheSameTime(await database.twoConnections(), press, press)
      expect([first?.state, second?.state]).toEqual(['ended', 'ended'])
      const told = await database.db.select().from(auditEvents).where(eq(auditEvents.accountId, account.id))
      expect(told.filter(({ action }) => action === 'detection.opened')).toHaveLength(1)
    })

    it('S-13 a block of the network that commits while the sign-in waits for it voids the sign-in', async () => {
      const [admin, node] = await database.twoConnections()
      const account = await anAccount(database.db)
      let signIn: ReturnType<typeof startSession> | undefined
      await admin.transaction(async (tx) => {
        await blockNetwork(tx, { network: '192.88.11.0/24', reason: 'attack', endSessions: true }, SYSTEM)
        signIn = startSession(node, signInOf(account, '192.88.11.9'))
        await untilSomebodyWaits(database.db)
      })
      expect(await signIn).toEqual({ status: 'blocked', why: 'network' })
    })

    it('S-13 a sign-in that commits while the block of its network waits for it is ended by the block', async () => {
      const [admin, node] = await database.twoConnections()
      const account = await anAccount(database.db)
      let blocking: ReturnType<typeof blockNetwork> | undefined
      await node.transaction(async (tx) => {
        await startSession(tx, signInOf(account, '192.88.12.9'))
        blocking = blockNetwork(admin, { network: '192.88.12.0/24', reason: 'attack', endSessions: true }, SYSTEM)
        await untilSomebodyWaits(database.db)
      })
      expect(await blocking).toMatchObject({ status: 'blocked', ended: 1 })
      const [row] = await database.db.select().from(sessions).where(eq(sessions.accountId, account.id))
      expect(row?.endReason).toBe('network-blocked')
    })

    it('S-13 two sign-ins do not wait for one another to look at the blocks', async () => {
      const [one, other] = await database.twoConnections()
      const [ada, bob] = [await anAccount(database.db), await anAccount(database.db)]
      await one.transaction(async (tx) => {
        await startSession(tx, signInOf(ada, '192.88.13.9'))
        expect(await startSession(other, signInOf(bob, '192.88.13.9'))).toMatchObject({ status: 'started' })
      })
    })

    it('S-13 a block that commits while the sign-in waits for it voids the sign-in', async () => {
      const [admin, node] = await database.twoConnections()
      const account = await anAccount(database.db)
      let signIn: ReturnType<typeof startSession> | undefined
      await admin.transaction(async (tx) => {
        await blockAccount(tx, account.id, { reason: 'stolen' }, SYSTEM)
        signIn = startSession(node, {
          account: { id: account.id, generation: account.generation },
          appId: BUILT_IN_APP,
          client: aClient(),
          method: 'password',
        })
        await untilSomebodyWaits(database.db)
      })
      expect(await signIn).toEqual({ status: 'blocked', why: 'account' })
    })

    it('S-13 a sign-in that commits while the block waits for it is ended by the block', async () => {
      const [admin, node] = await database.twoConnections()
      const account = await anAccount(database.db)
      let blocking: Promise<unknown> | undefined
      const token = await node.transaction(async (tx) => {
        const started = await startSession(tx, {
          account: { id: account.id, generation: account.generation },
          appId: BUILT_IN_APP,
          client: aClient(),
          method: 'password',
        })
        blocking = blockAccount(admin, account.id, { reason: 'stolen' }, SYSTEM)
        await untilSomebodyWaits(database.db)
        return started.status === 'started' ? started.token : ''
      })
      await blocking
      expect(await aVerifier(database.db, fail).verify(token)).toEqual({ status: 'denied', reason: 'blocked' })
      const [row] = await database.db.select().from(sessions).where(eq(sessions.accountId, account.id))
      expect(row?.endReason).toBe('blocked')
    })

    it('S-13 a sign-in that commits while the app signs its person out everywhere is ended by that', async () => {
      const account = await anAccount(database.db)
      const app = await anApp(database.db)
      const signIn = { ...signInOf(account, '192.88.14.9'), appId: app }
      const [started, ended] = await atTheSameTime(
        await database.twoConnections(),
        (tx) => startSession(tx, signIn),
        (db) => revokeAccountSessions(db, account.id, SYSTEM, 'left', { scope: { appId: app } }),
      )
      expect(started.status).toBe('started')
      expect(ended).toBe(1)
    })

    it('S-13 a row that slipped past every lock is dead on arrival by its generation', async () => {
      const { session, token, account } = await aSession(database.db)
      await blockAccount(database.db, account.id, { reason: 'stolen' }, SYSTEM)
      // As if the insert had committed after the block, and the block had been lifted since.
      await database.db.update(sessions).set({ endedAt: null, endReason: null }).where(eq(sessions.id, session.id))
      await database.db.execute(sql`update blocks set lifted_at = now() where account_id = ${account.id}`)
      expect(await aVerifier(database.db, fail).verify(token)).toEqual({ status: 'denied', reason: 'ended' })
      expect((await findSession(database.db, session.id))?.state).toBe('ended')
    })

    it('S-12 a touch that waits for the revocation to commit finds the session ended', async () => {
      const [admin, node] = await database.twoConnections()
      const { session } = await aSession(database.db)
      let touching: Promise<unknown> | undefined
      await admin.transaction(async (tx) => {
        await tx.execute(sql`select 1 from session_activity where session_id = ${session.id} for update`)
        touching = touchSessions(node, [{ id: session.id, secondsAgo: 0, ip: null, requests: 1 }], nowhere)
        await untilSomebodyWaits(database.db)
        await revokeSession(tx, session.id, SYSTEM, 'test')
      })
      await touching
      expect((await findSession(database.db, session.id))?.state).toBe('ended')
    })

    it('S-74 touches of the same sessions from two nodes do not lock each other out, in whatever order the rows are found', async () => {
      const sessionsOfBoth = [await aSession(database.db), await aSession(database.db)].map(({ session }) => session.id)
      const [first = expect.fail()] = sessionsOfBoth
      const used = sql`update session_activity set requests = requests where session_id = ${first}`
      // In the table the first one now stands behind the second.
      await database.db.execute(used)
      const touches = sessionsOfBoth.map((id) => ({ id, secondsAgo: 0, ip: null, requests: 1 }))
      const [one, other] = await database.twoConnections()
      const touching = (db: Database, without: string[]) => {
        let tell: (pid: number) => void
        const pid = new Promise<number>((resolve) => {
          tell = resolve
        })
        const done = db.transaction(async (tx) => {
          for (const way of without) await tx.execute(sql`select set_config(${`enable_${way}`}, 'off', true)`)
          tell(rowsOf<{ pid: number }>(await tx.execute(sql`select pg_backend_pid() as pid`))[0]?.pid ?? 0)
          return touchSessions(tx, touches, nowhere)
        })
        return { pid, done }
      }
      let both: Promise<unknown> | undefined
      await database.db.transaction(async (tx) => {
        await tx.execute(used)
        const byId = touching(one, ['hashjoin', 'mergejoin', 'seqscan'])
        await untilItWaits(tx, await byId.pid)
        const byPlace = touching(other, ['nestloop', 'mergejoin', 'indexscan', 'bitmapscan'])
        both = Promise.all([byId.done, byPlace.done])
        both.catch(() => {})
        await untilItWaits(tx, await byPlace.pid)
      })
      expect(await both).toEqual([[], []])
      const counted = await database.db
        .select({ requests: sessionActivity.requests })
        .from(sessionActivity)
        .where(inArray(sessionActivity.sessionId, sessionsOfBoth))
      expect(counted.map(({ requests }) => Number(requests))).toEqual([3, 3])
    })
  })
})

async function untilItWaits(db: Database, pid: number) {
  for (;;) {
    const [row] = rowsOf<{ waits: boolean }>(
      await db.execute(sql`select cardinality(pg_blocking_pids(${pid}::int)) > 0 as waits`),
    )
    if (row?.waits) return
  }
}

const signInOf = (account: TestAccount, ip: string) => ({
  account: { id: account.id, generation: account.generation },
  appId: BUILT_IN_APP,
  client: aClient({ ip }),
  method: 'password',
})

/** Polls the lock table itself: returns the moment a transaction waits for another. */
async function untilSomebodyWaits(db: Parameters<typeof findSession>[0]) {
  for (;;) {
    const [row] = rowsOf<{ waiting: number }>(
      await db.execute(sql`select count(*)::int as waiting from pg_locks where not granted`),
    )
    if ((row?.waiting ?? 0) > 0) return
  }
}
