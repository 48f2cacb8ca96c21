import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { updateAccount } from '../../../src/accounts/accounts.js'
import { blockAccount } from '../../../src/accounts/blocks/blocks.js'
import { acceptInvitation, renewInvitation } from '../../../src/accounts/passwords/invitations.js'
import { createPasswords } from '../../../src/accounts/passwords/passwords.js'
import { findRenewal, openRenewal, renewPassword } from '../../../src/accounts/passwords/renewPassword.js'
import { requireNewPassword } from '../../../src/accounts/passwords/requirePassword.js'
import type { Role } from '../../../src/accounts/types.js'
import { listAudit } from '../../../src/audit/list.js'
import { TERMINAL } from '../../../src/audit/types.js'
import { credentials, passwordRenewals } from '../../../src/db/schema.js'
import { countSessions } from '../../../src/sessions/lists/list.js'
import { useApp } from '../../support/app.js'
import { acting, anAccount, anOwner, aSession, type TestAccount } from '../../support/builders.js'
import { aClient } from '../../support/clients.js'
import { eachDatabase, eachPostgres } from '../../support/database.js'
import { aBrowserLikeClient, type BrowserLikeClient, type Visit } from '../../support/http.js'
import { quickPasswords } from '../../support/passwords.js'
import { said, signedIn, textOf } from '../admin/signedIn.js'
import { aKey, send } from '../api/client.js'
import { whileItWaits } from './interleave.js'

const PRESENT = 'seven purple bicycles'
const NEXT = 'eleven silent trombones'

