import { and, eq, isNull, like, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AppId, BUILT_IN_APP, type SessionId } from '../../../src/db/ids.js'
import { handOvers } from '../../../src/db/schema/forward.js'
import { accounts, revocations, sessions } from '../../../src/db/schema.js'
import {
  challengeOf,
  offerHandOver,
  pruneHandOvers,
  takeHandOver,
  whyNotHandOver,
} from '../../../src/sessions/handOver.js'
import { killSwitch } from '../../../src/sessions/killSwitch.js'
import { findJob } from '../../../src/sessions/many/jobs.js'
import { revokeMatching } from '../../../src/sessions/many/revokeMatching.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeAccountSessions, revokeSession } from '../../../src/sessions/revoke.js'
import { startSession } from '../../../src/sessions/start.js'
import { anAccount, anApp, anOwner, aSession, type SessionOptions } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { multiply } from '../../support/manySessions.js'
import { atTheSameTime, lockRow, lockRowNow, whileItWaits } from '../accounts/interleave.js'

const to = (appId: AppId) => ({ host: 'wiki.example.com', appId, challenge: challengeOf('the browser’s secret') })
const client = () => ({ client: aClient() })

async function offered(db: Database, signIn: SessionOptions = {}) {
  const app = await anApp(db, { absoluteTimeout: 30 * 86_400 })
  const from = await aSession(db, signIn)
  return { app, ...from, code: await offerHandOver(db, from.session.id, to(app)) }
}

async function handedOver(db: Database, signIn: SessionOptions = {}) {
  const offer = await offered(db, signIn)
  const taken = await takeHandOver(db, offer.code, to(offer.app), client())
  return { ...offer, taken: taken.status === 'started' ? taken.session : expect.fail(taken.status) }
}

const stateOf = async (db: Database, id: SessionId) => (await findSession(db, id))?.state

