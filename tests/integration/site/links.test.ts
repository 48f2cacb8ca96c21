import { eq, sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { updateAccount } from '../../../src/accounts/accounts.js'
import { blockAccount, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { inviteAccount, renewInvitation } from '../../../src/accounts/passwords/invitations.js'
import { openRenewal } from '../../../src/accounts/passwords/renewPassword.js'
import { ensureSetupLink } from '../../../src/accounts/passwords/setup.js'
import { SYSTEM, TERMINAL } from '../../../src/audit/types.js'
import { rowsOf } from '../../../src/db/connect.js'
import { credentials, sessions } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient } from '../../support/http.js'
import { whileRefusing } from '../../support/refusing.js'

const PASSWORD = 'seven purple bicycles'
const owner = (token: string) => ({ token, name: 'Olga Owner', email: 'olga@example.com', password: PASSWORD })

eachDatabase((database) => {
  const app = useApp(database)
  const browser = () => aBrowserLikeClient(app.url)

  describe('S-24 the link for the first owner', () => {
    const freshLink = async () => {
      await database.db.execute(sql`update accounts set role = 'person', email = id::text, email_key = id::text`)
      return (await ensureSetupLink(database.db))?.token ?? expect.fail('no link')
    }
    const owners = async () =>
      rowsOf(await database.db.execute(sql`select 1 from accounts where role = 'owner'`)).length

    test('S-24 is printed once at the start, and makes the owner, signed in', async () => {
      const client = browser()
      const token = app.setupToken ?? expect.fail('no link was made')
      expect((await client.get(`/setup?token=${token}`)).status).toBe(200)
      const done = await client.post('/setup', owner(token))
      expect(done.location).toBe('/admin')
      expect((await client.get('/account')).body).toContain('olga@example.com')
      expect(await owners()).toBe(1)
    })

    test('S-24 is not used up by opening it, nor by a form that is refused', async () => {
      const token = await freshLink()
      for (let opened = 0; opened < 3; opened += 1)
        expect((await browser().get(`/setup?token=${token}`)).status).toBe(200)
      const weak = await browser().post('/setup', { ...owner(token), password: 'short' })
      expect([weak.status, weak.body]).toEqual([422, expect.stringContaining('at least 12')])
      const nameless = await browser().post('/setup', { ...owner(token), name: ' ' })
      expect([nameless.status, nameless.body]).toEqual([422, expect.stringContaining('aria-invalid="true"')])
      expect((await browser().post('/setup', owner(token))).status).toBe(303)
    })

    test('S-24 one that a later start has replaced says where the good one is', async () => {
      const [older, token] = [await freshLink(), await freshLink()]
      const answer = await browser().get(`/setup?token=${older}`)
      expect([answer.status, answer.body]).toEqual([410, expect.stringContaining('the process that started last')])
      expect((await browser().get(`/setup?token=${token}`)).status).toBe(200)
    })

    test('S-24 works once', async () => {
      const token = await freshLink()
      expect((await browser().post('/setup', owner(token))).status).toBe(303)
      const again = await browser().post('/setup', { ...owner(token), email: 'eve@example.com' })
      expect([again.status, again.body]).toEqual([410, expect.stringContaining('Rollcall is set up already')])
      expect((await browser().get(`/setup?token=${token}`)).status).toBe(410)
      expect(await owners()).toBe(1)
    })

    test('S-24 S-74 says that it is used up where the database fails after that', async () => {
      const token = await freshLink()
      const answer = await whileRefusing(database.db, sessions, () => browser().post('/setup', owner(token)))
      expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('the link is used up. Sign in')])
      expect(answer.body).not.toContain('Nothing was changed')
      const { email, password } = owner(token)
      expect((await browser().post('/sign-in', { email, password })).location).toBe('/admin')
    })

    test('S-24 two at once: one wins', async () => {
      const token = await freshLink()
      const answers = await Promise.all(
        ['one', 'two', 'three'].map((name) =>
          browser().post('/setup', { ...owner(token), email: `${name}@example.com` }),
        ),
      )
      expect(answers.map((answer) => answer.status).sort()).toEqual([303, 410, 410])
      expect(await owners()).toBe(1)
    })

    test('S-24 a wrong one, an old one, none: the page says what to do', async () => {
      const token = await freshLink()
      for (const wrong of ['', 'x', `${token}x`, token.toLowerCase(), 'A'.repeat(43)]) {
        const page = await browser().get(`/setup?token=${encodeURIComponent(wrong)}`)
        expect([page.status, page.body]).toEqual([410, expect.stringContaining('Restart Rollcall')])
        expect((await browser().post('/setup', owner(wrong))).status).toBe(410)
      }
      await database.db.execute(sql`update setup_links set expires_at = now() - interval '1 second'`)
      expect((await browser().get(`/setup?token=${token}`)).status).toBe(410)
      expect((await browser().post('/setup', owner(token))).status).toBe(410)
      expect(await owners()).toBe(0)
    })

    test('S-24 while there is an owner, none is made and none works', async () => {
      const token = await freshLink()
      await anOwner(database.db)
      expect(await ensureSetupLink(database.db)).toBeUndefined()
      expect((await browser().post('/setup', owner(token))).status).toBe(410)
    })
  })

  describe('S-25 the link of an invitation', () => {
    let count = 0
    const invite = async () => {
      count += 1
      const wanted = { email: `noor${count}@example.com`, name: 'Noor Newcomer', role: 'person' as const }
      const invited = await inviteAccount(database.db, wanted, TERMINAL)
      return invited.status === 'invited' ? invited : expect.fail(invited.status)
    }
    const open = (token: string) => browser().get(`/invitation?token=${token}`)
    const accept = (token: string, client = browser()) => client.post('/invitation', { token, password: PASSWORD })

    test('S-25 shows for whom it is, and is not used up by a mail scanner that opens it', async () => {
      const { token, account } = await invite()
      for (let opened = 0; opened < 3; opened += 1) {
        const page = await open(token)
        expect(page.status).toBe(200)
        expect(page.body).toContain('Noor Newcomer')
        expect(page.body).toContain(account.email)
      }
      const client = browser()
      expect((await accept(token, client)).location).toBe('/account/sessions')
      expect((await client.get('/account')).body).toContain(account.email)
    })

    test('S-13 S-25 from a blocked network it says so in words, and is not used up', async () => {
      const { token } = await invite()
      const networks = ['127.0.0.1', '::1']
      const blocks = await Promise.all(
        networks.map(async (network) => {
          const blocked = await blockNetwork(database.db, { network, reason: 'attack' }, SYSTEM)
          return blocked.status === 'blocked' ? blocked.block.id : expect.fail(blocked.why)
        }),
      )
      const answer = await accept(token)
      expect([answer.status, answer.body]).toEqual([
        403,
        expect.stringContaining('the link works from another network'),
      ])
      for (const id of blocks) await liftBlock(database.db, id, null, SYSTEM)
      expect((await accept(token)).location).toBe('/account/sessions')
    })

    test('S-25 works once, and the password is the person’s', async () => {
      const { token, account } = await invite()
      await accept(token)
      const again = await accept(token)
      expect([again.status, again.body]).toEqual([410, expect.stringContaining('Ask an administrator for a new link')])
      expect((await open(token)).status).toBe(410)
      const answer = await browser().post('/sign-in', { email: account.email ?? '', password: PASSWORD })
      expect(answer.location).toBe('/account/sessions')
    })

    test('S-25 S-74 says that it is used up where the database fails after that, and that nothing was changed before', async () => {
      const { token, account } = await invite()
      const early = await whileRefusing(database.db, credentials, () => accept(token))
      expect([early.status, early.body]).toEqual([503, expect.stringContaining('Nothing was changed')])
      const late = await whileRefusing(database.db, sessions, () => accept(token))
      expect([late.status, late.body]).toEqual([503, expect.stringContaining('the link is used up. Sign in')])
      expect(late.body).not.toContain('Nothing was changed')
      const answer = await browser().post('/sign-in', { email: account.email ?? '', password: PASSWORD })
      expect(answer.location).toBe('/account/sessions')
    })

    test('S-25 two at once: one wins', async () => {
      const { token } = await invite()
      const answers = await Promise.all([accept(token), accept(token)])
      expect(answers.map((answer) => answer.status).sort()).toEqual([303, 410])
    })

    test('S-25 is refused when old, replaced, of another address, or after a change of password', async () => {
      const old = await invite()
      await database.db.execute(
        sql`update invitations set expires_at = now() - interval '1 second' where account_id = ${old.account.id}`,
      )
      const replaced = await invite()
      await renewInvitation(database.db, replaced.account.id, TERMINAL)
      const moved = await invite()
      await updateAccount(database.db, moved.account.id, { email: `moved${count}@example.com` }, TERMINAL)
      for (const { token } of [old, replaced, moved]) {
        expect((await open(token)).status).toBe(410)
        expect((await accept(token)).status).toBe(410)
      }
    })

    test('S-25 a weak password is refused beside the field, and the link stays good', async () => {
      const { token } = await invite()
      const weak = await browser().post('/invitation', { token, password: 'noor newcomer' })
      expect([weak.status, weak.body]).toEqual([422, expect.stringContaining('aria-invalid="true"')])
      expect((await accept(token)).status).toBe(303)
    })

    test('S-25 one for a new password ends what was open', async () => {
      const account = await anAccount(database.db, { password: 'the old forgotten one' })
      const { session } = await aSession(database.db, { account })
      const link = await renewInvitation(database.db, account.id, TERMINAL)
      if (link?.status !== 'invited') return expect.fail('no link')
      expect((await open(link.token)).body).toContain('Choose a new password')
      expect((await accept(link.token)).status).toBe(303)
      expect((await findSession(database.db, session.id))?.end?.reason).toBe('password-changed')
    })

    test('S-25 lifts no block: the password is set, nobody is let in', async () => {
      const { token, account } = await invite()
      await blockAccount(database.db, account.id, { reason: 'test' }, SYSTEM)
      const client = browser()
      const answer = await accept(token, client)
      expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('This account is blocked')])
      expect(client.cookies.has('rollcall')).toBe(false)
    })

    test('S-74 a new password that had to be chosen is said to be set where the database fails after that', async () => {
      const account = await anAccount(database.db, { password: 'the old forgotten one' })
      const [before] = await database.db
        .update(credentials)
        .set({ newRequiredAt: sql`now()` })
        .where(eq(credentials.accountId, account.id))
        .returning()
      const token = (await openRenewal(database.db, account.id, before?.passwordHash ?? '')) ?? expect.fail('none')
      const answer = await whileRefusing(database.db, sessions, () =>
        browser().post('/new-password', { token, password: PASSWORD }),
      )
      expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('Your new password is set. Sign in')])
      const { location } = await browser().post('/sign-in', { email: account.email, password: PASSWORD })
      expect(location).toBe('/account/sessions')
    })

    test('S-25 is stored as a hash alone, and logged nowhere', async () => {
      const { token } = await invite()
      await accept(token)
      const dump = JSON.stringify(rowsOf(await database.db.execute(sql`select * from invitations, audit_events`)))
      expect(dump).not.toContain(token)
      expect(app.log()).not.toContain(token)
    })
  })
})