eachDatabase((database) => {
  const app = useApp(database)
  const aPerson = (role: Role = 'person') => anAccount(database.db, { password: PRESENT, role })
  const browser = () => aBrowserLikeClient(app.url)
  const signIn = (client: BrowserLikeClient, { email }: TestAccount, password = PRESENT, more = {}) =>
    client.post('/sign-in', { email, password, ...more })
  const tokenIn = ({ body }: Visit) => /name="token" value="([^"]+)"/.exec(body)?.[1] ?? ''

  async function required() {
    const account = await aPerson()
    await requireNewPassword(database.db, account.id, 'leaked', TERMINAL)
    return account
  }

  describe('requiring a new password', () => {
    test('ends every session in the same act, and says so on the page, in the audit log and at the sign-in', async () => {
      const { db } = database
      const account = await aPerson()
      const theirs = browser()
      await signIn(theirs, account)
      await aSession(db, { account, on: 'Safari on iPhone' })
      const responder = await signedIn(db, app.url, await anAccount(db, { role: 'responder' }))
      const page = await responder.get(`/admin/accounts/${account.id}`)
      expect(page.body).toContain(`href="/admin/accounts/${account.id}/require-new-password"`)
      const path = `/admin/accounts/${account.id}/require-new-password`
      expect(textOf((await responder.get(path)).body)).toContain('Ends 2 sessions now, in every app.')
      const empty = await responder.post(path, { reason: ' ' })
      expect([empty.status, empty.body]).toEqual([422, expect.stringContaining('Say why')])
      expect(await countSessions(db, { account: account.id })).toBe(2)

      const done = await responder.post(path, { reason: 'leaked' })
      expect(done).toMatchObject({ status: 303, location: `/admin/accounts/${account.id}` })
      expect(await said(responder, `/admin/accounts/${account.id}`)).toMatch(
        /has to choose a new password 2 sessions ended\. Their present password leads to that choice alone\./,
      )
      expect(textOf((await responder.get(`/admin/accounts/${account.id}`)).body)).toContain('New password required')
      expect(await countSessions(db, { account: account.id })).toBe(0)
      const [event] = (await listAudit(db, { account: account.id, action: 'account.password-required' })).items
      expect(event).toMatchObject({ result: 'done', reason: 'leaked', details: { ended: 2 } })
      const sent = await theirs.follow(await theirs.get('/account'))
      expect(textOf(sent.body)).toContain('you will be asked to choose a new password')
    })

    test('S-25 a choice that was begun with the old password is void once another one was set', async () => {
      const { db } = database
      const account = await required()
      const thief = tokenIn(await signIn(browser(), account))
      expect(await findRenewal(db, thief)).toBeDefined()
      const invited = await renewInvitation(db, account.id, TERMINAL)
      const link = invited?.status === 'invited' ? invited.token : expect.fail(invited?.status)
      const accepted = await acceptInvitation(db, link, NEXT, aClient(), createPasswords())
      expect(accepted.status).toBe('accepted')
      expect(await findRenewal(db, thief)).toBeUndefined()
    })

    test('of somebody without a password is refused in words, in the panel and over the API', async () => {
      const { account } = await aSession(database.db)
      const responder = await signedIn(database.db, app.url, await anAccount(database.db, { role: 'responder' }))
      const path = `/admin/accounts/${account.id}/require-new-password`
      expect((await responder.get(`/admin/accounts/${account.id}`)).body).not.toContain(path)
      expect(textOf((await responder.get(path)).body)).toContain('The account has no password here')
      const posted = await responder.post(path, { reason: 'leaked' })
      expect([posted.status, textOf(posted.body)]).toEqual([422, expect.stringContaining('has no password here')])
      const { secret: key } = await aKey(database.db, { scopes: ['blocks:write'] })
      const api = await send(app.url, 'POST', `/accounts/${account.id}/require-new-password`, {
        key,
        body: { reason: 'leaked' },
      })
      expect(api.status).toBe(409)
      expect(await countSessions(database.db, { account: account.id })).toBe(1)
      const events = (await listAudit(database.db, { account: account.id, action: 'account.password-required' })).items
      expect(events.map(({ result }) => result)).toEqual(['refused', 'refused'])
    })

    test('S-35 S-38 a responder can’t of an owner, nobody of themselves, an app’s key not of who has a role', async () => {
      const { db } = database
      const owner = await anOwner(db)
      const responder = await anAccount(db, { role: 'responder', password: PRESENT })
      const by = await acting(db, responder)
      expect(await requireNewPassword(db, owner.id, 'x', by)).toEqual({ status: 'refused', why: 'not-allowed' })
      expect(await requireNewPassword(db, responder.id, 'x', by)).toEqual({ status: 'refused', why: 'self' })
      const { secret: key } = await aKey(db, { scopes: ['blocks:write'] })
      const body = { reason: 'x' }
      const path = `/accounts/${responder.id}/require-new-password`
      expect((await send(app.url, 'POST', path, { key, body })).status).toBe(403)
      expect(await countSessions(db, { account: responder.id })).toBe(1)
      const { secret: admin } = await aKey(db)
      expect(await send(app.url, 'POST', path, { key: admin, body })).toMatchObject({ status: 200, json: { ended: 1 } })
    })
  })

  describe('the next sign-in', () => {
    test('leads to the choice of another password, and only that to a session', async () => {
      const account = await required()
      const client = browser()
      const asked = await signIn(client, account, PRESENT, { return_to: '/account/security' })
      expect([asked.status, textOf(asked.body)]).toEqual([200, expect.stringContaining('Choose a new password')])
      expect(client.cookies.get('rollcall')).toBeUndefined()
      expect(client.cookies.get('rollcall-device')).toBeUndefined()
      expect((await client.get('/account')).location).toMatch(/^\/sign-in/)
      expect(await countSessions(database.db, { account: account.id, state: 'all' })).toBe(0)

      const set = await client.post('/new-password', {
        token: tokenIn(asked),
        password: NEXT,
        return_to: '/account/security',
      })
      expect(set).toMatchObject({ status: 303, location: '/account/security' })
      expect((await client.get('/account/security')).body).toContain('because an administrator asked for a new one')
      expect(await countSessions(database.db, { account: account.id })).toBe(1)
      expect((await signIn(browser(), account, NEXT)).status).toBe(303)
      expect((await signIn(browser(), account)).status).toBe(401)
    })

    test('S-21 answers a wrong password exactly as always', async () => {
      const [one, two] = [await required(), await aPerson()]
      const [wanted, usual] = [await signIn(browser(), one, 'wrong'), await signIn(browser(), two, 'wrong')]
      const told = ({ status, body }: Visit, { email }: TestAccount) => [
        status,
        textOf(body).replaceAll(email, 'E-MAIL'),
      ]
      expect(told(wanted, one)).toEqual(told(usual, two))
    })

    test('the old one can’t be kept, nor by a link; a weak one is refused with words', async () => {
      const account = await required()
      const client = browser()
      const token = tokenIn(await signIn(client, account))
      for (const [password, words] of [
        [PRESENT, 'The new password is the present one'],
        ['short', 'it needs at least 12'],
      ] as const) {
        const answer = await client.post('/new-password', { token, password })
        expect([answer.status, textOf(answer.body)]).toEqual([422, expect.stringContaining(words)])
        expect(tokenIn(answer)).toBe(token)
      }
      const link = await renewInvitation(database.db, account.id, TERMINAL)
      const kept = await client.post('/invitation', {
        token: link?.status === 'invited' ? link.token : '',
        password: PRESENT,
      })
      expect([kept.status, textOf(kept.body)]).toEqual([422, expect.stringContaining('is the present one')])
      expect(await countSessions(database.db, { account: account.id, state: 'all' })).toBe(0)
    })

    test('half-way, a token works once, for 15 minutes, and not after another change', async () => {
      const { db } = database
      const late = await required()
      const client = browser()
      const token = tokenIn(await signIn(client, late))
      await db.update(passwordRenewals).set({ expiresAt: sql`now() - interval '1 second'` })
      const over = await client.post('/new-password', { token, password: NEXT })
      expect([over.status, textOf(over.body)]).toEqual([410, expect.stringContaining('Sign in once more')])

      const again = tokenIn(await signIn(client, late))
      expect((await client.post('/new-password', { token, password: NEXT })).status).toBe(410)
      expect((await client.post('/new-password', { token: again, password: NEXT })).status).toBe(303)
      expect((await browser().post('/new-password', { token: again, password: `${NEXT} 2` })).status).toBe(410)

      const moved = await required()
      const stale = tokenIn(await signIn(client, moved))
      await updateAccount(db, moved.id, { email: `new.${moved.id}@example.com` }, TERMINAL)
      expect((await client.post('/new-password', { token: stale, password: NEXT })).status).toBe(410)
      for (const made of ['', 'x', 'A'.repeat(43)])
        expect((await client.post('/new-password', { token: made, password: NEXT })).status).toBe(410)
    })

    test('of somebody who is blocked says that they are, and a block that comes half-way lets nobody in', async () => {
      const { db } = database
      const account = await required()
      const client = browser()
      const token = tokenIn(await signIn(client, account))
      await blockAccount(db, account.id, { reason: 'stolen' }, TERMINAL)
      const asked = await signIn(browser(), account)
      expect([asked.status, tokenIn(asked)]).toEqual([403, ''])
      const set = await client.post('/new-password', { token, password: NEXT })
      expect([set.status, textOf(set.body)]).toEqual([403, expect.stringContaining('This account is blocked')])
      expect(client.cookies.get('rollcall')).toBeUndefined()
      expect(await countSessions(db, { account: account.id, state: 'all' })).toBe(0)
    })
  })
})

eachPostgres((database) => {
  test('S-74 a choice that is opened anew while one is being used waits for nothing that waits for it', async () => {
    const nodes = await database.twoConnections()
    const { id } = await anAccount(database.db, { password: PRESENT })
    await requireNewPassword(database.db, id, 'leaked', TERMINAL)
    const [{ passwordHash } = expect.fail('no password')] = await database.db
      .select()
      .from(credentials)
      .where(eq(credentials.accountId, id))
    const token = (await openRenewal(database.db, id, passwordHash)) ?? expect.fail('not opened')
    const used = await whileItWaits(
      nodes,
      (tx) => tx.execute(sql`select 1 from credentials where account_id = ${id} for update`),
      (db) => renewPassword(db, token, NEXT, aClient(), quickPasswords()),
      async (tx) => {
        await tx.execute(sql`select 1 from password_renewals where account_id = ${id} for no key update nowait`)
        expect(await openRenewal(tx, id, passwordHash)).toBeDefined()
      },
    )
    expect(used).toEqual({ status: 'void' })
  })
})