describe('a sign-in that is handed over', () => {
  eachDatabase((database) => {
    it('becomes a session of the app that does not outlast it', async () => {
      const { session, taken, app } = await handedOver(database.db)
      expect(taken).toMatchObject({
        app: { id: app },
        account: { id: session.account.id },
        state: 'live',
        method: 'rollcall',
      })
      expect(taken.expiresAt.getTime()).toBeLessThanOrEqual(session.expiresAt.getTime())
    })

    it('is good once, within a minute, for that host, app and browser, and while the account may sign in', async () => {
      const { db } = database
      const { app, code, account } = await offered(db)
      const refused: Partial<ReturnType<typeof to>>[] = [
        { host: 'other.example.com' },
        { challenge: challengeOf('another secret') },
        { appId: await anApp(db) },
      ]
      for (const wrong of refused)
        expect((await takeHandOver(db, code, { ...to(app), ...wrong }, client())).status).toBe('gone')
      expect((await takeHandOver(db, code, to(app), client())).status).toBe('started')
      expect((await takeHandOver(db, code, to(app), client())).status).toBe('gone')

      const minute = await offered(db)
      await db
        .update(handOvers)
        .set({ expiresAt: sql`expires_at - interval '1 minute'` })
        .where(eq(handOvers.fromSession, minute.session.id))
      expect((await takeHandOver(db, minute.code, to(minute.app), client())).status).toBe('gone')

      const late = await offered(db)
      await db
        .update(handOvers)
        .set({ expiresAt: sql`now() - interval '2 hours'` })
        .where(eq(handOvers.fromSession, late.session.id))
      expect((await takeHandOver(db, late.code, to(late.app), client())).status).toBe('gone')
      await pruneHandOvers(db)
      expect(await db.$count(handOvers, eq(handOvers.fromSession, late.session.id))).toBe(0)
      expect(await db.$count(handOvers, eq(handOvers.accountId, account.id))).toBe(1)

      const blocked = await offered(db)
      await blockAccount(db, blocked.account.id, { reason: 'left' }, SYSTEM)
      expect((await takeHandOver(db, blocked.code, to(blocked.app), client())).status).toBe('gone')
    })

    it.each(['revoked', 'replaced'] as const)(
      'ends with the sign-in that it came from (%s), and only that way round',
      async (how) => {
        const { db } = database
        const { session, taken, account } = await handedOver(db)
        const other = await handedOver(db)
        await revokeSession(db, other.taken.id, SYSTEM, 'left')
        expect(await stateOf(db, other.session.id)).toBe('live')
        if (how === 'revoked') await revokeSession(db, session.id, SYSTEM, 'left')
        else
          await startSession(db, {
            account,
            appId: session.app.id,
            ...client(),
            method: 'password',
            replaces: session.id,
          })
        expect((await findSession(db, taken.id))?.end?.reason).toBe(how)
      },
    )

    it('is not handed over a second time, without a word, where somebody ended the first', async () => {
      const { db } = database
      const { session, taken, app } = await handedOver(db)
      expect(await whyNotHandOver(db, session.id, app)).toBeUndefined()
      await revokeSession(db, taken.id, SYSTEM, 'stolen')
      expect(await whyNotHandOver(db, session.id, app)).toBe('revoked')
      expect(await whyNotHandOver(db, session.id, await anApp(db))).toBeUndefined()
    })

    it.each<[string, (db: Database, of: Awaited<ReturnType<typeof handedOver>>) => Promise<unknown>]>([
      [
        'all of the app',
        (db, { app, taken }) => killSwitch(db, { app }, 'breach', SYSTEM, { confirm: taken.app.name }),
      ],
      ['all that match', (db, { app, account }) => revokeMatching(db, { app, account: account.id }, SYSTEM, 'breach')],
    ])('is not handed over a second time where it ended with %s, nor before its row is marked', async (_, end) => {
      const { db } = database
      const first = await handedOver(db)
      await multiply(db, first.taken, 600)
      await end(db, first)
      expect(await db.$count(sessions, and(eq(sessions.id, first.taken.id), isNull(sessions.endedAt)))).toBe(1)
      expect(await stateOf(db, first.session.id)).toBe('live')
      expect(await whyNotHandOver(db, first.session.id, first.app)).toBe('revoked')
    })

    it('S-35 stays, with what it was handed over to, where all that match end but it is the actor’s own or out of their reach', async () => {
      const { db } = database
      const ip = '198.51.100.88'
      const own = await handedOver(db, { ip, account: await anAccount(db, { role: 'responder' }) })
      const owners = await handedOver(db, { ip, account: await anOwner(db) })
      const persons = await handedOver(db, { ip })
      const signedOut = await handedOver(db, { ip })
      await revokeSession(db, signedOut.taken.id, SYSTEM, null)
      const { id, name } = own.account
      const by = { kind: 'account', id, name, sessionId: own.session.id, ip } as const
      const answer = await revokeMatching(db, { ip, app: BUILT_IN_APP }, by, 'left', { except: own.session.id })
      const job = answer.status === 'done' ? answer.job : expect.fail(answer.status)
      for (const { session, taken } of [own, owners])
        expect([await stateOf(db, session.id), await stateOf(db, taken.id)]).toEqual(['live', 'live'])
      expect([await stateOf(db, persons.session.id), await stateOf(db, persons.taken.id)]).toEqual(['ended', 'ended'])
      expect((await findJob(db, job))?.set, 'what was over before is not counted').toMatchObject({
        total: 3,
        refused: 1,
        spared: 1,
      })
    })
  })

  eachPostgres((database) => {
    it('S-13 leaves nothing alive when the sign-in ends at the same moment', async () => {
      const nodes = await database.twoConnections()
      const { session, code, app } = await offered(nodes[0])
      const [taken] = await atTheSameTime(
        nodes,
        (tx) => takeHandOver(tx, code, to(app), client()),
        (db) => revokeSession(db, session.id, SYSTEM, 'left'),
      )
      if (taken.status !== 'started') return expect.fail(taken.status)
      expect(await stateOf(nodes[1], taken.session.id)).toBe('ended')
    })

    it('S-13 S-15 is told of in the log when all that match a filter end at the same moment', async () => {
      const nodes = await database.twoConnections()
      const { code, app, account } = await offered(nodes[0])
      const filter = { app: BUILT_IN_APP, account: account.id }
      const [taken] = await atTheSameTime(
        nodes,
        (tx) => takeHandOver(tx, code, to(app), client()),
        (db) => revokeMatching(db, filter, SYSTEM, 'left'),
      )
      if (taken.status !== 'started') return expect.fail(taken.status)
      expect(await stateOf(nodes[1], taken.session.id)).toBe('ended')
      expect(await nodes[1].$count(revocations, like(revocations.target, `%${taken.session.id}%`))).toBe(1)
    })

    it('S-13 waits for "Sign out everywhere" without holding what that ends, and is over with it', async () => {
      const nodes = await database.twoConnections()
      const { session, code, app, account } = await offered(nodes[0])
      const taken = await whileItWaits(
        nodes,
        (tx) => lockRow(tx, accounts, account.id),
        (db) => takeHandOver(db, code, to(app), client()),
        async (tx) => {
          await lockRowNow(tx, sessions, session.id)
          expect(await revokeAccountSessions(tx, account.id, SYSTEM, 'stolen')).toBe(1)
        },
      )
      expect(taken).toEqual({ status: 'gone' })
    })
  })
})
