import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { createApp, findApp } from '../../../src/accounts/apps/apps.js'
import { changeApp, disableApp, enableApp } from '../../../src/accounts/apps/changeApp.js'
import { findKeyBySecret } from '../../../src/accounts/apps/keys.js'
import { replaceKey } from '../../../src/accounts/apps/replaceKey.js'
import { findAccountByEmail } from '../../../src/accounts/read.js'
import { startVouchedSession } from '../../../src/accounts/vouched.js'
import { listAudit } from '../../../src/audit/list.js'
import { type Actor, SYSTEM } from '../../../src/audit/types.js'
import type { Database } from '../../../src/db/connect.js'
import { type AppId, BUILT_IN_APP } from '../../../src/db/ids.js'
import { revocations, sessions } from '../../../src/db/schema.js'
import { startSession } from '../../../src/sessions/start.js'
import { acting, anAccount, anApp, anOwner, aSession } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { sweepSessions } from '../../support/sweepSessions.js'
import { aVerifier } from '../../support/verifier.js'
import { aKey } from '../api/client.js'
import { atTheSameTime } from './interleave.js'

const verdictOf = async (db: Database, token: string) => (await aVerifier(db, () => {}).verify(token)).status

describe('an app', () => {
  eachDatabase((database) => {
    const logOf = async (id: AppId) =>
      (await database.db.select().from(revocations).where(eq(revocations.target, id))).map(({ kind }) => kind)

    it('that is disabled has no session left and gets no new one; its keys go on', async () => {
      const { db } = database
      const app = await anApp(db, { name: 'Billing' })
      const { token, account } = await aSession(db, { app })
      const elsewhere = await aSession(db)
      const key = await aKey(db, { app, scopes: ['sessions:verify'] })
      expect(await disableApp(db, app, 'breach', SYSTEM)).toMatchObject({ status: 'changed', ended: 1 })

      expect(await verdictOf(db, token)).toBe('denied')
      expect(await verdictOf(db, elsewhere.token)).toBe('active')
      const signIn = { account, appId: app, client: aClient(), method: 'password' }
      expect(await startSession(db, signIn)).toEqual({ status: 'blocked', why: 'app' })
      const by: Actor = { kind: 'key', id: key.id, name: 'Billing', ip: null }
      const vouched = { ...signIn, account: { email: 'new.here@example.com' } }
      expect(await startVouchedSession(db, vouched, by)).toEqual({ status: 'blocked', why: 'app' })
      expect(await findAccountByEmail(db, 'new.here@example.com'), 'nor is an account made').toBeUndefined()
      const { items } = await listAudit(db, { action: 'sign-in.refused' })
      expect(items[0]?.details).toMatchObject({ why: 'app-disabled' })
      expect((await findKeyBySecret(db, key.secret))?.id).toBe(key.id)
      expect(await logOf(app)).toEqual(['app'])
      expect((await listAudit(db, { action: 'app.disabled' })).items[0]).toMatchObject({
        reason: 'breach',
        details: { ended: 1 },
      })
    })

    it('that is enabled again takes new sessions; what ended stays ended', async () => {
      const { db } = database
      const app = await anApp(db)
      const { token, account } = await aSession(db, { app })
      await disableApp(db, app, null, SYSTEM)
      await enableApp(db, app, 'all clear', SYSTEM)
      expect(await verdictOf(db, token)).toBe('denied')
      expect(await verdictOf(db, (await aSession(db, { app, account })).token)).toBe('active')
      expect(await logOf(app)).toEqual(['app', 'app'])
      expect((await listAudit(db, { action: 'app.enabled' })).items[0]).toMatchObject({ reason: 'all clear' })
    })

    it('that is disabled already is left as it is, with no line in any log', async () => {
      const { db } = database
      const app = await anApp(db)
      await disableApp(db, app, 'first', SYSTEM)
      const { disabledAt } = (await findApp(db, app)) ?? {}
      expect(await disableApp(db, app, 'second', SYSTEM)).toMatchObject({ status: 'unchanged', app: { disabledAt } })
      expect(await logOf(app)).toEqual(['app'])
    })

    it('may go by what it remembers only when an owner says so, and the log says so too', async () => {
      const { db } = database
      const app = await anApp(db)
      expect(await findApp(db, app)).toMatchObject({ onUnavailable: 'deny' })
      const changed = await changeApp(db, app, { onUnavailable: 'allow-cached' }, await acting(db, await anOwner(db)))
      expect(changed).toMatchObject({ status: 'changed', app: { onUnavailable: 'allow-cached' }, ended: 0 })
      expect((await listAudit(db, { action: 'app.changed' })).items[0]?.details).toEqual({
        before: { onUnavailable: 'deny' },
        after: { onUnavailable: 'allow-cached' },
      })
      expect(await logOf(app)).toEqual(['app'])
    })

    it.each(['person', 'viewer', 'responder'] as const)(
      'S-35 is not changed by a %s, and the attempt is audited',
      async (role) => {
        const { db } = database
        const app = await anApp(db)
        const { token } = await aSession(db, { app })
        const by = await acting(db, await anAccount(db, { role }))
        expect(await disableApp(db, app, 'breach', by)).toEqual({ status: 'refused', why: 'not-allowed' })
        expect(await verdictOf(db, token)).toBe('active')
        const { items } = await listAudit(db, { action: 'app.disabled', result: 'refused' })
        expect(items[0]?.target?.id).toBe(app)
      },
    )

    it('S-32 that is Rollcall itself is never disabled', async () => {
      expect(await disableApp(database.db, BUILT_IN_APP, 'breach', SYSTEM)).toEqual({
        status: 'refused',
        why: 'built-in-app',
      })
      expect(await changeApp(database.db, BUILT_IN_APP, { onUnavailable: 'allow-cached' }, SYSTEM)).toMatchObject({
        status: 'refused',
      })
    })
  })

  eachPostgres((database) => {
    it('S-13 that is disabled while a sign-in is under way gets a session that is dead on arrival', async () => {
      const [one, other] = await database.twoConnections()
      const app = await anApp(one)
      const account = await anAccount(one)
      const started = await one.transaction(async (tx) => {
        const started = await startSession(tx, { account, appId: app, client: aClient(), method: 'password' })
        await disableApp(other, app, 'breach', SYSTEM)
        await enableApp(other, app, 'mistake', SYSTEM)
        return started
      })
      if (started.status !== 'started') throw new Error(started.why)
      expect(await verdictOf(other, started.token)).toBe('denied')
      await sweepSessions(other)
      const [row] = await other.select().from(sessions).where(eq(sessions.id, started.session.id))
      expect(row).toMatchObject({ endReason: 'app-disabled', endNote: 'breach' })
    })

    it('S-13 that wants a higher role from now on refuses a sign-in that had begun before', async () => {
      const [one, other] = await database.twoConnections()
      const app = await anApp(one)
      const account = await anAccount(one)
      const started = await one.transaction(async (tx) => {
        const started = await startSession(tx, { account, appId: app, client: aClient(), method: 'password' })
        await changeApp(other, app, { role: 'viewer' }, SYSTEM)
        return started
      })
      if (started.status !== 'started') throw new Error(started.why)
      expect(await verdictOf(other, started.token)).toBe('denied')
    })

    it('is given a name by one of two who want it at the same moment, and the other is told', async () => {
      const both = await database.twoConnections()
      const [first, second] = [await anApp(both[0]), await anApp(both[0])]
      const changed = await atTheSameTime(
        both,
        (tx) => changeApp(tx, first, { name: 'Wanted' }, SYSTEM),
        (db) => changeApp(db, second, { name: 'WANTED' }, SYSTEM),
      )
      expect(changed.map((answer) => answer?.status)).toEqual(['changed', 'exists'])
      const made = await atTheSameTime(
        both,
        (tx) => changeApp(tx, first, { name: 'Wanted too' }, SYSTEM),
        (db) => createApp(db, 'wanted too', SYSTEM),
      )
      expect(made.map((answer) => answer?.status)).toEqual(['changed', 'exists'])
    })

    it('has a key replaced at once by one of two who do, and the other is told that it is over', async () => {
      const both = await database.twoConnections()
      const { id } = await aKey(both[0], { app: await anApp(both[0]) })
      const answers = await atTheSameTime(
        both,
        (tx) => replaceKey(tx, id, 'now', SYSTEM),
        (db) => replaceKey(db, id, 'now', SYSTEM),
      )
      expect(answers.map((answer) => answer?.status)).toEqual(['replaced', 'refused'])
    })
  })
})
