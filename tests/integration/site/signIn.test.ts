import { eq, sql } from 'drizzle-orm'
import { describe, expect, test, vi } from 'vitest'
import { blockAccount, liftBlock } from '../../../src/accounts/blocks/blocks.js'
import { blockNetwork } from '../../../src/accounts/blocks/networkBlocks.js'
import { SYSTEM } from '../../../src/audit/types.js'
import { knownDevices, sessions } from '../../../src/db/schema.js'
import { findSession } from '../../../src/sessions/read.js'
import { revokeSession } from '../../../src/sessions/revoke.js'
import { parseToken } from '../../../src/sessions/token.js'
import { useApp } from '../../support/app.js'
import { anAccount, anOwner, aSession, OWNER_PASSWORD } from '../../support/builders.js'
import { eachDatabase } from '../../support/database.js'
import { aBrowserLikeClient, type BrowserLikeClient, type Visit } from '../../support/http.js'
import { whileRefusing } from '../../support/refusing.js'

const PASSWORD = 'seven purple bicycles'

eachDatabase((database) => {
  const app = useApp(database)
  const browser = () => aBrowserLikeClient(app.url)
  const aPerson = () => anAccount(database.db, { password: PASSWORD })
  const signIn = (client: BrowserLikeClient, email: string, password = PASSWORD, more: Record<string, string> = {}) =>
    client.post('/sign-in', { email, password, ...more })
  const tokenOf = (client: BrowserLikeClient) => client.cookies.get('rollcall') ?? ''
  const idOf = (token: string) => parseToken(token)?.id ?? expect.fail('no session token')

  test('a person lands on their devices, an administrator on the overview', async () => {
    const person = await aPerson()
    const owner = await anOwner(database.db)
    expect((await signIn(browser(), person.email)).location).toBe('/account/sessions')
    expect((await signIn(browser(), owner.email, OWNER_PASSWORD)).location).toBe('/admin')
  })

  test('who is signed in is not asked again', async () => {
    const person = await aPerson()
    const client = browser()
    await signIn(client, person.email)
    expect((await client.get('/sign-in')).location).toBe('/account/sessions')
    expect((await client.get('/sign-in?return_to=%2Faccount%2Fsecurity')).location).toBe('/account/security')
    expect((await client.get('/')).location).toBe('/account/sessions')
  })

  test('one goes on to where one wanted to be', async () => {
    const person = await aPerson()
    const client = browser()
    const refused = await client.get('/account/sessions?after=abc')
    expect(refused.location).toBe('/sign-in?return_to=%2Faccount%2Fsessions%3Fafter%3Dabc')
    const page = await client.follow(refused)
    expect(page.body).toContain('<input type="hidden" name="return_to" value="/account/sessions?after=abc"/>')
    const entered = await signIn(client, person.email, PASSWORD, { return_to: '/account/sessions?after=abc' })
    expect(entered.location).toBe('/account/sessions?after=abc')
  })

  test('S-74 where the database fails before the browser is remembered, nobody is signed in, as the page says', async () => {
    const person = await aPerson()
    const client = browser()
    const answer = await whileRefusing(database.db, knownDevices, () => signIn(client, person.email))
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('Nothing was changed')])
    expect(tokenOf(client)).toBe('')
    expect(await database.db.select().from(sessions).where(eq(sessions.accountId, person.id))).toEqual([])
    expect((await signIn(client, person.email)).location).toBe('/account/sessions')
  })

  describe('refusals', () => {
    test('a field that is left empty is named beside the field', async () => {
      const none = await signIn(browser(), ' ')
      expect([none.status, none.body]).toEqual([422, expect.stringContaining('Enter your e-mail address.')])
      const noPassword = await signIn(browser(), 'ada@example.com', '')
      expect([noPassword.status, noPassword.body]).toEqual([422, expect.stringContaining('Enter your password.')])
    })

    test('a blocked account is told so after the right password, with the words for the person and no more', async () => {
      const person = await aPerson()
      await blockAccount(database.db, person.id, { reason: 'stolen laptop', message: 'Call 555 0100.' }, SYSTEM)
      const client = browser()
      const blocked = await signIn(client, person.email)
      expect(blocked.status).toBe(403)
      expect(blocked.body).toContain('This account is blocked')
      expect(blocked.body).toContain('Call 555 0100.')
      expect(blocked.body).not.toContain('stolen laptop')
      expect(tokenOf(client)).toBe('')
    })

    test('too many tries are told when to come again', async () => {
      const person = await aPerson()
      const client = browser()
      let last: Visit | undefined
      for (let tries = 0; tries < 40 && last?.status !== 429; tries += 1)
        last = await signIn(client, person.email, 'no')
      expect(last?.status).toBe(429)
      expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(last?.body).toMatch(/Try again in \d+ (second|minute)s?/)
    })

    test('S-13 a block that commits between the check and the session lets nobody in', async () => {
      const person = await aPerson()
      const client = browser()
      await signIn(client, person.email)
      const before = tokenOf(client)
      // The session that the browser brings along is looked up right before the new one starts.
      const verify = app.services.verifier.verify
      const spy = vi.spyOn(app.services.verifier, 'verify').mockImplementation(async (...args) => {
        const verdict = await verify(...args)
        await blockAccount(database.db, person.id, { reason: 'meanwhile' }, SYSTEM)
        return verdict
      })
      const late = await signIn(client, person.email).finally(() => spy.mockRestore())
      expect(late.status).toBe(403)
      expect(late.body).toContain('This account is blocked')
      expect(tokenOf(client)).toBe(before)
      expect((await client.get('/account')).location).toBe('/sign-in?return_to=%2Faccount')
    })
  })

  describe('S-21 nothing tells who has an account', () => {
    test('S-13 S-21 a network that is blocked after the password was checked hears what a wrong one hears', async () => {
      const person = await aPerson()
      const client = browser()
      await signIn(client, person.email)
      const plain = ({ status, body }: Visit) => [status, body.replaceAll(/nonce="[^"]+"/g, 'nonce')]
      const wrong = await signIn(client, person.email, 'wrong password here')
      const blocks: Parameters<typeof liftBlock>[1][] = []
      const verify = app.services.verifier.verify
      const spy = vi.spyOn(app.services.verifier, 'verify').mockImplementation(async (...args) => {
        const verdict = await verify(...args)
        for (const network of ['127.0.0.1', '::1']) {
          const blocked = await blockNetwork(database.db, { network, reason: 'attack', endSessions: false }, SYSTEM)
          if (blocked.status === 'blocked') blocks.push(blocked.block.id)
        }
        return verdict
      })
      const late = await signIn(client, person.email).finally(() => spy.mockRestore())
      for (const id of blocks) await liftBlock(database.db, id, null, SYSTEM)
      expect(blocks).toHaveLength(2)
      expect(plain(late)).toEqual(plain(wrong))
    })

    test('S-21 unknown, wrong, blocked and without a password: same status, same page, same work', async () => {
      const person = await aPerson()
      const blocked = await aPerson()
      await blockAccount(database.db, blocked.id, { reason: 'test' }, SYSTEM)
      const invited = await anAccount(database.db)
      const verify = vi.spyOn(app.services.passwords, 'verify')
      const answers: { status: number; body: string; headers: string[]; verified: number }[] = []
      for (const email of [person.email, blocked.email, invited.email, 'nobody@example.com', 'not an address']) {
        verify.mockClear()
        const { status, body, headers } = await signIn(browser(), email, 'wrong password here')
        answers.push({
          status,
          body: body.replaceAll(email, 'EMAIL').replaceAll(/nonce="[^"]+"/g, 'nonce'),
          headers: [...headers.keys()],
          verified: verify.mock.calls.length,
        })
      }
      verify.mockRestore()
      expect(answers[0]).toMatchObject({ status: 401, verified: 1 })
      expect(answers[0]?.body).toContain('The e-mail address or the password is not right.')
      for (const answer of answers) expect(answer).toEqual(answers[0])
    })
  })

  describe('S-03 a token that the browser brought is never adopted', () => {
    test('S-03 one that an attacker planted gives way to a new one', async () => {
      const person = await aPerson()
      const planted = await aSession(database.db)
      const client = browser()
      client.cookies.set('rollcall', planted.token)
      await signIn(client, person.email)
      expect(tokenOf(client)).toMatch(/^rcs_/)
      expect(tokenOf(client)).not.toBe(planted.token)
      const page = await client.get('/account')
      expect(page.body).toContain(person.email)
    })

    test('S-03 signing in again ends the session before, and its token is dead', async () => {
      const person = await aPerson()
      const client = browser()
      await signIn(client, person.email)
      const first = tokenOf(client)
      await signIn(client, person.email)
      expect(tokenOf(client)).not.toBe(first)
      expect((await findSession(database.db, idOf(first)))?.end?.reason).toBe('replaced')
      client.cookies.set('rollcall', first)
      expect((await client.get('/account')).status).toBe(303)
    })

    test('S-03 the session of another account that the browser brought ends too', async () => {
      const [one, other] = [await aPerson(), await aPerson()]
      const client = browser()
      await signIn(client, one.email)
      const first = tokenOf(client)
      await signIn(client, other.email)
      expect((await findSession(database.db, idOf(first)))?.state).toBe('ended')
      expect((await client.get('/account')).body).toContain(other.email)
    })

    test('S-03 a refused sign-in leaves the present session as it is', async () => {
      const person = await aPerson()
      const client = browser()
      await signIn(client, person.email)
      const token = tokenOf(client)
      await signIn(client, person.email, 'wrong')
      expect(tokenOf(client)).toBe(token)
      expect((await client.get('/account')).status).toBe(200)
    })
  })

  describe('the sign-in page says why one landed there', () => {
    const landing = async (token: string) => {
      const client = browser()
      client.cookies.set('rollcall', token)
      return client.follow(await client.get('/account/sessions'))
    }

    test('signed out by an administrator, without the reason that they wrote', async () => {
      const { session, token } = await aSession(database.db)
      await revokeSession(database.db, session.id, SYSTEM, 'suspected theft')
      const page = await landing(token)
      expect(page.body).toContain('You were signed out by an administrator.')
      expect(page.body).toContain('Sign in again to go back to where you were.')
      expect(page.body).not.toContain('suspected theft')
    })

    test('blocked: the same words, until the password was right', async () => {
      const { account, token } = await aSession(database.db)
      await blockAccount(database.db, account.id, { reason: 'x', message: 'Ask Bob.' }, SYSTEM)
      const page = await landing(token)
      expect(page.body).toContain('You were signed out by an administrator.')
      expect(page.body).not.toMatch(/is blocked|Ask Bob/)
    })

    test('away for too long', async () => {
      const { token } = await aSession(database.db, { idleFor: '25 hours' })
      expect((await landing(token)).body).toContain('You were signed out because you were away for a while.')
    })

    test('signed in for as long as is allowed', async () => {
      const { token } = await aSession(database.db, { signedInFor: '31 days' })
      expect((await landing(token)).body).toContain('because you had been signed in for long enough')
    })

    test.each([
      ['password-changed', 'because your password was changed'],
      ['role-changed', 'because your role was changed'],
      ['limit', 'because you are signed in on too many devices'],
      ['signed-out-elsewhere', 'You signed this device out from another one'],
      ['network-blocked', 'by an administrator'],
      ['replaced', 'This browser was signed in anew'],
    ] as const)('%s', async (endReason, words) => {
      const { session, token } = await aSession(database.db)
      await database.db.update(sessions).set({ endedAt: sql`now()`, endReason }).where(eq(sessions.id, session.id))
      expect((await landing(token)).body).toContain(words)
    })

    test('only to who holds the whole token: a made-up one with a real id hears nothing', async () => {
      const { session, token } = await aSession(database.db)
      await revokeSession(database.db, session.id, SYSTEM, null)
      const forged = token.slice(0, -4) + (token.endsWith('AAAA') ? 'BBBB' : 'AAAA')
      expect((await landing(forged)).body).not.toContain('You were signed out')
    })

    test('never by the URL', async () => {
      const page = await browser().get('/sign-in?reason=revoked&error=Call+0900&return_to=%2Faccount')
      expect(page.body).not.toMatch(/signed out|0900/)
    })
  })

  test('before there is an owner it says how to make one', async () => {
    await database.db.execute(sql`update accounts set role = 'person'`)
    expect((await browser().get('/sign-in')).body).toContain('Rollcall is not set up yet.')
    await anOwner(database.db)
    expect((await browser().get('/sign-in')).body).not.toContain('Rollcall is not set up yet.')
  })
})
